/** Predictions: one plan per batch size, reading and writing tensors where they lie. */
import { ArgumentError, ShapeError, show } from "../errors.ts";
import type { Runtime } from "../runtime/runtime.ts";
import type { Parameter } from "../tensor/parameter.ts";
import { Rows, type Samples } from "../tensor/samples.ts";
import { type Shape, sameShape } from "../tensor/shape.ts";
import { type Batch, isBatch, type Source, valuesOf } from "../tensor/source.ts";
import { Tensor } from "../tensor/tensor.ts";
import { checkBatchSize } from "./batches.ts";
import { type Prediction, type ProgramSource, planPrediction } from "./program.ts";

const DEFAULT_BATCH = 128;

export interface PredictorSource extends ProgramSource {
  readonly outputShapes: readonly Shape[];
}

interface Options {
  readonly into?: readonly Tensor[];
  readonly batchSize?: number;
}

/** Samples in memory that kernels can read. */
interface Resident {
  readonly tensor: Tensor;
  readonly count: number;
  /** Made for this call alone. */
  readonly isCopy: boolean;
}

export class Predictor {
  readonly #source: PredictorSource;
  readonly #programs = new Map<number, Prediction>();

  constructor(source: PredictorSource) {
    this.#source = source;
  }

  /** @param op stands in messages. */
  predict(op: string, data: readonly Samples[], { into, batchSize = DEFAULT_BATCH }: Options): Tensor[] {
    checkBatchSize(op, batchSize);
    const xs = this.#residents(op, data);
    let ys: Tensor[] = [];
    try {
      const [{ count }] = xs;
      ys = this.#targets(op, xs, count, into);
      this.#run(xs, ys, count, batchSize);
      return ys;
    } catch (error) {
      if (into === undefined) for (const y of ys) y.dispose();
      throw error;
    } finally {
      for (const { tensor, isCopy } of xs) if (isCopy) tensor.dispose();
    }
  }

  /** Makes the plan for a batch size and packs its weights. */
  prepare(batch: number): void {
    this.#program(batch);
  }

  /**
   * The same, and gives the parameters back. Weights are packed where these lay, so memory grows only by what packed
   * weights need more.
   */
  prepareAlone(batch: number, parameters: readonly Parameter[]): void {
    this.dispose(); // plans for other batch sizes may hold weights in other forms
    for (const parameter of parameters) parameter.detach();
    try {
      this.#program(batch, true);
    } catch (error) {
      for (const parameter of parameters) parameter.attach();
      throw error;
    }
    for (const parameter of parameters) parameter.dispose();
  }

  /** Bytes of the heap that a prediction takes. */
  bytes(batch: number): number {
    return (this.#programs.get(batch) ?? planPrediction(this.#source, batch)).plan.bytes;
  }

  dispose(): void {
    for (const { plan } of this.#programs.values()) plan.dispose();
    this.#programs.clear();
  }

  #run(xs: readonly Resident[], ys: readonly Tensor[], count: number, batchSize: number): void {
    for (let first = 0; first < count; first += batchSize) {
      const { plan, inputs, outputs } = this.#program(Math.min(batchSize, count - first));
      inputs.forEach((input, i) => {
        input.address = xs[i].tensor.pointer + (first / count) * xs[i].tensor.size * 4;
      });
      outputs.forEach((output, i) => {
        output.address = ys[i].pointer + (first / count) * ys[i].size * 4;
      });
      plan.run();
    }
  }

  #residents(op: string, data: readonly Samples[]): Resident[] {
    const { inputs } = this.#source.graph;
    if (!Array.isArray(data) || data.length !== inputs.length) {
      const got = Array.isArray(data) ? data.length : show(data);
      throw new ArgumentError(`${op}: xs must be an array of ${inputs.length}, one for each input, got ${got}`);
    }
    const made: Resident[] = [];
    try {
      for (const [i, { shape, name }] of inputs.entries()) {
        made.push(this.#resident(op, inputs.length === 1 ? "x" : `x of ${show(name)}`, data[i], shape));
      }
      const other = made.find(({ count }) => count !== made[0].count);
      if (other === undefined) return made;
      throw new ShapeError(`${op}: all inputs must hold equally many samples, got ${made[0].count} and ${other.count}`);
    } catch (error) {
      for (const { tensor, isCopy } of made) if (isCopy) tensor.dispose();
      throw error;
    }
  }

  #resident(op: string, argument: string, data: Samples, shape: Shape): Resident {
    const { runtime } = this.#source;
    if (data instanceof Tensor) {
      return { tensor: data, count: batchOf(op, argument, data, shape, runtime), isCopy: false };
    }
    const rows = new Rows(op, argument, data, shape, runtime);
    const tensor = new Tensor(runtime, [rows.count, ...shape]);
    rows.copy(tensor.data);
    return { tensor, count: rows.count, isCopy: true };
  }

  #targets(op: string, xs: readonly Resident[], count: number, into: readonly Tensor[] | undefined): Tensor[] {
    const { runtime, outputShapes } = this.#source;
    const shapes = outputShapes.map((shape) => [count, ...shape]);
    if (into === undefined) return newTensors(runtime, shapes);
    if (!Array.isArray(into) || into.length !== shapes.length) {
      throw new ArgumentError(`${op}: into must be an array of ${shapes.length} tensors, one for each output`);
    }
    for (const [i, y] of into.entries()) {
      checkTarget(op, shapes.length === 1 ? "into" : `into[${i}]`, y, shapes[i], runtime);
      if (into.indexOf(y) < i) throw new ArgumentError(`${op}: into must be different tensors`);
      if (xs.some(({ tensor }) => tensor === y)) throw new ArgumentError(`${op}: into must be another tensor than x`);
    }
    return [...into];
  }

  /** @param isDetached as in `Plan.allocate` */
  #program(batch: number, isDetached = false): Prediction {
    let program = this.#programs.get(batch);
    if (program === undefined) {
      program = planPrediction(this.#source, batch);
      program.plan.allocate(isDetached);
      this.#programs.set(batch, program);
    }
    return program;
  }
}

/** What `predict` makes of batches that come one by one. */
export async function* predictEach(
  source: Source<Batch>,
  { into }: { into?: Tensor },
  predict: (x: Samples) => Tensor,
): AsyncGenerator<Tensor, void, undefined> {
  if (into !== undefined) throw new ArgumentError("predict: into is for samples; each batch gets a tensor of its own");
  let number = 1;
  for await (const batch of valuesOf("predict", source, 0)) {
    if (!isBatch(batch)) {
      throw new ArgumentError(`predict: batch ${number} must be an object { x } of samples, got ${show(batch)}`);
    }
    yield predict(batch.x);
    number++;
  }
}

/** All of them, or none where memory does not suffice. */
function newTensors(runtime: Runtime, shapes: readonly Shape[]): Tensor[] {
  const made: Tensor[] = [];
  try {
    for (const shape of shapes) made.push(new Tensor(runtime, shape));
    return made;
  } catch (error) {
    for (const tensor of made) tensor.dispose();
    throw error;
  }
}

function checkTarget(op: string, argument: string, into: Tensor, shape: Shape, runtime: Runtime): void {
  if (!(into instanceof Tensor)) throw new ArgumentError(`${op}: ${argument} must be a Tensor, got ${show(into)}`);
  if (into.disposed) throw new ArgumentError(`${op}: ${argument} was disposed`);
  if (into.runtime !== runtime) {
    throw new ArgumentError(`${op}: ${argument} belongs to another runtime than the model`);
  }
  if (sameShape(into.shape, shape)) return;
  throw new ShapeError(`${op}: ${argument} must be ${show(shape)}, got ${show(into.shape)}`);
}

/** How many samples x holds; throws ShapeError where it holds others than the model takes. */
function batchOf(op: string, argument: string, x: Tensor, sample: Shape, runtime: Runtime): number {
  if (x.disposed) throw new ArgumentError(`${op}: ${argument} was disposed`);
  if (x.runtime !== runtime) throw new ArgumentError(`${op}: ${argument} belongs to another runtime than the model`);
  if (sameShape(x.shape, sample)) return 1;
  if (sameShape(x.shape.slice(1), sample)) return x.shape[0];
  const wanted = show(["N", ...sample]).replaceAll('"', "");
  throw new ShapeError(`${op}: ${argument} must be ${wanted}, got ${show(x.shape)}`);
}
