import { ArgumentError, show } from "../errors.ts";
import {
  type BatchNormPlan,
  backwardBatchNorm,
  computeBatchNormInvStd,
  computeBatchNormStatistics,
  foldBatchNorm,
  forwardBatchNorm,
  inferBatchNorm,
} from "../ops/batchNorm.ts";
import type { Planner, Slot } from "../ops/planned.ts";
import type { Shape } from "../tensor/shape.ts";
import { checkLayerOptions, Layer, type LayerOptions, type ParameterDescription } from "./layer.ts";

/** What `batchNormalization` takes. */
export interface BatchNormalizationOptions extends LayerOptions {
  /** How much of the running statistics stays at a step. Default 0.99. */
  momentum?: number;
  /** Added to the variance. Default 1e-3. */
  epsilon?: number;
  /** Learn a shift, beta. Default true; without, it stays 0. */
  center?: boolean;
  /** Learn a factor, gamma. Default true; without, it stays 1. */
  scale?: boolean;
}

const OPTIONS = { momentum: true, epsilon: true, center: true, scale: true } as const;

/** Where a plan finds the statistics: those of the batch, or the running ones. */
interface Statistics {
  readonly reads: readonly Slot[];
  readonly mean: () => number;
  readonly invStd: () => number;
}

export class BatchNormalization extends Layer<BatchNormalizationOptions> {
  readonly className = "BatchNormalization";

  constructor(options: BatchNormalizationOptions = {}) {
    super(options);
    checkLayerOptions("batchNormalization", options, OPTIONS);
    inferBatchNorm("batchNormalization", [1], options);
    for (const argument of ["center", "scale"] as const) {
      const value = options[argument] ?? true;
      if (typeof value === "boolean") continue;
      throw new ArgumentError(`batchNormalization: ${argument} must be true or false, got ${show(value)}`);
    }
  }

  protected infer(input: Shape): Shape {
    return inferBatchNorm(this.name, input, this.options).output;
  }

  protected override describeParameters(input: Shape): readonly ParameterDescription[] {
    const { center = true, scale = true } = this.options;
    const shape = input.slice(-1);
    return [
      { name: "gamma", shape, initializer: "ones", learned: scale },
      { name: "beta", shape, initializer: "zeros", learned: center },
      { name: "moving_mean", shape, initializer: "zeros", learned: false },
      { name: "moving_variance", shape, initializer: "ones", learned: false },
    ];
  }

  /** In training by the statistics of the batch; otherwise, and where the layer is frozen, by the running ones. */
  plan(planner: Planner, x: Slot): Slot {
    const plan = inferBatchNorm(this.name, x.shape, this.options);
    const byBatch = planner.training && this.trainable;
    return byBatch ? this.#planTraining(planner, x, plan) : this.#planFrozen(planner, x, plan);
  }

  #planTraining(planner: Planner, x: Slot, plan: BatchNormPlan): Slot {
    const { kernels } = planner;
    const [mean, invStd, folded] = [planner.slot([plan.c]), planner.slot([plan.c]), planner.slot([2 * plan.c])];
    const [gamma, beta, runningMean, runningVariance] = this.parameters;
    planner.step({
      kind: "batchNormStatistics",
      reads: [x],
      writes: [mean, invStd, folded],
      scratchBytes: plan.scratchBytes,
      run: (scratch) => {
        const running = { runningMean: runningMean.pointer, runningVariance: runningVariance.pointer };
        const statistics = { mean: mean.pointer, invStd: invStd.pointer };
        computeBatchNormStatistics(kernels, { x: x.pointer, ...statistics, ...running, scratch }, plan);
        foldBatchNorm(
          kernels,
          { gamma: gamma.pointer, beta: beta.pointer, ...statistics, folded: folded.pointer },
          plan,
        );
        runningMean.version++;
        runningVariance.version++;
      },
    });
    const y = planner.slot(x.shape);
    planForward(planner, x, y, folded, plan);
    const statistics = { reads: [mean, invStd], mean: () => mean.pointer, invStd: () => invStd.pointer };
    this.#planNode(planner, { x, y }, statistics, plan, false);
    return y;
  }

  #planFrozen(planner: Planner, x: Slot, plan: BatchNormPlan): Slot {
    const { kernels } = planner;
    const [gamma, beta, mean, variance] = this.parameters;
    const write = (folded: number) => {
      const invStd = folded + plan.foldedBytes;
      computeBatchNormInvStd(kernels, { variance: variance.pointer, invStd }, plan);
      foldBatchNorm(kernels, { gamma: gamma.pointer, beta: beta.pointer, mean: mean.pointer, invStd, folded }, plan);
    };
    const needsX = this.parameters.some((p) => planner.learns(p));
    const tail = needsX || x.needsGradient ? undefined : planner.tailOf(x, "fold");
    if (tail !== undefined && tail.fold === undefined && !tail.accumulate && tail.activation === 0) {
      tail.fold = { parameters: this.parameters, scratchBytes: plan.statisticsBytes, write };
      return x;
    }
    const bytes = plan.foldedBytes + plan.statisticsBytes;
    const packed = planner.packed({ layout: "batchNorm", bytes, sources: () => this.parameters, pack: write });
    const y = needsX ? planner.slot(x.shape) : planner.reuse(x);
    planForward(planner, x, y, packed, plan);
    const statistics = {
      reads: [packed],
      mean: () => mean.pointer,
      invStd: () => packed.pointer + plan.foldedBytes,
    };
    this.#planNode(planner, { x, y }, statistics, plan, true);
    return y;
  }

  #planNode(
    planner: Planner,
    { x, y }: { x: Slot; y: Slot },
    statistics: Statistics,
    plan: BatchNormPlan,
    frozen: boolean,
  ): void {
    const [gamma, beta] = this.parameters;
    const learns = this.parameters.some((p) => planner.learns(p));
    const keeps = learns || !frozen ? [x, ...statistics.reads] : statistics.reads;
    planner.node({
      inputs: [x],
      output: y,
      parameters: this.parameters,
      keeps,
      backward: (dy) => {
        const dx = planner.reuse(dy);
        planner.step({
          kind: "batchNormBackward",
          reads: [dy, ...keeps],
          writes: [dx],
          scratchBytes: plan.scratchBytes,
          run: (scratch) => {
            const from = { dy: dy.pointer, x: x.pointer, gamma: gamma.pointer, scratch };
            const gradients = {
              dx: x.needsGradient ? dx.pointer : 0,
              dgamma: planner.learns(gamma) ? gamma.gradient : 0,
              dbeta: planner.learns(beta) ? beta.gradient : 0,
            };
            const at = { ...from, mean: statistics.mean(), invStd: statistics.invStd(), ...gradients };
            backwardBatchNorm(planner.kernels, at, plan, frozen);
          },
        });
        planner.handGradient(x, dx);
      },
    });
  }
}

function planForward(planner: Planner, x: Slot, y: Slot, folded: Slot, plan: BatchNormPlan): void {
  planner.step({
    kind: "batchNorm",
    reads: [x, folded],
    writes: [y],
    run: () => forwardBatchNorm(planner.kernels, { x: x.pointer, folded: folded.pointer, y: y.pointer }, plan),
  });
}

/**
 * Batch normalisation over all axes but the last (Keras BatchNormalization): by the statistics of the batch in training, by
 * running ones otherwise and where the layer is frozen.
 *
 * @example
 * const x = input({ shape: [28, 28, 1] });
 * const y = layers.batchNormalization({ momentum: 0.9 })(x); // [28,28,1]
 */
export function batchNormalization(options: BatchNormalizationOptions = {}): Layer {
  return new BatchNormalization(options);
}
