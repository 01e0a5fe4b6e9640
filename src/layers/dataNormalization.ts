/** Inputs of mean 0 and variance 1, by statistics of the data. */
import { ArgumentError, checkOptions, ShapeError, show } from "../errors.ts";
import type { Planner, Slot } from "../ops/planned.ts";
import { currentRuntime } from "../runtime/runtime.ts";
import { Rows, type Samples } from "../tensor/samples.ts";
import { axesOf, checkShape, type Shape, sizeOf } from "../tensor/shape.ts";
import { type Batch, isBatch, isSource, type Source, valuesOf } from "../tensor/source.ts";
import { Tensor } from "../tensor/tensor.ts";
import { type BuildContext, checkLayerOptions, Layer, type LayerOptions, type ParameterDescription } from "./layer.ts";
import { Moments, statisticsOf } from "./moments.ts";

/** What `normalization` takes. */
export interface DataNormalizationOptions extends LayerOptions {
  /** The axes whose indices have a mean and a variance each, counted with the batch; null for one of all numbers. Default -1. */
  axis?: number | readonly number[] | null;
  /** Known beforehand, instead of by `adapt`: a number, or as many as there are statistics. */
  mean?: number | readonly number[];
  /** Comes with the mean. */
  variance?: number | readonly number[];
  /** Give normalised numbers their mean and variance back. Default false. */
  invert?: boolean;
}

/** What `adapt` takes. */
export interface AdaptOptions {
  /** Of one sample, where neither the data tells it nor the layer is part of a model yet. */
  inputShape?: Shape;
}

/** The least deviation that is divided by (Keras' backend.epsilon()). */
const LEAST_DEVIATION = 1e-7;

/** What stands for a variance until there is one. */
const NOT_KNOWN = -1;

/** A layer that knows mean and variance of the data; made by `layers.normalization`. */
export class Normalization extends Layer<DataNormalizationOptions> {
  readonly className = "Normalization";
  #known: { readonly mean: ArrayLike<number>; readonly variance: ArrayLike<number> } | undefined;

  constructor(options: DataNormalizationOptions) {
    super(options);
    const op = "normalization";
    checkLayerOptions(op, options, { axis: true, mean: true, variance: true, invert: true });
    const { axis = -1, mean, variance, invert = false } = options;
    const axes: readonly unknown[] = Array.isArray(axis) ? axis : axis === null ? [] : [axis];
    if (!axes.every(Number.isInteger)) {
      throw new ArgumentError(`${op}: axis must be a whole number, a list of these or null, got ${show(axis)}`);
    }
    if (typeof invert !== "boolean")
      throw new ArgumentError(`${op}: invert must be true or false, got ${show(invert)}`);
    if ((mean === undefined) !== (variance === undefined)) {
      throw new ArgumentError(`${op}: give mean and variance, or neither and call adapt(data)`);
    }
    if (mean !== undefined && variance !== undefined) {
      this.#known = { mean: numbers(op, "mean", mean), variance: numbers(op, "variance", variance, 0) };
    }
  }

  /**
   * Takes mean and variance of these samples, in doubles and in one pass; what was known before is forgotten. A model that has the
   * layer uses them from then on, and saves them.
   *
   * @param options the shape of a sample, where typed arrays come before the layer is part of a model
   * @throws ArgumentError where the shape of a sample is not known, or numbers are not finite.
   * @example
   * const scaled = layers.normalization().adapt(tensor([[1, 10], [3, 30]]));
   * sequential({ inputShape: [2] }, [scaled]).predict([[2, 30]]).toArray(); // [[0,1]]
   */
  adapt(data: Samples, options?: AdaptOptions): this;
  /**
   * The same of batches that come one by one; their targets are not looked at.
   *
   * @example
   * const read = () => [{ x: tensor([[1], [2]]) }, { x: tensor([[3]]) }]; // or a stream of batches
   * const scaled = await layers.normalization().adapt(read);
   */
  adapt(batches: Source<Batch>, options?: AdaptOptions): Promise<this>;
  adapt(data: Samples | Source<Batch>, options: AdaptOptions = {}): this | Promise<this> {
    checkOptions(`${this.name}: adapt`, options, { inputShape: true });
    if (options.inputShape !== undefined) checkShape(this.name, "inputShape", options.inputShape);
    if (isSource(data)) return this.#adaptEach(data, options);
    return this.#learn(this.#count(data, options));
  }

  protected infer(input: Shape): Shape {
    this.#kept(input);
    return input;
  }

  protected override describeParameters(input: Shape): readonly ParameterDescription[] {
    const shape = this.#kept(input).map((axis) => input[axis]);
    return [
      { name: "mean", shape, initializer: "zeros", learned: false },
      { name: "variance", shape, initializer: { name: "constant", value: NOT_KNOWN }, learned: false },
    ];
  }

  override build(context: BuildContext, ...inputs: Shape[]): void {
    super.build(context, ...inputs);
    this.#fill();
  }

  plan(planner: Planner, x: Slot): Slot {
    const { kernels } = planner;
    const kept = this.#kept(x.shape.slice(1));
    // The channels, for the kernel, are the last axes from the first kept one on; few are repeated, so that whole vectors lie side by side.
    const block = x.shape.slice(1 + (kept[0] ?? x.shape.length - 1));
    const rows = sizeOf(x.shape) / sizeOf(block);
    const repeats = sizeOf(block) < 16 ? ([16, 8, 4, 2].find((n) => rows % n === 0) ?? 1) : 1;
    const channels = repeats * sizeOf(block);
    const statistics = statisticsOf(
      block,
      kept.map((axis) => axis - kept[0]),
    );
    const folded = planner.packed({
      layout: `normalization ${repeats}`,
      bytes: 16 * channels,
      sources: () => this.parameters,
      pack: (at) => planner.runtime.floats(at, 4 * channels).set(this.#folded(statistics, channels)),
    });
    const scale = (from: Slot, to: Slot, at: number) =>
      kernels.batchNorm(from.pointer, folded.pointer + at, to.pointer, rows / repeats, channels);
    return planner.op({
      kind: "normalization",
      inputs: [x],
      inPlace: true,
      backwardReads: "nothing",
      forward: ({ y }) => scale(x, y, 0),
      backward: ({ dy, dxs: [dx] }) => scale(dy, dx, 8 * channels),
    });
  }

  /** The axes of a sample that have statistics of their own. */
  #kept(sample: Shape): number[] {
    const { axis = -1 } = this.options;
    const axes = axis === null ? [] : axesOf(this.name, "axis", axis, sample.length + 1);
    if (axes[0] !== 0) return axes.map((one) => one - 1);
    throw new ArgumentError(`${this.name}: axis must name axes of a sample, but 0 counts the samples`);
  }

  /** Factors and offsets of channels, then the factors and zeros, for the way back. */
  #folded(statistics: Int32Array, channels: number): Float32Array {
    const [mean, variance] = this.parameters;
    if (variance.data[0] === NOT_KNOWN) {
      throw new ArgumentError(`${this.name}: call adapt(data), or give mean and variance, before the model computes`);
    }
    const folded = new Float32Array(4 * channels);
    const [means, variances] = [mean.data, variance.data];
    for (let c = 0; c < channels; c++) {
      const s = statistics[c % statistics.length];
      const deviation = Math.max(Math.sqrt(variances[s]), LEAST_DEVIATION);
      const factor = this.options.invert ? deviation : 1 / deviation;
      folded[c] = folded[2 * channels + c] = factor;
      folded[channels + c] = this.options.invert ? means[s] : -means[s] * factor;
    }
    return folded;
  }

  async #adaptEach(batches: Source<Batch>, options: AdaptOptions): Promise<this> {
    let moments: Moments | undefined;
    const op = `${this.name}: adapt`;
    for await (const batch of valuesOf(op, batches, 0)) {
      if (!isBatch(batch))
        throw new ArgumentError(`${op}: a batch must be an object { x } of samples, got ${show(batch)}`);
      moments = this.#count(batch.x, options, moments);
    }
    if (moments === undefined) throw new ArgumentError(`${op}: the data holds no batch`);
    return this.#learn(moments);
  }

  /** Adds samples to what is known of those before them. */
  #count(data: Samples, { inputShape }: AdaptOptions, moments?: Moments): Moments {
    const op = `${this.name}: adapt`;
    const shape = this.built ? this.inputShape : (inputShape ?? shapeOfSample(op, data));
    const rows = new Rows(op, "x", data, shape, currentRuntime(op));
    const kept = this.#kept(shape);
    const all = moments ?? new Moments(statisticsOf(shape, kept), sizeOf(kept.map((axis) => shape[axis])));
    const sample = new Float32Array(sizeOf(shape));
    for (let i = 0; i < rows.count; i++) {
      rows.gather([i], sample);
      all.add(sample);
    }
    return all;
  }

  #learn({ mean, variance }: Moments): this {
    const odd = [...mean, ...variance].find((value) => !Number.isFinite(value));
    if (odd !== undefined) throw new ArgumentError(`${this.name}: adapt: x must hold finite numbers, got ${show(odd)}`);
    this.#known = { mean, variance };
    this.#fill();
    return this;
  }

  /** Gives the parameters, where there are some, what is known. */
  #fill(): void {
    if (this.#known === undefined) return;
    for (const [i, parameter] of this.parameters.entries()) {
      const name = (["mean", "variance"] as const)[i];
      const values = this.#known[name];
      if (values.length !== 1 && values.length !== parameter.size) {
        throw new ShapeError(`${this.name}: ${name} must hold ${parameter.size} numbers, got ${values.length}`);
      }
      parameter.set(values.length === 1 ? new Float32Array(parameter.size).fill(values[0]) : values);
    }
  }
}

function numbers(op: string, name: string, given: number | readonly number[], least = -Infinity): readonly number[] {
  const list: readonly unknown[] = typeof given === "number" ? [given] : given;
  const isGood = (value: unknown) => Number.isFinite(value) && (value as number) >= least;
  if (Array.isArray(list) && list.length > 0 && list.every(isGood)) return list;
  const from = least === 0 ? " >= 0" : "";
  throw new ArgumentError(`${op}: ${name} must be a finite number${from} or a list of these, got ${show(given)}`);
}

/** As far as the form of the data tells it. */
function shapeOfSample(op: string, data: Samples): Shape {
  if (data instanceof Tensor) return data.shape.slice(1);
  const shape: number[] = [];
  for (let part: unknown = Array.isArray(data) ? data[0] : undefined; Array.isArray(part); part = part[0])
    shape.push(part.length);
  if (shape.length > 0) return shape;
  throw new ArgumentError(
    `${op}: typed arrays do not tell the shape of a sample; give { inputShape: [...] }, or adapt where the layer is part of a model`,
  );
}

/**
 * (x - mean) / deviation (Keras Normalization), by statistics of the data: `adapt(data)` takes them, or they are given. By default each
 * channel has its own. A deviation below 1e-7 counts as that.
 *
 * @example
 * const images = new Uint8Array(10 * 28 * 28); // of 0 to 255
 * const standardise = layers.normalization().adapt(images, { inputShape: [28, 28, 1] });
 * const model = sequential({ inputShape: [28, 28, 1] }, [standardise, layers.flatten(), layers.dense({ units: 10 })]);
 */
export function normalization(options: DataNormalizationOptions = {}): Normalization {
  return new Normalization(options);
}
