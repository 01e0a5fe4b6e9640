/** Graph models of TensorFlow.js: frozen graphs of TensorFlow's operations, NHWC. */
import { FormatError, show } from "../../errors.ts";
import { input } from "../../layers/symbolic.ts";
import type { Model } from "../../model/model.ts";
import type { ModelOptions } from "../../model/options.ts";
import { Builder } from "../network/builder.ts";
import { budgetFor } from "../network/folding.ts";
import { closedShape, type InputShapes } from "../network/inputShapes.ts";
import { type Constant, constant, value } from "../network/value.ts";
import { Walk } from "../network/walk.ts";
import { Attributes, type SavedAttribute } from "./attributes.ts";
import type { Node } from "./graphCall.ts";
import { isKnownOperation, runOperation } from "./graphOperations.ts";
import type { Weight } from "./weights.ts";

/** A node as JSON has it. */
interface SavedNode {
  readonly name: string;
  readonly op: string;
  readonly input?: readonly string[];
  readonly attr?: Readonly<Record<string, SavedAttribute>>;
}

/** What model.json calls its modelTopology. */
export interface GraphTopology {
  readonly node: readonly SavedNode[];
}

/** Names of the ends, where the file tells them. */
export interface Signature {
  readonly inputs?: Readonly<Record<string, { readonly name: string }>>;
  readonly outputs?: Readonly<Record<string, { readonly name: string }>>;
}

export function graphModel(
  file: string,
  { node: saved }: GraphTopology,
  signature: Signature | undefined,
  weights: ReadonlyMap<string, Weight>,
  inputShapes: InputShapes | undefined,
  options: ModelOptions,
): Model {
  const nodes = saved.map((node) => nodeOf(file, node));
  const placeholders = nodes.filter(({ op }) => op === "Placeholder");
  const b = new Builder(file, { channelsFirst: false });
  const ends = outputsOf(nodes, signature);
  const walk = new Walk(
    file,
    b,
    nodes.filter(({ op }) => op !== "Placeholder" && op !== "Const" && op !== "NoOp"),
    ends,
  );
  for (const node of nodes.filter(({ op }) => op === "Const"))
    walk.set(`${node.name}:0`, constantOf(file, node, weights));
  const inputs = placeholders.map(({ name, attributes }) => {
    const [, ...sizes] = attributes.shape("shape").map((size) => (size < 0 ? null : size));
    const x = input({ name, shape: closedShape(file, name, sizes, placeholders.length, inputShapes) });
    walk.set(`${name}:0`, value(x));
    return x;
  });
  const budget = budgetFor([...weights.values()].reduce((sum, { data }) => sum + data.length, 0));
  walk.run({ isKnown: isKnownOperation, compute: (node, operands) => runOperation(b, node, operands, budget) });
  return b.model(
    inputs,
    walk.outputs((end) => b.computed(end)),
    options,
  );
}

function nodeOf(file: string, { name, op, input: inputs = [], attr = {} }: SavedNode): Node {
  if (typeof name !== "string" || typeof op !== "string" || !Array.isArray(inputs)) {
    throw new FormatError(`${file}: a node must have a name and an op, got ${show(name)} and ${show(op)}`);
  }
  const reads = inputs.filter((one) => !one.startsWith("^")).map((one) => (/:\d+$/.test(one) ? one : `${one}:0`));
  return { name, op, inputs: reads, outputs: [`${name}:0`], attributes: new Attributes(file, name, attr) };
}

function constantOf(file: string, { name }: Node, weights: ReadonlyMap<string, Weight>): Constant {
  const weight = weights.get(name);
  if (weight !== undefined) return constant(weight.shape, weight.data);
  throw new FormatError(`${file}: there is no weight ${show(name)}`);
}

/** Those of the signature, or what nobody reads. */
function outputsOf(nodes: readonly Node[], signature: Signature | undefined): string[] {
  const named = Object.values(signature?.outputs ?? {}).map(({ name }) => (/:\d+$/.test(name) ? name : `${name}:0`));
  if (named.length > 0) return named;
  const read = new Set(nodes.flatMap(({ inputs }) => inputs));
  return nodes
    .filter(({ op, outputs }) => op !== "Const" && op !== "NoOp" && !read.has(outputs[0]))
    .map(({ outputs }) => outputs[0]);
}
