/**
 * The digits program: trains a small convolutional network on MNIST and shows what it learned.
 *
 *     npm start                                       train, test, draw; writes out/
 *     npm start -- --resume                           go on after Ctrl-C
 *     npm start -- predict out/digits.safetensors picture.png
 *
 * data.ts reads the images, network.ts is the network, train.ts trains it, report.ts shows the result.
 */
import { Command, InvalidArgumentError } from "commander";
import { ArgumentError, FormatError, MemoryError, ShapeError, UnsupportedError } from "striate";
import { DEFAULTS } from "./checkpoint.ts";
import { predict } from "./predict.ts";
import { type TrainArguments, train } from "./train.ts";
import { Trouble } from "./trouble.ts";

const program = new Command("npm start --")
  .description("Train a convolutional network on handwritten digits, in WebAssembly.")
  .option("--data <set>", `mnist, fashion-mnist, or a folder of IDX files, plain or .gz (default: ${DEFAULTS.data})`)
  .option("--epochs <n>", `times that every image is seen (default: ${DEFAULTS.epochs})`, wholeFrom(0))
  .option("--batch-size <n>", `images for each step (default: ${DEFAULTS.batchSize})`, wholeFrom(1))
  .option("--seed <n>", `first weights, order and dropout follow from it (default: ${DEFAULTS.seed})`, wholeFrom(0))
  .option("--model <file>", "begin with the network of this file instead of a new one")
  .option("--out <folder>", "where network, checkpoint and pictures go (default: out)")
  .option("--resume [checkpoint]", "go on with a stopped training (default: the checkpoint in --out)")
  .action((options: TrainArguments) => run(() => train(options)));

program
  .command("predict <model> <picture>")
  .description("Say what a picture (PNG) shows, with a network that was trained before.")
  .action((model: string, picture: string) => run(() => predict(model, picture)));

// Errors take one line: "error: unknown option '--epoch'\n(Did you mean --epochs?)" becomes "digits: unknown ...".
const oneLine = (text: string) =>
  `${text
    .trim()
    .replace(/^error: /, "digits: ")
    .replace(/\s*\n\s*/g, " ")}\n`;
for (const command of [program, ...program.commands]) {
  command.configureOutput({ outputError: (text, write) => write(oneLine(text)) });
}
await program.parseAsync();

/** Runs a command. What its user can mend is told in one line; anything else is a defect and keeps its stack. */
async function run(command: () => Promise<number>): Promise<void> {
  try {
    process.exitCode = await command();
  } catch (error) {
    const known = [Trouble, ArgumentError, FormatError, MemoryError, ShapeError, UnsupportedError];
    const expected = known.some((kind) => error instanceof kind);
    console.error(expected ? `digits: ${(error as Error).message}` : error);
    process.exitCode = 1;
  }
}

function wholeFrom(least: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && Number.isSafeInteger(value) && value >= least) return value;
    throw new InvalidArgumentError(`It must be a whole number >= ${least}.`);
  };
}
