/** ONNX files for tests, written by the description that reads them. */
import { create, toBinary } from "@bufbuild/protobuf";
import {
  type AttributeProto,
  AttributeProtoSchema,
  AttributeProto_AttributeType as AttributeType,
  ModelProtoSchema,
  type TensorProto,
  TensorProtoSchema,
  TensorProto_DataType as Type,
} from "../../src/io/onnx/onnx_pb.ts";

type AttributeValue =
  | number
  | string
  | readonly number[]
  | { float: number }
  | { floats: readonly number[] }
  | TensorProto;

/** [op, inputs, outputs, attributes]; whole numbers are ints, others floats; { float: 1 } is a float. */
export type NodeLine = readonly [
  op: string,
  inputs: readonly string[],
  outputs: readonly string[],
  attributes?: Readonly<Record<string, AttributeValue>>,
];

export interface OnnxDescription {
  readonly opset?: number;
  /** Names and shapes with the batch; null: open. */
  readonly inputs: Readonly<Record<string, readonly (number | null)[]>>;
  readonly constants?: Readonly<Record<string, TensorProto>>;
  readonly nodes: readonly NodeLine[];
  readonly outputs: readonly string[];
}

/** A tensor of f32. */
export function floats(dims: readonly number[], data: ArrayLike<number>): TensorProto {
  const bytes = new Uint8Array(Float32Array.from(data).buffer);
  return create(TensorProtoSchema, { dims: dims.map(BigInt), dataType: Type.FLOAT, rawData: bytes });
}

/** A tensor of i64. */
export function integers(dims: readonly number[], data: readonly number[]): TensorProto {
  return create(TensorProtoSchema, { dims: dims.map(BigInt), dataType: Type.INT64, int64Data: data.map(BigInt) });
}

function attribute(name: string, given: AttributeValue): AttributeProto {
  const make = (type: AttributeType, value: object) => create(AttributeProtoSchema, { name, type, ...value });
  if (typeof given === "number" && Number.isInteger(given)) return make(AttributeType.INT, { i: BigInt(given) });
  if (typeof given === "number") return make(AttributeType.FLOAT, { f: given });
  if (typeof given === "string") return make(AttributeType.STRING, { s: new TextEncoder().encode(given) });
  if (Array.isArray(given)) return make(AttributeType.INTS, { ints: given.map(BigInt) });
  if ("float" in given) return make(AttributeType.FLOAT, { f: given.float });
  if ("floats" in given) return make(AttributeType.FLOATS, { floats: [...given.floats] });
  return make(AttributeType.TENSOR, { t: given as TensorProto });
}

export function onnxFile({ opset = 17, inputs, constants = {}, nodes, outputs }: OnnxDescription): Uint8Array {
  const typeOf = (shape: readonly (number | null)[]) => ({
    value: {
      case: "tensorType" as const,
      value: {
        elemType: Type.FLOAT,
        shape: {
          dim: shape.map((size) => ({
            value:
              size === null
                ? { case: "dimParam" as const, value: "open" }
                : { case: "dimValue" as const, value: BigInt(size) },
          })),
        },
      },
    },
  });
  const model = create(ModelProtoSchema, {
    irVersion: 8n,
    opsetImport: [{ domain: "", version: BigInt(opset) }],
    graph: {
      name: "test",
      input: Object.entries(inputs).map(([name, shape]) => ({ name, type: typeOf(shape) })),
      initializer: Object.entries(constants).map(([name, tensor]) => ({ ...tensor, name })),
      node: nodes.map(([opType, input, output, attributes = {}], i) => ({
        name: `${opType}_${i}`,
        opType,
        input: [...input],
        output: [...output],
        attribute: Object.entries(attributes).map(([name, value]) => attribute(name, value)),
      })),
      output: outputs.map((name) => ({
        name,
        type: { value: { case: "tensorType" as const, value: { elemType: Type.FLOAT } } },
      })),
    },
  });
  return toBinary(ModelProtoSchema, model);
}
