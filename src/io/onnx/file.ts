/** ONNX files (https://onnx.ai/onnx/repo-docs/IR.html): protobuf -> nodes, constants, ends. Knows no operator. */
import { fromBinary } from "@bufbuild/protobuf";
import { FormatError, show } from "../../errors.ts";
import type { Constant } from "../network/value.ts";
import type { WalkNode } from "../network/walk.ts";
import {
  type AttributeProto,
  type GraphProto,
  type ModelProto,
  ModelProtoSchema,
  type ValueInfoProto,
} from "./onnx_pb.ts";
import { constantOf } from "./tensors.ts";

export interface OnnxNode extends WalkNode {
  readonly attributes: ReadonlyMap<string, AttributeProto>;
}

export interface OnnxFile {
  /** The version of the operators. */
  readonly opset: number;
  readonly nodes: readonly OnnxNode[];
  readonly constants: ReadonlyMap<string, Constant>;
  /** Shapes with the batch; null: open. */
  readonly inputs: readonly { readonly name: string; readonly shape: readonly (number | null)[] }[];
  readonly outputs: readonly string[];
}

export function readOnnx(file: string, bytes: Uint8Array): OnnxFile {
  const { graph, opsetImport } = parse(file, bytes);
  if (graph === undefined || graph.node.length === 0)
    throw new FormatError(`${file}: this is no ONNX model: it has no nodes`);
  const opset = Number(opsetImport.find(({ domain }) => domain === "" || domain === "ai.onnx")?.version ?? 0);
  const constants = new Map(graph.initializer.map((tensor) => [tensor.name, constantOf(file, tensor)]));
  return {
    opset,
    nodes: nodesOf(graph),
    constants,
    // Older files list their constants among the inputs.
    inputs: graph.input
      .filter(({ name }) => !constants.has(name))
      .map((input) => ({ name: input.name, shape: shapeOf(file, input) })),
    outputs: graph.output.map(({ name }) => name),
  };
}

function parse(file: string, bytes: Uint8Array): ModelProto {
  try {
    return fromBinary(ModelProtoSchema, bytes);
  } catch (cause) {
    throw new FormatError(`${file}: this is no ONNX model, or it is truncated (${(cause as Error).message})`, {
      cause,
    });
  }
}

/** Nodes without a name are called after what they make. */
function nodesOf({ node }: GraphProto): OnnxNode[] {
  return node.map(({ name, opType, domain, input, output, attribute }) => ({
    name: name || output[0] || opType,
    op: domain === "" || domain === "ai.onnx" ? opType : `${domain}.${opType}`,
    inputs: input,
    outputs: output,
    attributes: new Map(attribute.map((one) => [one.name, one])),
  }));
}

function shapeOf(file: string, { name, type }: ValueInfoProto): readonly (number | null)[] {
  const dims = type?.value.case === "tensorType" ? type.value.value.shape?.dim : undefined;
  if (dims === undefined || dims.length < 2) {
    throw new FormatError(
      `${file}: input ${show(name)} must be a tensor with a batch and more, got ${dims?.length ?? "no"} axes`,
    );
  }
  return dims.map(({ value }) => (value.case === "dimValue" && value.value > 0n ? Number(value.value) : null));
}
