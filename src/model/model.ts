/** The model that users make, train and ask: a graph of layers. */
import { ArgumentError, checkOptions, oneOf, ShapeError, show } from "../errors.ts";
import type { Layer } from "../layers/layer.ts";
import { symbolicTensors } from "../layers/symbolic.ts";
import { loss as lossByName } from "../losses/index.ts";
import type { Loss } from "../losses/loss.ts";
import { metric } from "../metrics/index.ts";
import { PRECISIONS, type Precision } from "../ops/conv2d.ts";
import { Optimizer } from "../optimizers/optimizer.ts";
import { optimizer as optimizerByName } from "../optimizers/registry.ts";
import { blockBytes } from "../runtime/heap.ts";
import { currentRuntime, type Runtime } from "../runtime/runtime.ts";
import type { Parameter } from "../tensor/parameter.ts";
import { type Shape, sizeOf } from "../tensor/shape.ts";
import { Tensor } from "../tensor/tensor.ts";
import { Batches, type ClassWeights, checkBatchSize } from "./batches.ts";
import { evaluateBatches, type History, type Position, runLoop } from "./fit.ts";
import { buildLayers, type Graph, type GraphInput, traceGraph } from "./graph.ts";
import {
  type CompileOptions,
  FIT_OPTIONS,
  type FitOptions,
  type GraphOptions,
  MODEL_OPTIONS,
  type ModelOptions,
  type PredictAllOptions,
  type PredictOptions,
} from "./options.ts";
import { PackedWeights } from "./packedWeights.ts";
import { Predictor } from "./predictor.ts";
import { planActivations } from "./program.ts";
import { Rows, type Samples } from "./samples.ts";
import { encodeModel } from "./snapshot.ts";
import { type MemoryReport, summaryText } from "./summary.ts";
import { type Scores, Trainer } from "./trainer.ts";
import { runUntilSteady } from "./warmUp.ts";

export class Model {
  readonly graph: Graph;
  readonly layers: readonly Layer[];
  readonly runtime: Runtime;
  readonly precision: Precision;
  /** The batch that a resumed training begins with. */
  readonly position: Position = { epoch: 0, batch: 0 };
  /** Training steps taken. */
  readonly clock: { seed: number; iteration: number };
  /** For plans. */
  readonly weights: PackedWeights;
  readonly #predictor: Predictor;
  #trainer: Trainer | undefined;
  #training = false;
  #isInferenceOnly = false;
  #disposed = false;

  /** @param op stands in messages. */
  constructor(op: string, graph: Graph, options: ModelOptions) {
    const { seed = 0, precision = "default" } = options;
    checkSeed(op, seed);
    this.precision = oneOf(op, "precision", precision, PRECISIONS);
    this.runtime = currentRuntime(op);
    this.graph = graph;
    this.layers = graph.layers;
    this.clock = { seed, iteration: 0 };
    buildLayers(op, this.runtime, graph, seed);
    this.weights = new PackedWeights(this.runtime);
    this.#predictor = new Predictor(this);
  }

  get inputs(): readonly GraphInput[] {
    return this.graph.inputs;
  }

  /** Of one sample of the (first) input. */
  get inputShape(): Shape {
    return this.graph.shapes[0];
  }

  /** Of one sample of the (first) output. */
  get outputShape(): Shape {
    return this.outputShapes[0];
  }

  get outputShapes(): readonly Shape[] {
    return this.graph.outputs.map((value) => this.graph.shapes[value]);
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
    this.#mustLive(op);
    if (this.#trainer === undefined) throw new ArgumentError(`${op}: call model.compile({ optimizer, loss }) first`);
    return this.#trainer;
  }

  /** Sets optimizer, loss and metrics, and begins training anew: the optimizer's state is empty. */
  compile(options: CompileOptions): this {
    this.#mustTrain("compile");
    checkOptions("compile", options, { optimizer: true, loss: true, metrics: true });
    const { inputs, outputs } = this.graph;
    if (inputs.length > 1 || outputs.length > 1) {
      throw new ArgumentError(
        `compile: training takes a model with one input and one output, this one has ${inputs.length} and ${outputs.length}`,
      );
    }
    const { optimizer = "adam", metrics = [] } = options;
    const loss = lossByName("compile", options.loss);
    loss.check(this.outputShape);
    if (!Array.isArray(metrics)) {
      throw new ArgumentError(`compile: metrics must be an array of names, got ${show(metrics)}`);
    }
    const compiled = {
      optimizer: optimizer instanceof Optimizer ? optimizer : optimizerByName("compile", optimizer),
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
    this.#mustLive("predict");
    checkOptions("predict", options, { into: true, batchSize: true });
    const { inputs, outputs } = this.graph;
    if (inputs.length > 1 || outputs.length > 1) {
      throw new ArgumentError(
        `predict: the model has ${inputs.length} inputs and ${outputs.length} outputs; use predictAll([...])`,
      );
    }
    const { into, batchSize } = options;
    return this.#predictor.predict("predict", [x], { into: into === undefined ? undefined : [into], batchSize })[0];
  }

  /**
   * As `predict`, for models with several inputs or outputs.
   *
   * @param xs the samples of each input, in the order of `inputs`
   * @returns a tensor for each output
   */
  predictAll(xs: readonly Samples[], options: PredictAllOptions = {}): Tensor[] {
    this.#mustLive("predictAll");
    checkOptions("predictAll", options, { into: true, batchSize: true });
    return this.#predictor.predict("predictAll", xs, options);
  }

  /**
   * Makes the first `predict` for a batch size as fast as later ones: plans it, packs the weights, and computes zeros until
   * the engine has optimized the kernels (0.2 to 1 second). Yields to the event loop.
   *
   * @example
   * await model.warmUp({ batchSize: 1 }); // while the page loads its images
   */
  async warmUp(options: { batchSize?: number } = {}): Promise<void> {
    this.#mustLive("warmUp");
    checkOptions("warmUp", options, { batchSize: true });
    const { batchSize = 1 } = options;
    checkBatchSize("warmUp", batchSize);
    const made: Tensor[] = [];
    const zeros = (shape: Shape): Tensor => {
      made.push(new Tensor(this.runtime, [batchSize, ...shape]));
      made[made.length - 1].data.fill(0);
      return made[made.length - 1];
    };
    try {
      const inputs = this.inputs.map(({ shape }) => zeros(shape));
      const into = this.outputShapes.map(zeros);
      await runUntilSteady(() => {
        this.#mustLive("warmUp");
        this.#predictor.predict("warmUp", inputs, { into, batchSize });
      });
    } finally {
      for (const tensor of made) tensor.dispose();
    }
  }

  /**
   * The output of every layer, by its name, of a model with one input; the second use of a shared layer is "name:2". The
   * caller disposes them.
   */
  activations(x: Samples): Record<string, Tensor> {
    this.#mustTrain("activations");
    const { inputs, nodes } = this.graph;
    if (inputs.length > 1) throw new ArgumentError(`activations: the model has ${inputs.length} inputs, not one`);
    const rows = new Rows("activations", "x", x, this.inputShape, this.runtime);
    const { plan, input, outputs } = planActivations(this, rows.count);
    plan.allocate();
    rows.copy(this.runtime.floats(input.pointer, sizeOf(input.shape)));
    plan.run();
    const names = namesOfUses(nodes.map(({ layer }) => layer.name));
    const named = outputs.map((slot, i) => {
      const copy = new Tensor(this.runtime, slot.shape);
      copy.data.set(this.runtime.floats(slot.pointer, copy.size));
      return [names[i], copy] as const;
    });
    plan.dispose();
    return Object.fromEntries(named);
  }

  /** One training step on these samples; returns loss and metrics of the batch as they were before the step. */
  trainOnBatch(x: Samples, y: Samples, options: { classWeight?: ClassWeights } = {}): Scores {
    const trainer = this.trainer("trainOnBatch");
    trainer.mustLearn("trainOnBatch");
    checkOptions("trainOnBatch", options, { classWeight: true });
    const data = this.#batches("trainOnBatch", x, y, trainer.compiled.loss, { batchSize: 2 ** 31, ...options });
    return trainer.trainBatch(data.count, data.feed(data.all));
  }

  /** Loss and metrics over samples, in inference mode. */
  async evaluate(x: Samples, y: Samples, options: { batchSize?: number } = {}): Promise<Scores> {
    checkOptions("evaluate", options, { batchSize: true });
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
    checkOptions("fit", options, FIT_OPTIONS);
    if (this.#training) throw new ArgumentError("fit: this model is in training already; await the first fit");
    const { data, held } = this.#fitData(x, y, options, trainer.compiled.loss);
    const validate = held === undefined ? undefined : () => evaluateBatches(trainer, held);
    const weights = { read: () => this.getWeights(), write: (values: Float32Array[]) => this.setWeights(values) };
    this.#training = true;
    try {
      return await runLoop({ trainer, seed: this.seed, position: this.position, data, validate, weights }, options);
    } finally {
      this.#training = false;
    }
  }

  /** Copies of all parameters, in the order of the layers. */
  getWeights(): Float32Array[] {
    this.#mustTrain("getWeights");
    return this.parameters.map((parameter) => parameter.data.slice());
  }

  /** Replaces all parameters. */
  setWeights(values: readonly ArrayLike<number>[]): void {
    this.#mustTrain("setWeights");
    const { parameters } = this;
    if (values.length !== parameters.length) {
      throw new ShapeError(`setWeights: the model has ${parameters.length} parameters, got ${values.length} arrays`);
    }
    for (const [i, { name, shape, size }] of parameters.entries()) {
      if (values[i]?.length === size) continue;
      const got = values[i]?.length ?? show(values[i]);
      throw new ShapeError(`setWeights: values[${i}], ${name} ${show(shape)}, must hold ${size} numbers, got ${got}`);
    }
    for (const [i, parameter] of parameters.entries()) parameter.set(values[i]);
  }

  /** A table: layers, output shapes, parameters, multiply-adds, receptive fields, bytes. */
  summary(): string {
    return summaryText(this.graph);
  }

  /** Bytes that a batch will need, before anything runs. */
  memory(options: { batchSize?: number; inferenceOnly?: boolean } = {}): MemoryReport {
    checkOptions("memory", options, { batchSize: true, inferenceOnly: true });
    const { batchSize = 1, inferenceOnly = this.#isInferenceOnly } = options;
    this.#mustLive("memory");
    checkBatchSize("memory", batchSize);
    const predict = this.#predictor.bytes(batchSize);
    if (inferenceOnly) return { parameters: 0, predict, train: 0 };
    const blocks = this.parameters.map(({ size }) => blockBytes(size * 4));
    const parameters = blocks.reduce((sum, bytes) => sum + bytes, 0);
    return { parameters, predict, train: this.#trainer?.bytes(batchSize) ?? 0 };
  }

  /**
   * Does now what the first prediction with a batch size would do: plans, takes memory, packs weights. With
   * `inferenceOnly` the parameters themselves are given back as they are packed, which halves the memory: from then on the
   * model predicts batches of this size, and can be neither trained nor saved.
   *
   * @throws ArgumentError where the model is compiled and to become inferenceOnly.
   * @example
   * const model = loadModel(bytes).prepare({ inferenceOnly: true });
   */
  prepare(options: { batchSize?: number; inferenceOnly?: boolean } = {}): this {
    this.#mustLive("prepare");
    checkOptions("prepare", options, { batchSize: true, inferenceOnly: true });
    const { batchSize = 1, inferenceOnly = false } = options;
    checkBatchSize("prepare", batchSize);
    if (inferenceOnly && !this.#isInferenceOnly) this.#giveParametersBack(batchSize);
    else this.#predictor.prepare(batchSize, false);
    return this;
  }

  /** Weights are packed where parameters lay, so memory grows only by what packed weights need more. */
  #giveParametersBack(batchSize: number): void {
    if (this.#trainer !== undefined) {
      throw new ArgumentError("prepare: inferenceOnly must be false for a model that is compiled to be trained");
    }
    this.#predictor.dispose(); // plans for other batch sizes may hold weights in other forms
    for (const parameter of this.parameters) parameter.detach();
    try {
      this.#predictor.prepare(batchSize, true);
    } catch (error) {
      for (const parameter of this.parameters) parameter.attach();
      throw error;
    }
    for (const parameter of this.parameters) parameter.dispose();
    this.#isInferenceOnly = true;
  }

  /**
   * The model as a safetensors file, its configuration in the metadata. With `optimizer`, also what a stopped training
   * needs to go on to the same bits.
   */
  save(options: { optimizer?: boolean } = {}): Uint8Array<ArrayBuffer> {
    this.#mustTrain("save");
    checkOptions("save", options, { optimizer: true });
    return encodeModel(this, options.optimizer ?? false);
  }

  /** Gives all memory back. */
  dispose(): void {
    this.#disposed = true;
    this.#predictor.dispose();
    this.#trainer?.dispose();
    for (const parameter of this.parameters) parameter.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  /** The samples to train on, and those to judge by. */
  #fitData(x: Samples, y: Samples, options: FitOptions, loss: Loss): { data: Batches; held: Batches | undefined } {
    const { batchSize = 32, validationData, validationSplit = 0, classWeight } = options;
    if (!(validationSplit >= 0 && validationSplit < 1)) {
      throw new ArgumentError(`fit: validationSplit must lie in [0, 1), got ${show(validationSplit)}`);
    }
    const cut = 1 - validationSplit;
    const data = this.#batches("fit", x, y, loss, { batchSize, classWeight }, [0, cut]);
    if (validationData === undefined) {
      const held = validationSplit > 0 ? this.#batches("fit", x, y, loss, { batchSize }, [cut, 1]) : undefined;
      return { data, held };
    }
    if (validationSplit > 0) throw new ArgumentError("fit: give validationData or validationSplit, not both");
    if (!Array.isArray(validationData) || validationData.length !== 2) {
      throw new ArgumentError(`fit: validationData must be [x, y], got ${show(validationData)}`);
    }
    const [heldX, heldY]: readonly [Samples, Samples] = validationData;
    return { data, held: this.#batches("fit: validationData", heldX, heldY, loss, { batchSize }) };
  }

  #mustTrain(op: string): void {
    this.#mustLive(op);
    if (!this.#isInferenceOnly) return;
    throw new ArgumentError(`${op}: the model was prepared with inferenceOnly, it has no parameters any more`);
  }

  #mustLive(op: string): void {
    if (this.#disposed) throw new ArgumentError(`${op}: the model was disposed`);
  }

  #batches(
    op: string,
    x: Samples,
    y: Samples,
    loss: Loss,
    options: { batchSize: number; classWeight?: ClassWeights },
    range?: readonly [number, number],
  ): Batches {
    const { runtime, inputShape, outputShape } = this;
    const expected = { runtime, inputShape, outputShape, loss };
    return new Batches(op, x, y, expected, options, range);
  }
}

/**
 * A model of layers that form a graph (Keras functional models).
 *
 * @throws ArgumentError where inputs and outputs do not make a graph, or a layer belongs to another model.
 * @example
 * const x = input({ shape: [32, 32, 3] });
 * const y = layers.conv2d({ filters: 3, kernelSize: 3, padding: "same" })(x);
 * const residual = model({ inputs: x, outputs: layers.add()([x, y]), seed: 1 });
 */
export function model(options: GraphOptions): Model {
  checkOptions("model", options, { inputs: true, outputs: true, ...MODEL_OPTIONS });
  const { inputs, outputs, ...others } = options;
  const ends = [symbolicTensors("model", "inputs", inputs), symbolicTensors("model", "outputs", outputs)] as const;
  return new Model("model", traceGraph("model", ...ends), others);
}

function checkSeed(op: string, seed: number): void {
  if (Number.isSafeInteger(seed) && seed >= 0) return;
  throw new ArgumentError(`${op}: seed must be a whole number from 0 to 2^53 - 1, got ${show(seed)}`);
}

/** a, b, a -> a, b, a:2. */
export function namesOfUses(names: readonly string[]): string[] {
  const uses = new Map<string, number>();
  return names.map((name) => {
    const use = (uses.get(name) ?? 0) + 1;
    uses.set(name, use);
    return use === 1 ? name : `${name}:${use}`;
  });
}
