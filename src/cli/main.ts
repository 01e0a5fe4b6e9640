/** The command `striate`: what there is to type. Each command is a file of its own. */
import { Command, CommanderError, Option } from "commander";
import { normalization, positive, shape, share, size, wholeFrom } from "./arguments.ts";
import { bench } from "./bench.ts";
import { convert } from "./convert.ts";
import { inspect } from "./inspect.ts";
import { complain, tolerateClosedPipes } from "./output.ts";
import { PEERS } from "./peers.ts";
import { run } from "./run.ts";
import { DEFAULTS, train } from "./train.ts";
import { isExpected, Misuse } from "./trouble.ts";

/** scripts/build.mjs sets it to the package's. */
declare const STRIATE_VERSION: string;

const FAILURE = 1;
const USAGE = 2;

const SHAPE = [
  "--input-shape <sizes>",
  "shape of a sample where the file leaves sizes open, as in 224,224,3",
  shape,
] as const;
const SCALE = [
  "--normalize <scale>",
  "scale of the pixels: [0,1], [-1,1], [0,255], imagenet or MEAN/STD",
  normalization,
] as const;
const JSON_OUTPUT = ["--json", "print JSON"] as const;

const program = new Command("striate")
  .description("Convolutional networks in WebAssembly: look into them, convert, run, time and train them.")
  .version(STRIATE_VERSION, "-V, --version", "print the version")
  .helpOption("-h, --help", "print this help")
  .helpCommand("help [command]", "print the help of a command")
  .configureOutput({ outputError: (text, write) => write(oneLine(text)) })
  .showHelpAfterError(false)
  .exitOverride()
  .addHelpText(
    "after",
    examples("striate inspect mobilenet/model.json", "striate run model.onnx cat.jpg --labels labels.txt"),
  )
  .addHelpText(
    "after",
    "\nFiles: model.json of TensorFlow.js with its weights beside it, .onnx, .safetensors of striate.",
  );

program
  .command("inspect")
  .description("Tell what is in a model: layers, operators, parameters, memory, and what striate does not have.")
  .argument("<file>", "a model, or a folder with a model.json")
  .option(...SHAPE)
  .option("--batch-size <n>", "samples that memory is told for", wholeFrom(1), 1)
  .option(...JSON_OUTPUT)
  .addHelpText(
    "after",
    examples("striate inspect model.onnx", "striate inspect esrgan/model.json --input-shape 64,64,3 --json"),
  )
  .action(inspect);

program
  .command("convert")
  .description("Write a model as one of striate: a safetensors file that loadModel reads.")
  .argument("<in>", "a model, or a folder with a model.json")
  .argument("<out>", "the file to write, *.safetensors")
  .option(...SHAPE)
  .addHelpText("after", examples("striate convert mobilenet/model.json mobilenet.safetensors"))
  .action(convert);

program
  .command("run")
  .description("Show pictures to a network: the likeliest classes, or the picture it makes of one.")
  .argument("<model>", "a model, or a folder with a model.json")
  .argument("<picture...>", "PNG or JPEG files")
  .option("--labels <file>", "names of the classes: one a line, or JSON (default: what striate train wrote)")
  .option("--top <n>", "classes to name", wholeFrom(1), 5)
  .option(...SCALE)
  .option("--size <pixels>", "HEIGHTxWIDTH, where the file leaves it open (default: that of the picture)", size)
  .option("--crop", "cut the middle out instead of squeezing the picture")
  .option("--bgr", "blue comes first, as for networks trained with OpenCV")
  .option("--softmax", "make probabilities of scores")
  .option("--out <file>", "write the picture that the network makes, as PNG")
  .option(...JSON_OUTPUT)
  .addHelpText(
    "after",
    examples(
      "striate run mobilenet/model.json cat.jpg dog.jpg --labels imagenet.txt --normalize [-1,1]",
      "striate run esrgan/model.json small.png --normalize [0,255] --out large.png",
    ),
  )
  .action(run);

program
  .command("bench")
  .description(
    "Time predictions, alone or in turns with TensorFlow.js (WebAssembly) or ONNX Runtime Web, on one thread.",
  )
  .argument("<model>", "a model, or a folder with a model.json")
  .addOption(
    new Option("--against <library>", "tfjs for a model.json, ort for an .onnx; of your project").choices(PEERS),
  )
  .option("--runs <n>", "measured runs of each", wholeFrom(1), 20)
  .option("--batch-size <n>", "samples at once", wholeFrom(1), 1)
  .option(...SHAPE)
  .option("--deterministic", "use the kernels that give the same bits everywhere")
  .option(...JSON_OUTPUT)
  .addHelpText("after", examples("striate bench model.onnx --against ort --runs 50"))
  .action(bench);

program
  .command("train")
  .description(
    "Train a network on pictures. Ctrl-C saves; --resume goes on to the same weights as if it had never stopped.",
  )
  .argument("<model>", "a model whose outputs are the classes, or JSON with inputShape and layers")
  .argument("<data>", "a folder with a folder of pictures for each class, or with IDX files")
  .option("--epochs <n>", `times that every picture is seen (default: ${DEFAULTS.epochs})`, wholeFrom(1))
  .option("--batch-size <n>", `pictures for each step (default: ${DEFAULTS.batchSize})`, wholeFrom(1))
  .option("--learning-rate <rate>", `of Adam (default: ${DEFAULTS.learningRate})`, positive)
  .option("--validation-split <share>", `share kept to judge by (default: ${DEFAULTS.validationSplit})`, share)
  .option(...SCALE)
  .option("--seed <n>", `weights, order and dropout follow from it (default: ${DEFAULTS.seed})`, wholeFrom(0))
  .option("--out <file>", `the network (default: ${DEFAULTS.out}; with --resume the file itself)`)
  .option("--resume", "go on with a training that Ctrl-C stopped")
  .addHelpText(
    "after",
    examples("striate train network.json photos/ --epochs 20", "striate train model.safetensors photos/ --resume"),
  )
  .addHelpText(
    "after",
    '\nA description: { "inputShape": [32,32,3], "layers": [{ "conv2d": { "filters": 8, "kernelSize": 3, "activation": "relu" } },\n"flatten", { "dense": { "units": 2, "activation": "softmax" } }] }; names and options are those of layers.',
  )
  .action(async (...given: Parameters<typeof train>) => {
    process.exitCode = await train(...given);
  });

tolerateClosedPipes();
try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = exitCodeOf(error);
}

/** Complains, where commander has not done so yet. */
function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : USAGE;
  if (!isExpected(error)) console.error(error);
  else complain(error.message);
  return error instanceof Misuse ? USAGE : FAILURE;
}

/** "error: unknown option '--epoch'\n(Did you mean --epochs?)" -> "striate: unknown option ..." */
function oneLine(text: string): string {
  const line = text
    .trim()
    .replace(/^error: /, "striate: ")
    .replace(/\s*\n\s*/g, " ");
  return `${line}\n`;
}

function examples(...lines: string[]): string {
  return ["", "Examples:", ...lines.map((line) => `  ${line}`)].join("\n");
}
