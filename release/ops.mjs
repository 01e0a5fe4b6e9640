// docs/ops.md: a row for each op of src/ops/index.ts, from its docstring and the figures of docs/ops.json (npm run bench:ops).
// `npm run docs` writes it; test/documentation holds it against both.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { root } from "../scripts/setup.mjs";

const ts = createRequire(join(root, "package.json"))("typescript");

/** Files of src/ops, without their ending. */
const FAMILIES = {
  Convolutions: [
    ...["conv1d", "conv2d", "conv3d", "conv2dTranspose", "depthwiseConv2d", "separableConv2d"],
    "locallyConnected2d",
  ],
  "Dense layers and products": ["dense", "dot"],
  Pools: ["pool2d", "globalPool2d", "adaptivePool2d", "lpPool2d", "maxUnpool2d", "pool1d", "pool3d"],
  "Borders and sizes": ["pad", "resize"],
  Activations: ["activation", "prelu", "softmax"],
  Norms: ["batchNorm", "groupNorm", "localResponseNorm", "unitNorm"],
  Noise: ["dropout", "noise"],
  "Arithmetic and sums": ["arithmetic", "reduce", "rescale"],
  "Elements in another order": ["concat", "slice", "flip", "transpose", "reshape", "depthToSpace"],
  Augmentation: ["affineTransform", "adjust", "erase", "mixUp"],
  Losses: ["crossEntropy", "elementLoss", "overlapLoss"],
};

/** The dispatcher by name, whose figures are those of the activations. */
const WITHOUT_FIGURES = ["activation"];

const HEADER = ["op", "shapes", "formula, source", "gradient", "error", "speed", "at"];

/** The page. Throws where an op has no family, no text or no figures. */
export function opsPage() {
  const exported = exportsOf(readFileSync(join(root, "src/ops/index.ts"), "utf8"));
  const listed = Object.values(FAMILIES).flat();
  const strays = [...exported.keys()].filter((file) => !listed.includes(file));
  if (strays.length > 0) throw new Error(`docs: src/ops/${strays[0]}.ts belongs to no family of release/ops.mjs`);
  const { cpu, node, command, ops } = JSON.parse(readFileSync(join(root, "docs/ops.json"), "utf8"));
  const sections = Object.entries(FAMILIES).map(([family, files]) => {
    const rows = files.flatMap((file) => rowsOf(file, exported.get(file) ?? [], ops));
    return `## ${family}\n\n${table([HEADER, ...rows])}`;
  });
  return `${introduction(cpu, node, command)}\n\n${sections.join("\n\n")}\n`;
}

function introduction(cpu, node, command) {
  return `# Ops

What there is in \`ops\`. Made by \`npm run docs\` out of the docstrings, which tell more, and of docs/ops.json; do not edit.

- **shapes**: of a batch; an image, line or volume alone may do without N.
- **gradient**: the function that computes it from dy, the gradient of the result, and its formula; of activations the slope, by which
  \`activationBackward\` multiplies dy. A loss returns it along.
- **error**: of the result and of the gradient, the largest of all elements at a small size: the distance from the twin in doubles
  (test/reference; for gradients its central differences), over the larger of the element and the root mean square, in units of 2^-24, the
  error of one rounding. 0 where elements are copied or chosen.
- **speed**: of the result and of all gradients at the size in the last column, new tensors included: nanoseconds for each element of
  the first input, or GFLOP/s. Plain binary, one core, ${cpu}, Node ${node.slice(1).split(".")[0]}; \`${command}\` measures both anew.`;
}

/** The functions that a window exports, by file. */
function exportsOf(index) {
  const exported = new Map();
  for (const [, names, file] of index.matchAll(/export \{([^}]*)\} from "\.\/(\w+)\.ts"/gs)) {
    const functions = names.split(",").map((name) => name.trim());
    exported.set(
      file,
      functions.filter((name) => /^[a-z]/.test(name) && !name.startsWith("type ")),
    );
  }
  for (const [file, names] of exported) if (names.length === 0) exported.delete(file);
  return exported;
}

function rowsOf(file, names, figures) {
  const functions = functionsOf(file);
  const ops = names.filter((name) => !name.endsWith("Backward"));
  const model = functions.get(ops.find((name) => functions.get(name).tensors.length > 0));
  return ops.map((name) => {
    const op = functions.get(name);
    if (op.text === "") throw new Error(`docs: ops.${name} has no description`);
    // What tells no shapes has those of the first op of its file.
    const { tensors, returns } = op.tensors.length > 0 ? op : model;
    const shapes = `${tensors.join(", ")} -> ${op.returns ?? returns}`;
    const { formula, gradient } = partsOf(name, op.text, functions.get(`${name}Backward`)?.text);
    return [`\`${name}\``, shapes, formula, gradient, ...figuresOf(name, figures)];
  });
}

/** What stands behind "Slope" or "Its gradient is" in a description belongs into another column. */
function partsOf(name, text, backward) {
  if (backward !== undefined) {
    const [, rest] = backward.match(/^The gradients? of `\w+`[:,.;]? ?(.*)$/s) ?? [undefined, backward];
    return { formula: withoutNaN(text), gradient: `\`${name}Backward\`: ${withoutNaN(rest)}` };
  }
  const [, formula, gradient] = text.match(/^(.*?) (?:Slope|Its gradient is) (.*)$/s) ?? [];
  if (gradient === undefined)
    throw new Error(`docs: ops.${name} tells no gradient: "Its gradient is ...", or "Slope ..."`);
  return { formula: withoutNaN(formula), gradient: withoutNaN(gradient) };
}

/** Without the sentences about NaN, but for the first of all. */
function withoutNaN(text) {
  const [first, ...others] = text.split(/(?<=[^.]\.) (?=[A-Z`])/);
  return [first, ...others.filter((sentence) => !sentence.includes("NaN"))].join(" ");
}

function figuresOf(name, figures) {
  if (WITHOUT_FIGURES.includes(name)) return ["", "", ""];
  const found = figures[name];
  if (found === undefined) throw new Error(`docs: docs/ops.json has no figures of ops.${name}: npm run bench:ops`);
  const { size, unit, error, speed } = found;
  const both = (values) => values.filter((value) => value !== null).join(", ");
  // Central differences tell no more than a hundredth.
  const errors = error.map((value) => (value !== null && value < 0.01 ? 0 : value));
  return [both(errors), `${both(speed)} ${unit}`, size];
}

/** Of each function of an op's file: its description on one line, its tensors with their shapes, and what it returns. */
function functionsOf(file) {
  const text = readFileSync(join(root, `src/ops/${file}.ts`), "utf8");
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.ES2023, true);
  return new Map(source.statements.filter(ts.isFunctionDeclaration).map((f) => [f.name.text, describe(f)]));
}

function describe(declaration) {
  const doc = declaration.jsDoc?.at(-1);
  const textOf = (node) => ts.getTextOfJSDocComment(node?.comment)?.replace(/\s+/g, " ").trim() ?? "";
  const tags = doc?.tags ?? [];
  const tensors = declaration.parameters.filter(({ type }) => /\b(Tensor|Labels)\b/.test(type?.getText() ?? ""));
  const shapes = tensors.flatMap(({ name }) => {
    const tag = tags.find((each) => ts.isJSDocParameterTag(each) && each.name.getText() === name.getText());
    return tag === undefined ? [] : [`${name.getText()} ${shapeOf(textOf(tag))}`];
  });
  const returned = tags.find(ts.isJSDocReturnTag);
  return { text: textOf(doc), tensors: shapes, returns: returned && shapeOf(textOf(returned)) };
}

/** "[N,H,W,C] or [H,W,C], of at most ..." as "[N,H,W,C]". */
function shapeOf(text) {
  return (
    text.match(/^(?:(?:y and indices|dx|the loss),? )?(\[[^\]]*\](?: or null)?(?: for each part)?)/)?.[1] ??
    text.split(/[,;:]/)[0]
  );
}

function table([header, ...rows]) {
  const line = (cells) => `| ${cells.map((cell) => cell.replace(/\|/g, "\\|")).join(" | ")} |`;
  return [line(header), `|${header.map(() => "---").join("|")}|`, ...rows.map(line)].join("\n");
}
