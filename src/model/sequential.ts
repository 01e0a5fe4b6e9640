/** A stack of layers: the model that users make, train and ask. */
import { ArgumentError, ShapeError, show } from "../errors.ts";
import { Layer } from "../layers/layer.ts";
import { type LossName, loss as lossByName } from "../losses/index.ts";
import type { Loss } from "../losses/loss.ts";
import { type MetricName, metric } from "../metrics/index.ts";
import type { Optimizer } from "../optimizers/optimizer.ts";
import { type OptimizerName, optimizer as optimizerByName } from "../optimizers/registry.ts";
import { currentRuntime, type Runtime } from "../runtime/runtime.ts";
import type { Parameter } from "../tensor/parameter.ts";
import { SeededRandom } from "../tensor/random.ts";
import { checkShape, type Shape, sizeOf } from "../tensor/shape.ts";
import { Tensor } from "../tensor/tensor.ts";
import { Batches, type ClassWeights } from "./batches.ts";
import { type History, type LoopOptions, Means, type Position, runLoop } from "./fit.ts";
import { Predictor } from "./predictor.ts";
import { planActivations } from "./program.ts";
import { Rows, type Samples } from "./samples.ts";
import { encodeModel } from "./snapshot.ts";
import { type MemoryReport, memoryReport, summaryText } from "./summary.ts";
import { type Scores, Trainer } from "./trainer.ts";

export interface SequentialOptions {
  /** Shape of one sample, without the batch: [H,W,C] for images. */
  inputShape: Shape;
  /** First weights, sample order and dropout follow from it. A whole number from 0 to 2^53 - 1. Default 0. */
  seed?: number;
}

export interface CompileOptions {
  /** Default "adam". */
  optimizer?: Optimizer | OptimizerName;
  loss: LossName;
  /** Default none. */
  metrics?: readonly MetricName[];
}

export interface FitOptions extends LoopOptions {
  /** Default 32. */
  batchSize?: number;
  /** Samples and targets on which each epoch is judged. */
  validationData?: readonly [x: Samples, y: Samples];
  /** Or the last part of the samples, from 0 to 1, kept out of training. */
  validationSplit?: number;
  classWeight?: ClassWeights;
  /** Go on where a stopped or saved training was, instead of at the first epoch. Default false. */
  resume?: boolean;
}

export interface PredictOptions {
  /** Write here instead of into a new tensor. */
  into?: Tensor;
  /** Samples computed at once; bounds the memory. Default 128. */
  batchSize?: number;
}

export class Sequential {
  readonly layers: readonly Layer[];
  /** Of one sample. */
  readonly inputShape: Shape;
  readonly outputShape: Shape;
  readonly runtime: Runtime;
  /** The batch that a resumed training begins with. */
  readonly position: Position = { epoch: 0, batch: 0 };
  /** Training steps taken. */
  readonly clock: { seed: number; iteration: number };
  readonly #predictor: Predictor;
  #trainer: Trainer | undefined;

  constructor(options: SequentialOptions, layers: readonly Layer[]) {
    const { inputShape, seed = 0 } = options;
    checkShape("sequential", "inputShape", inputShape);
    if (inputShape.length === 0) throw new ShapeError("sequential: inputShape must have at least one axis, got []");
    checkSeed("sequential", seed);
    checkLayers(layers);
    this.runtime = currentRuntime("sequential");
    this.layers = [...layers];
    this.inputShape = [...inputShape];
    this.clock = { seed, iteration: 0 };
    this.outputShape = buildLayers(this.runtime, this.layers, this.inputShape, seed);
    this.#predictor = new Predictor(this);
  }

  /** The first weights followed from it; the sample order and dropout of trainings to come do, so it may be set anew. */
  get seed(): number {
    return this.clock.seed;
  }

  set seed(seed: number) {
    checkSeed("model", seed);
    this.clock.seed = seed;
  }

  /** All parameters, in the order of the layers. */
  get parameters(): Parameter[] {
    return this.layers.flatMap((layer) => layer.parameters);
  }

  /** What training needs; throws ArgumentError before `compile`. */
  trainer(op: string): Trainer {
    if (this.#trainer === undefined) throw new ArgumentError(`${op}: call model.compile({ optimizer, loss }) first`);
    return this.#trainer;
  }

  /** Sets optimizer, loss and metrics, and begins training anew: the optimizer's state is empty. */
  compile(options: CompileOptions): this {
    const { optimizer = "adam", metrics = [] } = options;
    const loss = lossByName("compile", options.loss);
    loss.check(this.outputShape);
    const compiled = {
      optimizer: typeof optimizer === "string" ? optimizerByName("compile", optimizer) : optimizer,
      loss,
      metrics: metrics.map((name) => metric("compile", name)),
    };
    this.#trainer?.dispose();
    this.#trainer = new Trainer(this, compiled);
    this.clock.iteration = 0;
    Object.assign(this.position, { epoch: 0, batch: 0 });
    return this;
  }

  /**
   * The outputs for a batch [N,...inputShape] (or one sample). After the first call with a batch size it allocates
   * nothing but the returned tensor, and not even that with `into`.
   *
   * @throws ShapeError where x or into has another shape.
   */
  predict(x: Samples, options: PredictOptions = {}): Tensor {
    return this.#predictor.predict(x, options);
  }

  /** The output of every layer, by its name; the caller disposes them. */
  activations(x: Samples): Record<string, Tensor> {
    const rows = new Rows("activations", "x", x, this.inputShape);
    const { plan, input, outputs } = planActivations(this, rows.count);
    plan.allocate();
    const all = Int32Array.from({ length: rows.count }, (_, i) => i);
    rows.gather(all, this.runtime.floats(input.pointer, sizeOf(input.shape)));
    plan.run();
    const named = outputs.map((slot, i) => {
      const copy = new Tensor(this.runtime, slot.shape);
      copy.data.set(this.runtime.floats(slot.pointer, copy.size));
      return [this.layers[i].name, copy] as const;
    });
    plan.dispose();
    return Object.fromEntries(named);
  }

  /** One training step on these samples; returns loss and metrics of the batch as they were before the step. */
  trainOnBatch(x: Samples, y: Samples, options: { classWeight?: ClassWeights } = {}): Scores {
    const trainer = this.trainer("trainOnBatch");
    trainer.mustLearn("trainOnBatch");
    const data = this.#batches("trainOnBatch", x, y, trainer.compiled.loss, { batchSize: 2 ** 31, ...options });
    return trainer.trainBatch(data.count, data.feed(data.all));
  }

  /** Loss and metrics over samples, in inference mode. */
  async evaluate(x: Samples, y: Samples, options: { batchSize?: number } = {}): Promise<Scores> {
    const { batchSize = 32 } = options;
    const trainer = this.trainer("evaluate");
    return evaluateBatches(trainer, this.#batches("evaluate", x, y, trainer.compiled.loss, { batchSize }));
  }

  /**
   * Trains: every epoch takes all samples once, in batches. Yields to the event loop, so that a page stays alive.
   *
   * @throws ShapeError, ArgumentError where data, targets or options do not fit the model.
   * @example
   * const history = await model.fit(images, labels, { epochs: 3, validationSplit: 0.1 });
   */
  async fit(x: Samples, y: Samples, options: FitOptions = {}): Promise<History> {
    const trainer = this.trainer("fit");
    trainer.mustLearn("fit");
    const { batchSize = 32, validationData, validationSplit = 0, classWeight, resume = false } = options;
    if (!(validationSplit >= 0 && validationSplit < 1)) {
      throw new ArgumentError(`fit: validationSplit must lie in [0, 1), got ${show(validationSplit)}`);
    }
    const { loss } = trainer.compiled;
    const cut = 1 - validationSplit;
    const data = this.#batches("fit", x, y, loss, { batchSize, classWeight }, [0, cut]);
    let held: Batches | undefined;
    if (validationData !== undefined) held = this.#batches("fit", ...validationData, loss, { batchSize });
    else if (validationSplit > 0) held = this.#batches("fit", x, y, loss, { batchSize }, [cut, 1]);
    if (!resume) Object.assign(this.position, { epoch: 0, batch: 0 });
    const validate = held === undefined ? undefined : () => evaluateBatches(trainer, held);
    const weights = { read: () => this.getWeights(), write: (values: Float32Array[]) => this.setWeights(values) };
    return runLoop({ trainer, seed: this.seed, position: this.position, data, validate, weights }, options);
  }

  /** Copies of all parameters, in the order of the layers. */
  getWeights(): Float32Array[] {
    return this.parameters.map((parameter) => parameter.data.slice());
  }

  /** Replaces all parameters. */
  setWeights(values: readonly ArrayLike<number>[]): void {
    const { parameters } = this;
    if (values.length !== parameters.length) {
      throw new ShapeError(`setWeights: the model has ${parameters.length} parameters, got ${values.length} arrays`);
    }
    for (let i = 0; i < values.length; i++) parameters[i].set(values[i]);
  }

  /** A table: layers, output shapes, parameters, multiply-adds, receptive fields, bytes. */
  summary(): string {
    return summaryText(this);
  }

  /** Bytes that a batch will need, before anything runs. */
  memory(options: { batchSize?: number } = {}): MemoryReport {
    const { batchSize = 1 } = options;
    const training = this.#trainer;
    return memoryReport(this, this.#predictor.arenaBytes(batchSize), training, batchSize);
  }

  /**
   * The model as a safetensors file, its configuration in the metadata. With `optimizer`, also what a stopped training
   * needs to go on to the same bits.
   */
  save(options: { optimizer?: boolean } = {}): Uint8Array<ArrayBuffer> {
    return encodeModel(this, options.optimizer ?? false);
  }

  /** Gives all memory back. */
  dispose(): void {
    this.#predictor.dispose();
    this.#trainer?.dispose();
    for (const parameter of this.parameters) parameter.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  #batches(
    op: string,
    x: Samples,
    y: Samples,
    loss: Loss,
    options: { batchSize: number; classWeight?: ClassWeights },
    range?: readonly [number, number],
  ): Batches {
    const expected = { inputShape: this.inputShape, outputShape: this.outputShape, loss };
    return new Batches(op, x, y, expected, options, range);
  }
}

/**
 * A model of layers that stand one behind the other.
 *
 * @throws ShapeError where a layer does not fit the one before it.
 * @example
 * const model = sequential({ inputShape: [28, 28, 1], seed: 1 }, [layers.flatten(), layers.dense({ units: 10 })]);
 */
export function sequential(options: SequentialOptions, layers: readonly Layer[]): Sequential {
  return new Sequential(options, layers);
}

function checkSeed(op: string, seed: number): void {
  if (Number.isSafeInteger(seed) && seed >= 0) return;
  throw new ArgumentError(`${op}: seed must be a whole number from 0 to 2^53 - 1, got ${show(seed)}`);
}

function checkLayers(layers: readonly Layer[]): void {
  if (!Array.isArray(layers) || layers.length === 0) {
    throw new ArgumentError(`sequential: layers must hold at least one layer, got ${show(layers)}`);
  }
  for (const [i, layer] of layers.entries()) {
    if (!(layer instanceof Layer)) {
      throw new ArgumentError(`sequential: layers[${i}] must be a layer, as in layers.flatten(), got ${show(layer)}`);
    }
    if (layer.built) throw new ArgumentError(`sequential: layer ${show(layer.name)} belongs to another model already`);
    const first = layers.indexOf(layer);
    if (first < i) throw new ArgumentError(`sequential: layers[${first}] and layers[${i}] are the same layer`);
  }
  nameLayers(layers);
}

/** Names layers that have no name: the class in lower case and a number for each kind, as in "conv2d_1". */
function nameLayers(layers: readonly Layer[]): void {
  const counts = new Map<string, number>();
  const names = new Set<string>();
  const given = layers.map((layer) => {
    const { className } = layer;
    const kind = className[0].toLowerCase() + className.slice(1).replace(/2D$/, "2d");
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
    const name = layer.name === "" ? `${kind}_${counts.get(kind)}` : layer.name;
    if (names.has(name)) throw new ArgumentError(`sequential: two layers are named ${show(name)}`);
    names.add(name);
    return name;
  });
  for (const [i, layer] of layers.entries()) layer.name = given[i];
}

/** Makes the parameters of all layers and returns the last output shape; makes none where a layer does not fit. */
function buildLayers(runtime: Runtime, layers: readonly Layer[], inputShape: Shape, seed: number): Shape {
  const random = new SeededRandom(seed).fork("initializers");
  let shape = inputShape;
  try {
    for (const layer of layers) shape = layer.build({ runtime, random }, shape);
    return shape;
  } catch (error) {
    for (const layer of layers) layer.unbuild();
    throw error;
  }
}

async function evaluateBatches(trainer: Trainer, data: Batches): Promise<Scores> {
  const means = new Means();
  for (let batch = 0; batch < data.batches; batch++) {
    const indices = data.indices(data.all, batch);
    means.add(trainer.evaluateBatch(indices.length, data.feed(indices)), indices.length);
    if (batch % 64 === 63) await undefined;
  }
  return means.value;
}
