/** Models in the Open Neural Network Exchange format, of operator sets 7 to 22. */
import { ArgumentError, checkOptions, oneOf, show, UnsupportedError } from "../../errors.ts";
import { input } from "../../layers/symbolic.ts";
import type { Model } from "../../model/model.ts";
import { MODEL_OPTIONS, type ModelOptions } from "../../model/options.ts";
import { sameShape } from "../../tensor/shape.ts";
import { asFormatError } from "../loading.ts";
import { Builder } from "../network/builder.ts";
import { budgetFor } from "../network/folding.ts";
import { closedShape, type InputShapes } from "../network/inputShapes.ts";
import { channelsToFirst } from "../network/operations.ts";
import { type Operand, value } from "../network/value.ts";
import { Walk } from "../network/walk.ts";
import { Call, type Operation } from "./call.ts";
import { ELEMENT_OPERATIONS } from "./elements.ts";
import { type OnnxFile, type OnnxNode, readOnnx } from "./file.ts";
import { FOLDS } from "./folding.ts";
import { IMAGE_OPERATIONS } from "./images.ts";
import { SHAPE_OPERATIONS } from "./shapes.ts";

const LAYOUTS = ["NHWC", "NCHW"] as const;

/** What `loadOnnx` takes. */
export interface LoadOnnxOptions extends ModelOptions {
  /**
   * How images come in and go out: "NHWC", as everywhere in striate, or "NCHW", as in the file, which costs a transposition.
   * Inputs that the file itself transposes to NCHW, first or once their numbers are scaled, are NHWC with either. Default "NHWC".
   */
  layout?: (typeof LAYOUTS)[number];
  /**
   * The shape of one sample in that layout, where the file leaves sizes open; by name where there are several inputs. Default:
   * that of the file.
   */
  inputShape?: InputShapes;
  /** Stands in messages. Default "loadOnnx". */
  name?: string;
}

const OPTIONS = { layout: true, inputShape: true, name: true, ...MODEL_OPTIONS } as const;

const OPERATIONS: Readonly<Record<string, Operation>> = {
  ...IMAGE_OPERATIONS,
  ...ELEMENT_OPERATIONS,
  ...SHAPE_OPERATIONS,
};

const isKnown = (op: string) => Object.hasOwn(OPERATIONS, op) || Object.hasOwn(FOLDS, op);

/**
 * The network of an ONNX file. Weights and images are turned to channels-last once, here; what shapes are computed with is
 * computed here; activations that are written in parts become one. It is a model as any: it predicts, trains on, and is saved as
 * one of striate.
 *
 * @param bytes the file, as `readFile` or a response's `arrayBuffer()` gives it.
 * @throws FormatError where it is truncated or no ONNX model; UnsupportedError that lists every operator that striate does not have.
 * @example
 * import { loadOnnx } from "striate/onnx";
 * const load = (bytes: ArrayBuffer) => loadOnnx(bytes, { inputShape: [224, 224, 3] });
 */
export function loadOnnx(bytes: Uint8Array | ArrayBuffer, options: LoadOnnxOptions = {}): Model {
  checkOptions("loadOnnx", options, OPTIONS);
  const { name = "loadOnnx", layout = "NHWC", inputShape, ...others } = options;
  oneOf("loadOnnx", "layout", layout, LAYOUTS);
  const file = bytes instanceof ArrayBuffer ? new Uint8Array(bytes) : bytes;
  if (!(file instanceof Uint8Array)) {
    throw new ArgumentError(`loadOnnx: bytes must be a Uint8Array or an ArrayBuffer, got ${show(bytes)}`);
  }
  const read = readOnnx(name, file);
  if (!(read.opset >= 7))
    throw new UnsupportedError(`${name}: the operators must be of set 7 or later, got ${read.opset}`);
  try {
    return modelOf(name, read, layout, inputShape, others);
  } catch (error) {
    throw asFormatError(error, name);
  }
}

function modelOf(
  file: string,
  { opset, nodes, constants, inputs, outputs }: OnnxFile,
  layout: (typeof LAYOUTS)[number],
  inputShape: InputShapes | undefined,
  options: ModelOptions,
): Model {
  const b = new Builder(file, { channelsFirst: true });
  const walk = new Walk(file, b, nodes, outputs);
  for (const [name, constant] of constants) walk.set(name, constant);
  const symbols = inputs.map(({ name, shape: [, ...sample] }) => {
    const isTurned = layout === "NHWC" && sample.length > 1 && !hasChannelsLast(nodes, name, sample.length + 1);
    const turned = isTurned ? [...sample.slice(1), sample[0]] : sample;
    const x = input({ name, shape: closedShape(file, name, turned, inputs.length, inputShape) });
    walk.set(name, value(x, isTurned));
    return x;
  });
  const budget = budgetFor([...constants.values()].reduce((sum, { data }) => sum + data.length, 0));
  const compute = (node: OnnxNode, given: readonly (Operand | undefined)[]) => {
    const call = new Call(b, node, given, { opset, budget });
    const isFolded = given.length > 0 && given.every((one) => one === undefined || one.kind === "constant");
    const operation = isFolded && Object.hasOwn(FOLDS, node.op) ? FOLDS[node.op] : OPERATIONS[node.op];
    if (operation === undefined) throw call.unsupported("is computed for constants only");
    return [operation(call)].flat() as Operand[];
  };
  walk.run({ isKnown, compute });
  const ends = walk.outputs((end) => (layout === "NHWC" ? b.computed(end) : b.plain(end)));
  return b.model(symbols, ends, options);
}

/** What stands between an image and its transposition at most: scale, mean and type of its numbers. */
const PREPARATIONS = ["Cast", "Clip", "Identity", "Add", "Div", "Mul", "Sub"];

/**
 * Files that were written from channels-last ones transpose their images first, or once their numbers are scaled: those are NHWC
 * already.
 */
function hasChannelsLast(nodes: readonly OnnxNode[], input: string, rank: number): boolean {
  const toFirst = channelsToFirst(rank);
  const readers = new Map<string, OnnxNode[]>();
  for (const node of nodes) {
    for (const name of node.inputs) {
      const others = readers.get(name);
      if (others === undefined) readers.set(name, [node]);
      else others.push(node);
    }
  }
  const seen = new Set([input]);
  let isTurned = false;
  for (const name of seen) {
    for (const { op, attributes, outputs } of readers.get(name) ?? []) {
      if (PREPARATIONS.includes(op)) seen.add(outputs[0]);
      else if (op === "Transpose" && sameShape(attributes.get("perm")?.ints.map(Number) ?? [], toFirst))
        isTurned = true;
      else return false;
    }
  }
  return isTurned;
}
