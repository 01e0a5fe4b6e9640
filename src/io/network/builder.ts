/** Makes layers of the nodes of a file: what readers of graph models and ONNX share. */
import { FormatError, show, UnsupportedError } from "../../errors.ts";
import * as layers from "../../layers/index.ts";
import type { Layer } from "../../layers/layer.ts";
import type { SymbolicTensor } from "../../layers/symbolic.ts";
import { connectModel } from "../../model/functional.ts";
import type { Model } from "../../model/model.ts";
import type { ModelOptions } from "../../model/options.ts";
import { sizeOf } from "../../tensor/shape.ts";
import { type Curve, type CurveStep, clamped, gated, rescaled, stepsOf } from "./curve.ts";
import { type Constant, constant, isComputed, type Operand, shapeOf, type Value, value } from "./value.ts";

/** What stands in a layer's parameters, by their names. */
export type LayerWeights = Readonly<Record<string, ArrayLike<number>>>;

/** Of each channel. */
export interface Statistics {
  readonly scale: ArrayLike<number>;
  readonly offset: ArrayLike<number>;
  readonly mean: ArrayLike<number>;
  readonly variance: ArrayLike<number>;
  readonly epsilon: number;
}

export type MergeName = "add" | "sub" | "mul" | "div" | "maximum" | "minimum";

const MERGES: Readonly<Record<MergeName, (options: { name: string }) => Layer>> = {
  add: layers.add,
  sub: layers.subtract,
  mul: layers.multiply,
  div: layers.divide,
  maximum: layers.maximum,
  minimum: layers.minimum,
};

/** What the layer with numbers of its own calls them. */
const OPERATIONS: Readonly<Record<MergeName, layers.ElementwiseOptions["operation"]>> = {
  add: "add",
  sub: "subtract",
  mul: "multiply",
  div: "divide",
  maximum: "maximum",
  minimum: "minimum",
};

/** A network in the making. */
export class Builder {
  /** Stands in messages. */
  readonly file: string;
  /** The file has channels behind the batch. */
  readonly channelsFirst: boolean;
  readonly #weights = new Map<string, ArrayLike<number>>();
  readonly #names = new Set<string>();
  readonly #computed = new Map<Value, SymbolicTensor>();

  constructor(file: string, { channelsFirst }: { channelsFirst: boolean }) {
    this.file = file;
    this.channelsFirst = channelsFirst;
  }

  /** Applies a layer with these weights; its name is that of the node, or with a number behind where that is taken. */
  apply(
    node: string,
    make: (options: { name: string }) => Layer,
    x: SymbolicTensor | readonly SymbolicTensor[],
    weights: LayerWeights = {},
  ): SymbolicTensor {
    let name = node;
    for (let i = 2; this.#names.has(name); i++) name = `${node}_${i}`;
    this.#names.add(name);
    for (const [role, data] of Object.entries(weights)) this.#weights.set(`${name}/${role}`, data);
    return make({ name }).connect(x);
  }

  /** The value itself, channels last where the file has them first; what its curve leaves to be done is done. */
  computed(given: Value): SymbolicTensor {
    const known = this.#computed.get(given);
    if (known !== undefined) return known;
    const x = isComputed(given) ? given.x : this.#curve(given);
    this.#computed.set(given, x);
    return x;
  }

  /** The value in the file's order of axes. */
  plain(given: Value): SymbolicTensor {
    const x = this.computed(given);
    if (!given.channelsFirst) return x;
    const rank = x.shape.length;
    const dims = [rank, ...Array.from({ length: rank - 1 }, (_, i) => i + 1)];
    return this.apply(`${given.node}/channels_first`, (options) => layers.permute({ ...options, dims }), x);
  }

  /** An image, line or volume with its channels last, of a file that has them first. */
  image(given: Value): SymbolicTensor {
    const x = this.computed(given);
    if (given.channelsFirst) return x;
    const rank = x.shape.length;
    const dims = [...Array.from({ length: rank - 1 }, (_, i) => i + 2), 1];
    return this.apply(`${given.node}/channels_last`, (options) => layers.permute({ ...options, dims }), x);
  }

  /** The last of the layers is called as the node that ends the curve. */
  #curve({ node, x, curve }: Value): SymbolicTensor {
    const steps = stepsOf(curve);
    if (steps === undefined) {
      throw new UnsupportedError(`${this.file}: ${show(node)} needs a function that is no layer`);
    }
    return steps.reduce((y, step, i) => {
      const name = i === steps.length - 1 ? node : `${node}/${i + 1}`;
      if (step.step === "multiply") return this.apply(name, layers.multiply, [y, x]);
      if (step.step === "limit") return this.#limit(name, y, step);
      if (step.step === "rescale") return this.#rescale(name, y, step);
      return this.apply(name, (options) => layers.activation({ ...options, ...step.options }), y);
    }, x);
  }

  /** The larger or the smaller of x and a number, which is not learned. */
  #limit(node: string, x: SymbolicTensor, { operation, by }: Extract<CurveStep, { step: "limit" }>): SymbolicTensor {
    const make = (options: { name: string }) =>
      layers.elementwise({ ...options, operation, operandShape: [1], trainable: false });
    return this.apply(node, make, x, { operand: [by] });
  }

  /** Behind a convolution as a batch normalization, which folds into its weights. */
  #rescale(node: string, x: SymbolicTensor, { scale, offset }: { scale: number; offset: number }): SymbolicTensor {
    const channels = x.shape[x.shape.length - 1];
    if (!/^(Depthwise)?Conv|^Dense/.test(x.source?.layer.className ?? "")) {
      return this.apply(node, (options) => layers.rescaling({ ...options, scale, offset }), x);
    }
    return this.affine(node, x, Array(channels).fill(scale), Array(channels).fill(offset));
  }

  /** scale x + offset, channel by channel: a batch normalization whose statistics are fixed. */
  affine(node: string, x: SymbolicTensor, scale: ArrayLike<number>, offset: ArrayLike<number>): SymbolicTensor {
    const mean = new Float32Array(scale.length);
    // 1 + 1e-9 is 1 in f32.
    return this.normalize(node, x, { scale, offset, mean, variance: mean.map(() => 1), epsilon: 1e-9 });
  }

  /** Batch normalization by fixed statistics. */
  normalize(node: string, x: SymbolicTensor, { scale, offset, mean, variance, epsilon }: Statistics): SymbolicTensor {
    const weights = { gamma: scale, beta: offset, moving_mean: mean, moving_variance: variance };
    return this.apply(node, (options) => layers.batchNormalization({ ...options, epsilon }), x, weights);
  }

  /** a op b, with sizes of 1 repeated as numpy does. */
  merge(node: string, kind: MergeName, a: Operand, b: Operand): Value {
    if (a.kind === "constant" && b.kind === "constant") throw new FormatError(`${this.file}: ${node} has no input`);
    if (a.kind === "constant") return this.#withConstant(node, kind, b as Value, a, true);
    if (b.kind === "constant") return this.#withConstant(node, kind, a, b, false);
    if (kind === "mul" && a.x === b.x && a.channelsFirst === b.channelsFirst) {
      const curve = gated(a.curve, b.curve);
      if (curve !== undefined) return { ...a, curve };
    }
    const together = this.#alike(node, a, b);
    return value(this.apply(node, MERGES[kind], together), a.channelsFirst || b.channelsFirst);
  }

  /** Both in the same order of axes; the file repeats sizes from the last axis on, layers have the batch before the first. */
  #alike(node: string, a: Value, b: Value): SymbolicTensor[] {
    const [rank, other] = [shapeOf(a).length, shapeOf(b).length];
    if (rank !== other) {
      throw new UnsupportedError(
        `${this.file}: ${show(node)} joins ${show(shapeOf(a))} and ${show(shapeOf(b))} of different rank`,
      );
    }
    if (a.channelsFirst === b.channelsFirst) return [this.computed(a), this.computed(b)];
    return [this.image(a), this.image(b)];
  }

  /** A number becomes part of the curve, one for each channel a normalization, and others a layer. */
  #withConstant(node: string, kind: MergeName, given: Value, other: Constant, isFirst: boolean): Value {
    if (kind === "div" && !isFirst) return this.#withConstant(node, "mul", given, reciprocal(other), false);
    if (sizeOf(other.shape) === 1) {
      const grown = curveWith(kind, given.curve, other.data[0], isFirst);
      if (grown !== undefined) return { ...given, curve: grown, flatOf: undefined };
    }
    const x = this.computed(given);
    const affine = affineOf(kind, isFirst, perChannel(given, other));
    if (affine !== undefined) return value(this.affine(node, x, ...affine), given.channelsFirst);
    const operand = this.#operand(node, given, other);
    const make = (options: { name: string }) =>
      layers.elementwise({
        ...options,
        operation: OPERATIONS[kind],
        operandShape: operand.shape,
        operandFirst: isFirst,
      });
    return value(this.apply(node, make, x, { operand: operand.data }), given.channelsFirst);
  }

  /** A constant beside a value as a sample has it: without a batch, and with its channels last. */
  #operand(node: string, given: Value, { shape, data }: Constant): Constant {
    const rank = Math.max(shapeOf(given).length, shape.length);
    const [batch, ...sizes] = [...Array<number>(rank - shape.length).fill(1), ...shape];
    if (batch !== 1 || rank > shapeOf(given).length) {
      throw new UnsupportedError(
        `${this.file}: ${show(node)} joins ${show(shapeOf(given))} and a constant ${show(shape)} that has a batch of its own`,
      );
    }
    if (!given.channelsFirst) return constant(sizes, data);
    const [channels, ...places] = sizes;
    const cells = sizeOf(places);
    const turned = Float32Array.from(
      { length: data.length },
      (_, i) => data[(i % channels) * cells + Math.floor(i / channels)],
    );
    return constant([...places, channels], turned);
  }

  /** The model; every parameter has been given its values by `apply`. */
  model(inputs: readonly SymbolicTensor[], outputs: readonly SymbolicTensor[], options: ModelOptions): Model {
    return connectModel(this.file, { inputs, outputs, ...options }, (name, shape) => {
      const data = this.#weights.get(name);
      if (data !== undefined && data.length === sizeOf(shape)) return data as Float32Array;
      throw new FormatError(`${this.file}: ${name} must hold ${show(shape)}, got ${data?.length ?? "nothing"}`);
    });
  }
}

function reciprocal(divisor: Constant): Constant {
  return { ...divisor, data: Float32Array.from(divisor.data, (d) => 1 / d) };
}

function curveWith(kind: MergeName, curve: Curve, c: number, isFirst: boolean): Curve | undefined {
  if (kind === "add") return rescaled(curve, 1, c);
  if (kind === "mul") return rescaled(curve, c, 0);
  if (kind === "sub") return isFirst ? rescaled(curve, -1, c) : rescaled(curve, 1, -c);
  if (kind === "maximum") return clamped(curve, c, Number.POSITIVE_INFINITY);
  if (kind === "minimum") return clamped(curve, Number.NEGATIVE_INFINITY, c);
  return undefined;
}

/** A factor and a shift for each channel that do the same as the operation with c; undefined where none do. */
function affineOf(
  kind: MergeName,
  isFirst: boolean,
  c: Float32Array | undefined,
): [scale: Float32Array, offset: Float32Array] | undefined {
  const all = (number: number) => new Float32Array(c?.length ?? 0).fill(number);
  if (c === undefined) return undefined;
  if (kind === "add") return [all(1), c];
  if (kind === "mul") return [c, all(0)];
  if (kind === "sub") return isFirst ? [all(-1), c] : [all(1), c.map((v) => -v)];
  return undefined;
}

/** A constant that differs along the channels alone. */
function perChannel(given: Value, { shape, data }: Constant): Float32Array | undefined {
  const own = shapeOf(given);
  const rank = own.length;
  const channel = given.channelsFirst ? 1 : rank - 1;
  const sizes = [...Array<number>(Math.max(rank - shape.length, 0)).fill(1), ...shape];
  const fits =
    sizes.length === rank && sizes.every((size, axis) => size === 1 || (axis === channel && size === own[axis]));
  return fits && data.length === own[channel] ? Float32Array.from(data) : undefined;
}
