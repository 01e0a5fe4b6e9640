/** Predictions: one plan per batch size, reading and writing tensors where they lie. */
import { ArgumentError, ShapeError, show } from "../errors.ts";
import { type Shape, sameShape, sizeOf } from "../tensor/shape.ts";
import { Tensor } from "../tensor/tensor.ts";
import { checkBatchSize } from "./batches.ts";
import { type Prediction, type ProgramSource, planPrediction } from "./program.ts";
import { Rows, type Samples } from "./samples.ts";

const DEFAULT_BATCH = 128;

export interface PredictorSource extends ProgramSource {
  readonly outputShape: Shape;
}

export class Predictor {
  readonly #source: PredictorSource;
  readonly #programs = new Map<number, Prediction>();

  constructor(source: PredictorSource) {
    this.#source = source;
  }

  predict(x: Samples, options: { into?: Tensor; batchSize?: number }): Tensor {
    if (!(x instanceof Tensor)) return this.#predictCopied(x, options);
    const count = this.#batchOf(x);
    const { batchSize = DEFAULT_BATCH } = options;
    checkBatchSize("predict", batchSize);
    const y = this.#target(x, [count, ...this.#source.outputShape], options.into);
    try {
      this.#run(x, y, count, batchSize);
    } catch (error) {
      if (options.into === undefined) y.dispose();
      throw error;
    }
    return y;
  }

  arenaBytes(batch: number): number {
    return (this.#programs.get(batch) ?? planPrediction(this.#source, batch)).plan.bytes;
  }

  dispose(): void {
    for (const { plan } of this.#programs.values()) plan.dispose();
    this.#programs.clear();
  }

  #run(x: Tensor, y: Tensor, count: number, batchSize: number): void {
    const { inputShape, outputShape } = this.#source;
    const [inputBytes, outputBytes] = [sizeOf(inputShape) * 4, sizeOf(outputShape) * 4];
    for (let first = 0; first < count; first += batchSize) {
      const program = this.#program(Math.min(batchSize, count - first));
      program.input.address = x.pointer + first * inputBytes;
      program.output.address = y.pointer + first * outputBytes;
      program.plan.run();
    }
  }

  #predictCopied(data: Samples, options: { into?: Tensor; batchSize?: number }): Tensor {
    const { inputShape, runtime } = this.#source;
    const rows = new Rows("predict", "x", data, inputShape, runtime);
    const x = new Tensor(runtime, [rows.count, ...inputShape]);
    try {
      rows.copy(x.data);
      return this.predict(x, options);
    } finally {
      x.dispose();
    }
  }

  #target(x: Tensor, shape: Shape, into: Tensor | undefined): Tensor {
    const { runtime } = this.#source;
    if (into === undefined) return new Tensor(runtime, shape);
    if (!(into instanceof Tensor)) throw new ArgumentError(`predict: into must be a Tensor, got ${show(into)}`);
    if (into.disposed) throw new ArgumentError("predict: into was disposed");
    if (into.runtime !== runtime) {
      throw new ArgumentError("predict: into belongs to another runtime than the model");
    }
    if (!sameShape(into.shape, shape)) {
      throw new ShapeError(`predict: into must be ${show(shape)}, got ${show(into.shape)}`);
    }
    if (into === x) throw new ArgumentError("predict: into must be another tensor than x");
    return into;
  }

  /** How many samples x holds; throws ShapeError where it holds others than the model takes. */
  #batchOf(x: Tensor): number {
    const { inputShape, runtime } = this.#source;
    if (x.disposed) throw new ArgumentError(`predict: x was disposed`);
    if (x.runtime !== runtime) throw new ArgumentError(`predict: x belongs to another runtime than the model`);
    if (sameShape(x.shape, inputShape)) return 1;
    if (sameShape(x.shape.slice(1), inputShape)) return x.shape[0];
    throw new ShapeError(`predict: x must be ${show(["N", ...inputShape]).replaceAll('"', "")}, got ${show(x.shape)}`);
  }

  #program(batch: number): Prediction {
    let program = this.#programs.get(batch);
    if (program === undefined) {
      program = planPrediction(this.#source, batch);
      program.plan.allocate();
      this.#programs.set(batch, program);
    }
    return program;
  }
}
