/** TensorFlow's convolutions and products, with what is fused into them. */
import { show, UnsupportedError } from "../../errors.ts";
import type { ActivationLayerOptions } from "../../layers/index.ts";
import * as layers from "../../layers/index.ts";
import { called, clamped } from "../network/curve.ts";
import * as operations from "../network/operations.ts";
import { type Constant, shapeOf, type Value, value } from "../network/value.ts";
import * as windows from "../network/windows.ts";
import type { Call } from "./graphCall.ts";

/** What is fused into a convolution or a product behind its bias. */
export const FUSED: Readonly<Record<string, (y: Value, at: Call) => Value>> = {
  Relu: (y) => ({ ...y, curve: clamped(y.curve, 0, Number.POSITIVE_INFINITY) }),
  Relu6: (y) => ({ ...y, curve: clamped(y.curve, 0, 6) }),
  Elu: call({ activation: "elu" }),
  LeakyRelu: (y, at) => leaky(y, at.attributes.number("leakyrelu_alpha", 0.2)),
  Sigmoid: call({ activation: "sigmoid" }),
  Tanh: call({ activation: "tanh" }),
  Prelu: (y, at) => prelu(at, y, at.constant(3)),
};

export function call(f: ActivationLayerOptions): (y: Value) => Value {
  return (y) => ({ ...y, curve: called(y.curve, f) });
}

export function leaky(y: Value, negativeSlope: number): Value {
  return call({ activation: "leakyRelu", negativeSlope })(y);
}

export function prelu({ b, name }: Call, given: Value, alpha: Constant): Value {
  const x = b.computed(given);
  const axes = x.shape.length;
  const isPerChannel = alpha.data.length === x.shape[axes - 1];
  const sharedAxes = isPerChannel ? Array.from({ length: axes - 1 }, (_, i) => i + 1) : [];
  return value(b.apply(name, (options) => layers.prelu({ ...options, sharedAxes }), x, { alpha: alpha.data }));
}

/** Bias and activation of the fused operations, in the order of the list. */
function fused(at: Call): { bias: Constant | undefined; behind: (y: Value) => Value } {
  const [first, ...rest] = at.attributes.texts("fused_ops");
  if (first !== undefined && first !== "BiasAdd") {
    throw new UnsupportedError(`${at.b.file}: ${show(at.name)} fuses ${show(first)}; only BiasAdd can come first`);
  }
  const behind = (y: Value) =>
    rest.reduce((grown, name) => {
      const grow = Object.hasOwn(FUSED, name) ? FUSED[name] : undefined;
      if (grow !== undefined) return grow(grown, at);
      throw new UnsupportedError(`${at.b.file}: ${show(at.name)} fuses ${show(name)}`);
    }, y);
  return { bias: first === undefined ? undefined : at.constant(2), behind };
}

export function conv2d(at: Call): Value {
  const { bias, behind } = fused(at);
  const kernel = at.constant(1);
  const channels = shapeOf(at.value(0))[3];
  const groups = channels / kernel.shape[2];
  return behind(windows.convolve(at.b, at.name, at.value(0), { kernel, bias, groups }, at.geometry()));
}

export function depthwiseConv2d(at: Call): Value {
  const { bias, behind } = fused(at);
  return behind(windows.convolveDepthwise(at.b, at.name, at.value(0), at.constant(1), bias, at.geometry()));
}

/** The sizes of the result come first, then the kernel [KH,KW,O,C], then the image. */
export function conv2dTranspose(at: Call): Value {
  const kernel = at.constant(1);
  const geometry = at.geometry();
  const [, ...sizes] = at.numbers(0);
  const [, ...from] = shapeOf(at.value(2));
  const over = [0, 1].map((i) => (from[i] - 1) * geometry.strides[i] + kernel.shape[i] - sizes[i]);
  const padding = over.map((cells): [number, number] => [
    Math.floor(Math.max(cells, 0) / 2),
    Math.ceil(Math.max(cells, 0) / 2),
  ]);
  const outputPadding = over.map((cells) => Math.max(-cells, 0));
  return windows.convolveTransposed(at.b, at.name, at.value(2), { kernel }, { ...geometry, padding, outputPadding });
}

export function matMul(at: Call): Value {
  const { bias, behind } = fused(at);
  if (at.attributes.flag("transpose_a"))
    throw new UnsupportedError(`${at.b.file}: ${show(at.name)} transposes its input`);
  const matrix = at.constant(1);
  const isTransposed = at.attributes.flag("transpose_b");
  return behind(operations.dense(at.b, at.name, at.value(0), isTransposed ? operations.turned(matrix) : matrix, bias));
}
