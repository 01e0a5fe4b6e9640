/** The model that users make, train and ask: a graph of layers. */
import { ArgumentError, checkOptions, oneOf, ShapeError, show } from "../errors.ts";
import type { Layer } from "../layers/layer.ts";
import { PRECISIONS, type Precision } from "../ops/conv2d.ts";
import { blockBytes } from "../runtime/heap.ts";
import { currentRuntime, type Runtime } from "../runtime/runtime.ts";
import { drawnFrom, type FirstValues } from "../tensor/initializers.ts";
import type { Parameter } from "../tensor/parameter.ts";
import { Rows, type Samples } from "../tensor/samples.ts";
import type { Shape } from "../tensor/shape.ts";
import { type Batch, isSource, type Source } from "../tensor/source.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { Batches, checkBatchSize, type Expected, type WeightOptions } from "./batches.ts";
import type { Block } from "./chain.ts";
import { compiledOf } from "./compile.ts";
import { evaluateBatches, type History, type Position, runLoop } from "./fit.ts";
import { evaluateData, fitData } from "./fitData.ts";
import { buildLayers, type Graph, type GraphInput } from "./graph.ts";
import { graphWithHead } from "./head.ts";
import {
  type CompileOptions,
  FIT_OPTIONS,
  type FitOptions,
  MODEL_OPTIONS,
  type ModelOptions,
  type PredictAllOptions,
  type PredictOptions,
} from "./options.ts";
import { PackedWeights } from "./packedWeights.ts";
import { dotOf, mermaidOf } from "./picture.ts";
import { Predictor, predictEach } from "./predictor.ts";
import { runActivations } from "./program.ts";
import { encodeModel } from "./snapshot.ts";
import { type ModelMemory, summaryText } from "./summary.ts";
import type { Scores } from "./tally.ts";
import { Trainer } from "./trainer.ts";
import { runZeros } from "./warmUp.ts";
import {
  type LoadedWeights,
  type LoadWeightsOptions,
  readWeights,
  type SaveWeightsOptions,
  writeWeights,
} from "./weightFile.ts";

/** A graph of layers: made by `sequential`, `model` or `loadModel`, trained by `fit`, asked by `predict`. */
export class Model {
  /** @internal */
  readonly graph: Graph;
  /** In the order in which they run. */
  readonly layers: readonly Layer[];
  /** Whose memory it lies in. */
  readonly runtime: Runtime;
  /** Of its convolutions. */
  readonly precision: Precision;
  /** The batch that a resumed training begins with. @internal */
  readonly position: Position = { epoch: 0, batch: 0 };
  /** Training steps taken. @internal */
  readonly clock: { seed: number; iteration: number };
  /** For plans. @internal */
  readonly weights: PackedWeights;
  readonly #predictor: Predictor;
  #trainer: Trainer | undefined;
  #training = false;
  #isInferenceOnly = false;
  #disposed = false;

  /**
   * @param op stands in messages.
   * @param firstValues where the parameters come from; undefined: the initializers draw them from the seed.
   */
  constructor(op: string, graph: Graph, options: ModelOptions, firstValues?: FirstValues) {
    const { seed = 0, precision = "default" } = options;
    checkSeed(op, seed);
    this.precision = oneOf(op, "precision", precision, PRECISIONS);
    this.runtime = currentRuntime(op);
    this.graph = graph;
    this.layers = graph.layers;
    this.clock = { seed, iteration: 0 };
    buildLayers(op, this.runtime, graph, firstValues ?? drawnFrom(seed));
    this.weights = new PackedWeights(this.runtime);
    this.#predictor = new Predictor(this);
  }

  /** Shape and name of each input. */
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

  /** Of one sample of each output. */
  get outputShapes(): readonly Shape[] {
    return this.graph.outputs.map((value) => this.graph.shapes[value]);
  }

  /** The first weights followed from it; the sample order and dropout of trainings to come do, so it may be set anew. */
  get seed(): number {
    return this.clock.seed;
  }

  /** A whole number from 0 to 2^53 - 1. */
  set seed(seed: number) {
    checkSeed("model", seed);
    this.clock.seed = seed;
  }

  /** All parameters, in the order of the layers. */
  get parameters(): Parameter[] {
    return this.layers.flatMap((layer) => layer.parameters);
  }

  /** What training needs; throws ArgumentError before `compile`. @internal */
  trainer(op: string): Trainer {
    this.#mustLive(op);
    if (this.#trainer === undefined) throw new ArgumentError(`${op}: call model.compile({ optimizer, loss }) first`);
    return this.#trainer;
  }

  /**
   * Sets optimizer, loss and metrics, and begins training anew: the optimizer's state is empty.
   *
   * @example
   * const model = sequential({ inputShape: [4] }, [layers.dense({ units: 2, activation: "softmax" })]);
   * model.compile({ optimizer: "adam", loss: "sparseCategoricalCrossentropy", metrics: ["accuracy"] });
   */
  compile(options: CompileOptions): this {
    this.#mustTrain("compile");
    checkOptions("compile", options, { optimizer: true, loss: true, metrics: true });
    const compiled = compiledOf(options, this.graph);
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
   * @example
   * const model = sequential({ inputShape: [4] }, [layers.dense({ units: 2, activation: "softmax" })]);
   * const probabilities = model.predict([[1, 2, 3, 4]]); // [1,2]
   */
  predict(x: Samples, options?: PredictOptions): Tensor;
  /**
   * The outputs for batches that come one by one, a tensor for each when it is asked for; the caller disposes it.
   *
   * @example
   * const model = sequential({ inputShape: [4] }, [layers.dense({ units: 2, activation: "softmax" })]);
   * const batches = [{ x: [[1, 2, 3, 4]] }, { x: [[5, 6, 7, 8]] }]; // or what makes them: () => read()
   * for await (const y of model.predict(batches)) y.dispose();
   */
  predict(batches: Source<Batch>, options?: Omit<PredictOptions, "into">): AsyncGenerator<Tensor, void, undefined>;
  predict(
    data: Samples | Source<Batch>,
    options: PredictOptions = {},
  ): Tensor | AsyncGenerator<Tensor, void, undefined> {
    this.#mustLive("predict");
    checkOptions("predict", options, { into: true, batchSize: true });
    const { inputs, outputs } = this.graph;
    if (inputs.length > 1 || outputs.length > 1) {
      throw new ArgumentError(
        `predict: the model has ${inputs.length} inputs and ${outputs.length} outputs; use predictAll([...])`,
      );
    }
    const { into, batchSize } = options;
    if (isSource(data)) return predictEach(data, options, (x) => this.predict(x, { batchSize }));
    return this.#predictor.predict("predict", [data], { into: into === undefined ? undefined : [into], batchSize })[0];
  }

  /**
   * As `predict`, for models with several inputs or outputs.
   *
   * @param xs the samples of each input, in the order of `inputs`
   * @returns a tensor for each output
   * @example
   * const [a, b] = [input({ shape: [4] }), input({ shape: [4] })];
   * const sum = model({ inputs: [a, b], outputs: layers.add()([a, b]) });
   * const [y] = sum.predictAll([tensor([[1, 2, 3, 4]]), tensor([[1, 1, 1, 1]])]);
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
   * const model = sequential({ inputShape: [4] }, [layers.dense({ units: 2, activation: "softmax" })]);
   * await model.warmUp({ batchSize: 1 }); // while the page loads its images
   */
  async warmUp(options: { batchSize?: number } = {}): Promise<void> {
    this.#mustLive("warmUp");
    checkOptions("warmUp", options, { batchSize: true });
    const { batchSize = 1 } = options;
    checkBatchSize("warmUp", batchSize);
    await runZeros(this, batchSize, (inputs, into) => {
      this.#mustLive("warmUp");
      this.#predictor.predict("warmUp", inputs, { into, batchSize });
    });
  }

  /**
   * The output of every layer, by its name, of a model with one input; the second use of a shared layer is "name:2". The
   * caller disposes them.
   *
   * @example
   * const model = sequential({ inputShape: [4] }, [layers.dense({ units: 2, activation: "softmax" })]);
   * Object.keys(model.activations([[1, 2, 3, 4]])); // ["dense_1"]
   */
  activations(x: Samples): Record<string, Tensor> {
    this.#mustTrain("activations");
    const { inputs } = this.graph;
    if (inputs.length > 1) throw new ArgumentError(`activations: the model has ${inputs.length} inputs, not one`);
    return runActivations(this, new Rows("activations", "x", x, this.inputShape, this.runtime));
  }

  /** One training step on these samples; returns loss and metrics of the batch as they were before the step. */
  trainOnBatch(x: Samples, y: Samples, options: WeightOptions = {}): Scores {
    const trainer = this.trainer("trainOnBatch");
    trainer.mustLearn("trainOnBatch");
    checkOptions("trainOnBatch", options, { classWeight: true, sampleWeight: true });
    const data = new Batches("trainOnBatch", x, y, this.#expected(trainer), { batchSize: 2 ** 31, ...options });
    const tally = trainer.tally();
    trainer.trainBatch(data.count, data.feed(data.all), tally);
    return tally.scores;
  }

  /**
   * Loss and metrics over samples, in inference mode.
   *
   * @example
   * const model = sequential({ inputShape: [4] }, [layers.dense({ units: 2, activation: "softmax" })]);
   * model.compile({ optimizer: "adam", loss: "sparseCategoricalCrossentropy", metrics: ["accuracy"] });
   * const [x, y] = [new Float32Array(8 * 4), new Int32Array(8)]; // 8 samples
   * const { loss, accuracy } = await model.evaluate(x, y);
   */
  evaluate(x: Samples, y: Samples, options?: { batchSize?: number }): Promise<Scores>;
  /**
   * Loss and metrics over batches that come one by one.
   *
   * @example
   * const model = sequential({ inputShape: [4] }, [layers.dense({ units: 1 })]);
   * model.compile({ loss: "meanSquaredError" });
   * const { loss } = await model.evaluate([{ x: new Float32Array(8), y: [0, 0] }]); // or what makes batches: () => read()
   */
  evaluate(batches: Source<Batch>): Promise<Scores>;
  async evaluate(x: Samples | Source<Batch>, y?: Samples, options: { batchSize?: number } = {}): Promise<Scores> {
    const trainer = this.trainer("evaluate");
    return evaluateBatches(trainer, evaluateData(this.#expected(trainer), x, y, options));
  }

  /**
   * Trains: every epoch takes all samples once, in batches. Yields to the event loop, so that a page stays alive.
   *
   * @throws ShapeError, ArgumentError where data, targets or options do not fit the model.
   * @example
   * const model = sequential({ inputShape: [4] }, [layers.dense({ units: 2, activation: "softmax" })]);
   * model.compile({ optimizer: "adam", loss: "sparseCategoricalCrossentropy", metrics: ["accuracy"] });
   * const [x, y] = [new Float32Array(8 * 4), new Int32Array(8)]; // 8 samples
   * const { loss } = await model.fit(x, y, { epochs: 3, batchSize: 4 }); // one number for each epoch
   */
  fit(x: Samples, y: Samples, options?: FitOptions): Promise<History>;
  /**
   * Trains on batches that come one by one: more than memory holds, or made on the way. An epoch goes through all of them, asking for one
   * at a time. Each size of batch is planned once, so let all but the last be equal. `resume` asks for those that were learned
   * already and leaves them out. `datasets` makes batches of samples.
   *
   * @param batches a function that makes them for each epoch, or what can be gone through again and again
   * @example
   * async function* read() { // or fetch, or read files; may be given the epoch
   *   for (let i = 0; i < 10; i++) yield { x: new Float32Array(8 * 4), y: new Int32Array(8) }; // 8 samples
   * }
   * const model = sequential({ inputShape: [4] }, [layers.dense({ units: 2, activation: "softmax" })]);
   * model.compile({ optimizer: "adam", loss: "sparseCategoricalCrossentropy" });
   * const { loss } = await model.fit(read, { epochs: 3 });
   */
  fit(batches: Source<Batch>, options?: FitOptions): Promise<History>;
  async fit(x: Samples | Source<Batch>, y?: Samples | FitOptions, given?: FitOptions): Promise<History> {
    const trainer = this.trainer("fit");
    trainer.mustLearn("fit");
    const options = ((isSource(x) ? y : given) ?? {}) as FitOptions;
    checkOptions("fit", options, FIT_OPTIONS);
    if (this.#training) throw new ArgumentError("fit: this model is in training already; await the first fit");
    const { data, held } = fitData(this.#expected(trainer), x, y as Samples, options, this.seed);
    const validate = held === undefined ? undefined : () => evaluateBatches(trainer, held);
    const weights = { read: () => this.getWeights(), write: (values: Float32Array[]) => this.setWeights(values) };
    this.#training = true;
    try {
      return await runLoop({ trainer, position: this.position, data, validate, weights }, options);
    } finally {
      this.#training = false;
    }
  }

  /**
   * Copies of all parameters, in the order of the layers.
   *
   * @example
   * const model = sequential({ inputShape: [4] }, [layers.dense({ units: 2, activation: "softmax" })]);
   * const [kernel, bias] = model.getWeights();
   * bias; // [0, 0]
   */
  getWeights(): Float32Array[] {
    this.#mustTrain("getWeights");
    return this.parameters.map((parameter) => parameter.data.slice());
  }

  /**
   * Replaces all parameters.
   *
   * @example
   * const model = sequential({ inputShape: [4] }, [layers.dense({ units: 2, activation: "softmax" })]);
   * model.setWeights([new Float32Array(8), [1, -1]]);
   */
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

  /**
   * A table: layers, output shapes, parameters, multiply-adds, receptive fields, bytes.
   *
   * @example
   * const model = sequential({ inputShape: [4] }, [layers.dense({ units: 2, activation: "softmax" })]);
   * const table = model.summary();
   */
  summary(): string {
    return summaryText(this.graph);
  }

  /**
   * The graph as a picture in Mermaid's language, which GitHub and many editors draw.
   *
   * @example
   * const model = sequential({ inputShape: [4] }, [layers.dense({ units: 2, activation: "softmax" })]);
   * const picture = model.toMermaid();
   */
  toMermaid(): string {
    return mermaidOf(this.graph);
  }

  /**
   * The graph as a picture in DOT, the language of Graphviz.
   *
   * @example
   * const model = sequential({ inputShape: [4] }, [layers.dense({ units: 2, activation: "softmax" })]);
   * const picture = model.toDot();
   */
  toDot(): string {
    return dotOf(this.graph);
  }

  /**
   * Bytes that a batch will need, before anything runs.
   *
   * @example
   * const model = sequential({ inputShape: [4] }, [layers.dense({ units: 2, activation: "softmax" })]);
   * const { parameters, predict, train } = model.memory({ batchSize: 32 });
   */
  memory(options: { batchSize?: number; inferenceOnly?: boolean } = {}): ModelMemory {
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
   * `inferenceOnly` the parameters themselves are given back as they are packed (`memory({ inferenceOnly: true })` tells what
   * remains): from then on the model predicts batches of this size, and can be neither trained nor saved.
   *
   * @throws ArgumentError where the model is compiled and to become inferenceOnly.
   * @example
   * const model = sequential({ inputShape: [4] }, [layers.dense({ units: 2, activation: "softmax" })]);
   * model.prepare({ inferenceOnly: true }).predict([[1, 2, 3, 4]]);
   */
  prepare(options: { batchSize?: number; inferenceOnly?: boolean } = {}): this {
    this.#mustLive("prepare");
    checkOptions("prepare", options, { batchSize: true, inferenceOnly: true });
    const { batchSize = 1, inferenceOnly = false } = options;
    checkBatchSize("prepare", batchSize);
    if (!inferenceOnly || this.#isInferenceOnly) {
      this.#predictor.prepare(batchSize);
      return this;
    }
    if (this.#trainer !== undefined) {
      throw new ArgumentError("prepare: inferenceOnly must be false for a model that is compiled to be trained");
    }
    this.#predictor.prepareAlone(batchSize, this.parameters);
    this.#isInferenceOnly = true;
    return this;
  }

  /**
   * The model as a safetensors file, its configuration in the metadata. With `optimizer`, also what a stopped training
   * needs to go on to the same bits.
   *
   * @example
   * const model = sequential({ inputShape: [4] }, [layers.dense({ units: 2, activation: "softmax" })]);
   * const file = model.save(); // for loadModel, or any other reader of safetensors
   */
  save(options: { optimizer?: boolean } = {}): Uint8Array<ArrayBuffer> {
    this.#mustTrain("save");
    checkOptions("save", options, { optimizer: true });
    return encodeModel(this, options.optimizer ?? false);
  }

  /**
   * Transfer learning: the layers of this model up to and including `after`, and new ones behind. It takes the layers over, with
   * their weights; this model is disposed. Freeze what shall stay as it is: frozen layers in front keep no activations and need no
   * gradients.
   *
   * @param after the name of a layer, as in `summary()`
   * @throws ArgumentError where there is no such layer; ShapeError where the new layers do not fit. This model stays then.
   * @example
   * const base = sequential({ inputShape: [8, 8, 3] }, [layers.conv2d({ filters: 4, kernelSize: 3, name: "last" }), layers.flatten()]);
   * const model = base.withHead("last", [layers.globalAveragePool2d(), layers.dense({ units: 2, name: "head" })], { seed: 1 });
   * model.layers[0].freeze(); // the trunk
   */
  withHead(after: string, head: readonly Block[], options: ModelOptions = {}): Model {
    this.#mustTrain("withHead");
    checkOptions("withHead", options, MODEL_OPTIONS);
    const model = new Model("withHead", graphWithHead(this.graph, after, head), {
      precision: this.precision,
      ...options,
    });
    const taken = new Set(model.layers);
    this.#release(this.layers.filter((layer) => !taken.has(layer)));
    return model;
  }

  /**
   * Gives parameters the values that a safetensors file of any framework has for them, by name.
   *
   * @returns what the file lacks and what nothing takes: nothing of either with `strict`
   * @throws FormatError where the file is damaged, names do not match (with `strict`), or a tensor has another shape; then
   * nothing is changed.
   * @example
   * const model = sequential({ inputShape: [4] }, [layers.dense({ units: 2, name: "fc" })]);
   * const file = model.saveWeights({ layout: "torch" }); // or "fc.weight" and "fc.bias" as PyTorch saves them
   * model.loadWeights(file, { layout: "torch" });
   */
  loadWeights(bytes: Uint8Array | ArrayBuffer, options: LoadWeightsOptions = {}): LoadedWeights {
    this.#mustTrain("loadWeights");
    return readWeights(this.graph, bytes, options);
  }

  /**
   * The parameters alone as a safetensors file, under the names and in the layout of Keras or PyTorch.
   *
   * @example
   * const model = sequential({ inputShape: [4] }, [layers.dense({ units: 2, name: "fc" })]);
   * const { tensors } = decodeSafetensors(model.saveWeights({ layout: "torch" }));
   * [...tensors.keys()]; // ["fc.weight","fc.bias"]
   */
  saveWeights(options: SaveWeightsOptions = {}): Uint8Array<ArrayBuffer> {
    this.#mustTrain("saveWeights");
    return writeWeights(this.graph, options);
  }

  /**
   * Gives all memory back.
   *
   * @example
   * const model = sequential({ inputShape: [4] }, [layers.dense({ units: 2, activation: "softmax" })]);
   * model.dispose(); // or `using model = ...`
   */
  dispose(): void {
    this.#release(this.layers);
  }

  /** Gives back everything but the parameters of other layers. */
  #release(layers: readonly Layer[]): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#predictor.dispose();
    this.#trainer?.dispose();
    for (const parameter of layers.flatMap((layer) => layer.parameters)) parameter.dispose();
  }

  /** What messages call it. @internal */
  get [Symbol.toStringTag](): string {
    return "Model";
  }

  /** For `using`: the same as dispose. */
  [Symbol.dispose](): void {
    this.dispose();
  }

  #mustTrain(op: string): void {
    this.#mustLive(op);
    if (!this.#isInferenceOnly) return;
    throw new ArgumentError(`${op}: the model was prepared with inferenceOnly, it has no parameters any more`);
  }

  #mustLive(op: string): void {
    if (this.#disposed) throw new ArgumentError(`${op}: the model was disposed`);
  }

  /** What samples and targets are checked against. */
  #expected({ compiled: { loss } }: Trainer): Expected {
    const { runtime, inputShape, outputShape } = this;
    return { runtime, inputShape, outputShape, loss };
  }
}

function checkSeed(op: string, seed: number): void {
  if (Number.isSafeInteger(seed) && seed >= 0) return;
  throw new ArgumentError(`${op}: seed must be a whole number from 0 to 2^53 - 1, got ${show(seed)}`);
}
