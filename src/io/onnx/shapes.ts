/** ONNX operators that move elements, and products with matrices. */

import type * as layers from "../../layers/index.ts";
import { sizeOf } from "../../tensor/shape.ts";
import { rescaled } from "../network/curve.ts";
import * as operations from "../network/operations.ts";
import { type Constant, constant, type Operand, shapeOf } from "../network/value.ts";
import type { Call, Operation } from "./call.ts";
import { axesOf, flattened, orderOf, partsOf, reshapedTo, squeezed, unsqueezed } from "./folding.ts";
import { isWholeType } from "./tensors.ts";

/** alpha A B + beta C. */
function gemm(at: Call): Operand {
  if (at.int("transA", 0) === 1) throw at.unsupported("transposes its first input");
  const [alpha, beta] = [at.float("alpha", 1), at.float("beta", 1)];
  const matrix = at.int("transB", 0) === 1 ? operations.turned(at.constant(1)) : at.constant(1);
  const units = matrix.shape[1];
  const c = at.has(2) ? scaledBy(at.operand(2), beta) : undefined;
  const bias = c?.kind === "constant" ? biasOf(c, units) : undefined;
  const scaled =
    alpha === 1
      ? matrix
      : constant(
          matrix.shape,
          Float32Array.from(matrix.data, (w) => alpha * w),
        );
  const product = operations.dense(at.b, at.name, at.value(), scaled, bias);
  return c === undefined || bias !== undefined ? product : at.b.merge(`${at.name}/add`, "add", product, c);
}

/** One number for each unit; undefined where they differ between samples. */
function biasOf({ shape, data }: Constant, units: number): Constant | undefined {
  if (data.length !== 1 && (data.length !== units || shape[shape.length - 1] !== units)) return undefined;
  return constant(
    [units],
    Float32Array.from({ length: units }, (_, i) => data[data.length === 1 ? 0 : i]),
  );
}

function scaledBy(operand: Operand, factor: number): Operand {
  if (operand.kind === "value") return { ...operand, curve: rescaled(operand.curve, factor, 0), flatOf: undefined };
  return constant(
    operand.shape,
    Float32Array.from(operand.data, (element) => factor * element),
  );
}

function matMul(at: Call): Operand {
  const [left, right] = [at.operand(0), at.operand(1)];
  if (left.kind === "value" && right.kind === "value") return operations.multiplyMatrices(at.b, at.name, left, right);
  const matrix = at.constant(1);
  if (matrix.shape.length === 2) return operations.dense(at.b, at.name, at.value(), matrix);
  throw at.unsupported(`multiplies by ${JSON.stringify(matrix.shape)}; only matrices can be`);
}

function concat(at: Call): Operand {
  const values = at.inputs.map((_, i) => at.value(i));
  return operations.concatenate(at.b, at.name, values, at.axis(at.int("axis", 1)));
}

/** Into equal parts, or parts of these sizes. */
function split(at: Call): Operand[] {
  const x = at.value();
  const shape = shapeOf(x);
  const axis = at.axis(at.int("axis", 0));
  const count = at.node.outputs.length;
  const equal = Math.ceil(shape[axis] / count);
  const sizes =
    at.listed("split", 1) ?? Array.from({ length: count }, (_, i) => Math.min(equal, shape[axis] - i * equal));
  let end = 0;
  return sizes.map((size, i) => {
    const start = end;
    end += size;
    const parts = shape.map((whole, a) =>
      a === axis ? { start, end: start + size, step: 1 } : { start: 0, end: whole, step: 1 },
    );
    return operations.slice(at.b, `${at.name}/${i}`, x, parts);
  });
}

/** Before opset 13 over all axes from `axis` on, taken as one. */
function softmax(name: "softmax" | "logSoftmax"): Operation {
  return (at) => {
    const shape = shapeOf(at.value());
    if (at.opset >= 13) return operations.softmax(at.b, at.name, name, at.value(), at.axis(at.int("axis", -1)));
    const axis = at.axis(at.int("axis", 1));
    if (sizeOf(shape.slice(axis + 1)) === 1) return operations.softmax(at.b, at.name, name, at.value(), axis);
    if (axis !== 1)
      throw at.unsupported(`takes axes ${axis} to ${shape.length - 1} of ${JSON.stringify(shape)} as one`);
    const flat = operations.reshape(at.b, at.name, at.value(), [1, sizeOf(shape)]);
    return operations.reshape(at.b, at.name, operations.softmax(at.b, at.name, name, flat, 1), shape);
  };
}

const reduction =
  (kind: layers.ReduceLayerOptions["reduction"]): Operation =>
  (at) => {
    const along = axesOf(at, 1);
    if (along.length === 0) return at.operand(0);
    return operations.reduce(at.b, at.name, kind, at.value(), along, at.int("keepdims", 1) === 1);
  };

/** A value under a shape that follows from its own. */
const reshaped =
  (to: (at: Call, shape: readonly number[]) => readonly number[]): Operation =>
  (at) =>
    operations.reshape(at.b, at.name, at.value(), to(at, shapeOf(at.value())));

/** A number of an axis: that part, without the axis. */
function gather(at: Call): Operand {
  const { shape: indices, data } = at.constant(1);
  const shape = shapeOf(at.value());
  const axis = at.axis(at.int("axis", 0));
  if (indices.length > 0 || axis === 0) throw at.unsupported("gathers by a list, or along the batch");
  const start = at.axis(data[0], shape[axis]);
  const parts = shape.map((size, a) =>
    a === axis ? { start, end: start + 1, step: 1 } : { start: 0, end: size, step: 1 },
  );
  const part = operations.slice(at.b, at.name, at.value(), parts);
  return operations.reshape(
    at.b,
    at.name,
    part,
    shape.filter((_, a) => a !== axis),
  );
}

function shapeOperator(at: Call): Constant {
  const shape = shapeOf(at.operand(0));
  const part = shape.slice(at.int("start", 0), at.node.attributes.has("end") ? at.int("end", 0) : undefined);
  return constant([part.length], Float64Array.from(part));
}

function constantOperator(at: Call): Constant {
  const tensor = at.tensor("value");
  if (tensor !== undefined) return tensor;
  const whole = at.ints("value_ints") ?? (at.attribute("value_int") && [at.int("value_int", 0)]);
  const numbers = at.floats("value_floats") ?? (at.attribute("value_float") && [at.float("value_float", 0)]);
  const isList = at.attribute("value_ints") !== undefined || at.attribute("value_floats") !== undefined;
  const shape = isList ? [(whole ?? numbers ?? []).length] : [];
  if (whole !== undefined) return constant(shape, Float64Array.from(whole));
  if (numbers !== undefined) return constant(shape, Float32Array.from(numbers));
  throw at.unsupported("holds neither a tensor nor numbers");
}

const same: Operation = (at) => at.operand(0);

/** To another type of fractions: everything is f32 here. */
function cast(at: Call): Operand {
  const to = at.int("to", 1);
  if (isWholeType(to)) throw at.unsupported("makes whole numbers of what is computed");
  return at.operand(0);
}

export const SHAPE_OPERATIONS: Readonly<Record<string, Operation>> = {
  Cast: cast,
  Concat: concat,
  Constant: constantOperator,
  Dropout: same,
  Flatten: reshaped(flattened),
  Gather: gather,
  Gemm: gemm,
  Identity: same,
  LogSoftmax: softmax("logSoftmax"),
  MatMul: matMul,
  ReduceMax: reduction("max"),
  ReduceMean: reduction("mean"),
  ReduceMin: reduction("min"),
  ReduceSum: reduction("sum"),
  Reshape: reshaped((at, shape) => reshapedTo(at, shape)),
  Shape: shapeOperator,
  Slice: (at) => operations.slice(at.b, at.name, at.value(), partsOf(at, shapeOf(at.value()))),
  Softmax: softmax("softmax"),
  Split: split,
  Squeeze: reshaped(squeezed),
  Transpose: (at) => operations.transpose(at.b, at.name, at.value(), orderOf(at)),
  Unsqueeze: reshaped(unsqueezed),
};
