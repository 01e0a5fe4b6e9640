/** One training step, and one evaluation of a batch: the plans, the gradients, the optimizer and its states. */
import { ArgumentError } from "../errors.ts";
import type { Loss } from "../losses/loss.ts";
import type { Metric } from "../metrics/metric.ts";
import type { Slot } from "../ops/planned.ts";
import type { Optimizer } from "../optimizers/optimizer.ts";
import { blockBytes } from "../runtime/heap.ts";
import type { Runtime } from "../runtime/runtime.ts";
import type { Parameter } from "../tensor/parameter.ts";
import { sizeOf } from "../tensor/shape.ts";
import { copyOf, type Tensor } from "../tensor/tensor.ts";
import { addPenalties, clip, penaltyOf } from "./gradients.ts";
import type { Plateau } from "./monitor.ts";
import { type ProgramSource, planTraining, type Training } from "./program.ts";
import { Tally } from "./tally.ts";

/** What a model is trained with. */
export interface Compiled {
  readonly optimizer: Optimizer;
  readonly loss: Loss;
  readonly metrics: readonly Metric[];
}

/** Copies a batch into the buffers of a program. */
export type Feed = (into: { x: Float32Array; targets: Float32Array | Int32Array; weights: Float32Array }) => void;

export class Trainer {
  readonly compiled: Compiled;
  readonly plateau: Plateau = { factor: 1, best: null, since: 0, cooldown: 0 };
  readonly #source: ProgramSource;
  readonly #runtime: Runtime;
  readonly #programs = new Map<string, Training>();
  readonly #states = new Map<Parameter, number[]>();
  /** All gradients in one block, so that one fill clears them. */
  #gradients = { pointer: 0, floats: 0 };

  constructor(source: ProgramSource, compiled: Compiled) {
    this.#source = source;
    this.#runtime = source.runtime;
    this.compiled = compiled;
  }

  /** Parameters that the next step changes: learned ones of layers that are not frozen. */
  get learning(): Parameter[] {
    const layers = this.#source.graph.layers.filter((layer) => layer.trainable);
    return layers.flatMap((layer) => layer.parameters.filter((p) => p.learned));
  }

  /** Throws ArgumentError where a step would change nothing. */
  mustLearn(op: string): void {
    if (this.learning.length > 0) return;
    throw new ArgumentError(`${op}: no layer has parameters to learn; all are frozen`);
  }

  /** The rate of the next step, without what a plateau made of it. */
  get scheduledRate(): number {
    return this.compiled.optimizer.schedule.rate(this.#source.clock.iteration);
  }

  /** Forward, backward, update; adds loss and metrics to the tally. */
  trainBatch(batch: number, feed: Feed, tally: Tally): void {
    this.#backward("train", batch, feed, tally);
    this.#update(this.learning);
    this.#source.clock.iteration++;
  }

  /** Forward and the gradients, without an update: for checks of gradients. Dropout does not drop. */
  gradients(batch: number, feed: Feed): number {
    const tally = this.tally();
    this.#backward("gradients", batch, feed, tally);
    return tally.scores.loss;
  }

  /** Loss and metrics, changing nothing; adds them to the tally. */
  evaluateBatch(batch: number, feed: Feed, tally: Tally = this.tally()): Tally {
    const program = this.#program("evaluate", batch, []);
    this.#feed(program, feed);
    program.plan.run();
    this.#score(program, penaltyOf(this.#runtime.kernels, this.learning), tally);
    return tally;
  }

  /** What scores of batches are gathered in. */
  tally(): Tally {
    return new Tally(this.compiled.metrics);
  }

  /** Bytes of the heap that a training step takes: its arena, gradients and states. */
  bytes(batch: number): number {
    const states = this.compiled.optimizer.states.length;
    const sum = (sizes: number[]) => sizes.reduce((a, b) => a + b, 0);
    const gradients = sum(this.#learned.map(({ size }) => padded(size) * 4));
    const { bytes } = this.#plan("train", batch, this.learning).plan;
    return bytes + gradients + states * sum(this.learning.map(({ size }) => blockBytes(size * 4)));
  }

  /** The states of a parameter, made when first asked for. */
  statesOf(parameter: Parameter): readonly number[] {
    let states = this.#states.get(parameter);
    if (states === undefined) {
      const { optimizer } = this.compiled;
      states = optimizer.states.map(() => this.#runtime.allocate(parameter.size * 4));
      for (const [i, state] of states.entries()) {
        const initial = optimizer.initial(optimizer.states[i]);
        const values = this.#runtime.floats(state, parameter.size);
        if (initial === undefined) values.set(parameter.data);
        else values.fill(initial);
      }
      this.#states.set(parameter, states);
    }
    return states;
  }

  /** Ends a training: the moving average of the weights, where the optimizer keeps one, becomes the weights. */
  finish(): void {
    for (const parameter of this.learning) {
      const { pointer: w, size } = parameter;
      const averaged = this.compiled.optimizer.finish(this.#runtime.kernels, {
        w,
        states: this.statesOf(parameter),
        size,
      });
      if (averaged) parameter.version++;
    }
  }

  dispose(): void {
    for (const program of this.#programs.values()) program.plan.dispose();
    for (const states of this.#states.values()) for (const state of states) this.#runtime.free(state);
    if (this.#gradients.pointer !== 0) {
      this.#runtime.free(this.#gradients.pointer);
      for (const parameter of this.#learned) parameter.gradient = 0;
    }
    this.#programs.clear();
    this.#states.clear();
    this.#gradients = { pointer: 0, floats: 0 };
  }

  /** What an optimizer may change, frozen or not. */
  get #learned(): Parameter[] {
    return this.#source.graph.layers.flatMap((layer) => layer.parameters.filter((p) => p.learned));
  }

  /** Forward and backward, penalties included. */
  #backward(mode: "train" | "gradients", batch: number, feed: Feed, tally: Tally): void {
    const { learning } = this;
    const program = this.#program(mode, batch, learning);
    this.#prepareGradients();
    this.#feed(program, feed);
    program.plan.run();
    this.#score(program, addPenalties(this.#runtime.kernels, learning), tally);
  }

  #program(mode: "train" | "gradients" | "evaluate", batch: number, learning: readonly Parameter[]): Training {
    const frozen = this.#source.graph.layers.map(({ trainable }) => (trainable ? 0 : 1)).join("");
    const key = `${mode} ${batch} ${frozen}`;
    let program = this.#programs.get(key);
    if (program === undefined) {
      program = this.#plan(mode, batch, learning);
      program.plan.allocate();
      this.#programs.set(key, program);
    }
    return program;
  }

  #plan(mode: string, batch: number, learning: readonly Parameter[]): Training {
    return planTraining(this.#source, batch, this.compiled, mode === "train", new Set(learning));
  }

  #feed({ input, targets, weights }: Training, feed: Feed): void {
    feed({ x: this.#floats(input), targets: this.#targets(targets), weights: this.#floats(weights) });
  }

  #floats({ pointer, shape }: Slot): Float32Array<ArrayBuffer> {
    return this.#runtime.floats(pointer, sizeOf(shape));
  }

  /** Class indices or values, as the loss has them. */
  #targets(slot: Slot): Float32Array | Int32Array {
    const values = this.#floats(slot);
    if (this.compiled.loss.targets === "values") return values;
    return new Int32Array(values.buffer, values.byteOffset, values.length);
  }

  /** Adds a batch to the tally. */
  #score({ losses, predictions, targets }: Training, penalty: number, tally: Tally): void {
    const samples = losses.shape[0];
    const each = this.#floats(losses);
    let sum = 0;
    for (let i = 0; i < samples; i++) sum += each[i];
    tally.addLoss(sum + penalty * samples, samples);
    const columns = predictions.shape[predictions.shape.length - 1];
    const kind = this.compiled.loss.targets;
    const tensors = () => ({
      predictions: copyOf(this.#runtime, predictions.pointer, predictions.shape),
      targets: this.#targetTensor(targets),
    });
    tally.addRows(() => {
      const guesses = this.#floats(predictions);
      return {
        predictions: guesses,
        targets: this.#targets(targets),
        rows: guesses.length / columns,
        columns,
        kind,
        tensors,
      };
    });
  }

  /** A copy of the targets, class indices as numbers. */
  #targetTensor(targets: Slot): Tensor {
    const copy = copyOf(this.#runtime, targets.pointer, targets.shape);
    copy.data.set(this.#targets(targets));
    return copy;
  }

  /** Clears the gradients; makes room for them first, where a model has not trained before. */
  #prepareGradients(): void {
    const { f32 } = this.#runtime;
    if (this.#gradients.pointer !== 0) {
      const { pointer, floats } = this.#gradients;
      f32.fill(0, pointer / 4, pointer / 4 + floats);
      return;
    }
    const learned = this.#learned;
    const floats = learned.reduce((sum, p) => sum + padded(p.size), 0);
    let pointer = this.#runtime.allocate(floats * 4);
    this.#gradients = { pointer, floats };
    for (const parameter of learned) {
      parameter.gradient = pointer;
      pointer += padded(parameter.size) * 4;
    }
    this.#prepareGradients();
  }

  #update(learning: readonly Parameter[]): void {
    const { kernels } = this.#runtime;
    const { optimizer } = this.compiled;
    if (optimizer.globalClipNorm !== undefined) clip(kernels, learning, optimizer.globalClipNorm);
    const rate = this.scheduledRate * this.plateau.factor;
    for (const parameter of learning) {
      const { pointer: w, gradient: g, size } = parameter;
      const memory = { w, g, states: this.statesOf(parameter), size };
      optimizer.update(kernels, memory, this.#source.clock.iteration, rate);
      parameter.version++;
    }
  }
}

/** Whole cache lines. */
function padded(floats: number): number {
  return Math.ceil(floats / 16) * 16;
}
