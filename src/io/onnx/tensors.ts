/** The tensors of ONNX files: f32 for what is computed with, f64 for whole numbers, which are exact to 2^53. */
import { FormatError, show } from "../../errors.ts";
import { sizeOf } from "../../tensor/shape.ts";
import { fromHalf } from "../half.ts";
import { type Constant, constant } from "../network/value.ts";
import { type TensorProto, TensorProto_DataLocation, TensorProto_DataType as Type } from "./onnx_pb.ts";

/** How elements lie in raw_data, and which field holds them where that is not used. */
interface Encoding {
  readonly bytes: number;
  readonly read: (view: DataView, at: number) => number;
  readonly field: "floatData" | "int32Data" | "int64Data" | "doubleData" | "uint64Data";
  readonly isWhole?: boolean;
  /** Of an element of the field. */
  readonly decode?: (element: number) => number;
}

const whole = (bytes: number, read: Encoding["read"], field: Encoding["field"] = "int32Data"): Encoding => ({
  bytes,
  read,
  field,
  isWhole: true,
});

const ENCODINGS: Readonly<Partial<Record<Type, Encoding>>> = {
  [Type.FLOAT]: { bytes: 4, read: (view, at) => view.getFloat32(at, true), field: "floatData" },
  [Type.DOUBLE]: { bytes: 8, read: (view, at) => view.getFloat64(at, true), field: "doubleData" },
  [Type.FLOAT16]: {
    bytes: 2,
    read: (view, at) => fromHalf(view.getUint16(at, true)),
    field: "int32Data",
    decode: fromHalf,
  },
  [Type.INT8]: whole(1, (view, at) => view.getInt8(at)),
  [Type.UINT8]: whole(1, (view, at) => view.getUint8(at)),
  [Type.BOOL]: whole(1, (view, at) => view.getUint8(at)),
  [Type.INT16]: whole(2, (view, at) => view.getInt16(at, true)),
  [Type.UINT16]: whole(2, (view, at) => view.getUint16(at, true)),
  [Type.INT32]: whole(4, (view, at) => view.getInt32(at, true)),
  [Type.UINT32]: whole(4, (view, at) => view.getUint32(at, true), "uint64Data"),
  [Type.INT64]: whole(8, (view, at) => Number(view.getBigInt64(at, true)), "int64Data"),
  [Type.UINT64]: whole(8, (view, at) => Number(view.getBigUint64(at, true)), "uint64Data"),
};

/** Whether files of this type hold whole numbers. */
export function isWholeType(type: number): boolean {
  return ENCODINGS[type as Type]?.isWhole === true;
}

/** Nothing is allocated that the bytes of the file do not hold. */
export function constantOf(file: string, tensor: TensorProto): Constant {
  const { name, dataType, rawData, dataLocation } = tensor;
  const shape = tensor.dims.map(Number);
  if (dataLocation === TensorProto_DataLocation.EXTERNAL) {
    throw new FormatError(
      `${file}: tensor ${show(name)} lies in another file; write the model with its weights inside`,
    );
  }
  const encoding = ENCODINGS[dataType as Type];
  if (encoding === undefined) throw new FormatError(`${file}: tensor ${show(name)} has the type ${typeName(dataType)}`);
  if (shape.some((size) => !Number.isSafeInteger(size) || size < 0)) {
    throw new FormatError(`${file}: tensor ${show(name)} must have whole sizes, got ${show(shape)}`);
  }
  const size = sizeOf(shape);
  const field = tensor[encoding.field];
  const held = rawData.length > 0 ? rawData.length / encoding.bytes : field.length;
  if (held !== size) {
    throw new FormatError(`${file}: tensor ${show(name)} of shape ${show(shape)} needs ${size} elements, got ${held}`);
  }
  const made = encoding.isWhole ? new Float64Array(size) : new Float32Array(size);
  if (rawData.length > 0) {
    const view = new DataView(rawData.buffer, rawData.byteOffset, rawData.byteLength);
    const { bytes, read } = encoding;
    for (let i = 0; i < size; i++) made[i] = read(view, i * bytes);
  } else {
    const { decode = Number } = encoding;
    for (let i = 0; i < size; i++) made[i] = decode(Number(field[i]));
  }
  return constant(shape, made);
}

function typeName(type: number): string {
  return `${Type[type] ?? type}, which is no number that striate knows`;
}
