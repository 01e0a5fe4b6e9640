/** Cross-entropy as a loss: fused with the softmax before it, where there is one. */
import { checkOptions, ShapeError, show } from "../errors.ts";
import { backwardCrossEntropy, backwardSoftmaxCrossEntropy, inferCrossEntropy } from "../ops/crossEntropy.ts";
import type { Planner, Slot } from "../ops/planned.ts";
import { forwardSoftmax, inferSoftmax } from "../ops/softmax.ts";
import type { Shape } from "../tensor/shape.ts";
import { type Loss, type LossSlots, planLossStep } from "./loss.ts";
import { checkSmoothing, planSmoothing, type SmoothingOptions } from "./smoothing.ts";

/** What `sparseCrossentropy` takes. */
export interface SparseCrossentropyOptions {
  /** The model's outputs are logits, not probabilities. Default false: end with "softmax", which the loss fuses. */
  fromLogits?: boolean;
}

/** What `categoricalCrossentropy` takes. */
export interface CategoricalCrossentropyOptions extends SparseCrossentropyOptions, SmoothingOptions {}

/**
 * -ln p of the labelled class, the mean over all rows of classes; labels are class indices: one per sample, or [H,W] of them per
 * image of classes [H,W,C].
 *
 * @example
 * const loss = losses.sparseCategoricalCrossentropy({ fromLogits: true }); // for model.compile({ loss })
 */
export function sparseCategoricalCrossentropy(options: SparseCrossentropyOptions = {}): Loss {
  checkOptions("sparseCategoricalCrossentropy", options, { fromLogits: true });
  return categorical("sparseCategoricalCrossentropy", "indices", options);
}

/**
 * -sum(target * ln p), the mean over all rows of classes; targets are one-hot rows, or a probability for each class.
 *
 * @example
 * const loss = losses.categoricalCrossentropy({ labelSmoothing: 0.1 }); // for model.compile({ loss })
 */
export function categoricalCrossentropy(options: CategoricalCrossentropyOptions = {}): Loss {
  checkOptions("categoricalCrossentropy", options, { fromLogits: true, labelSmoothing: true });
  checkSmoothing("categoricalCrossentropy", options.labelSmoothing ?? 0);
  return categorical("categoricalCrossentropy", "values", options);
}

function categorical(name: string, targets: Loss["targets"], options: CategoricalCrossentropyOptions): Loss {
  return {
    name,
    config: { ...options },
    targets,
    check(output: Shape): void {
      if (output.length > 0 && output[output.length - 1] > 1) return;
      throw new ShapeError(`compile: loss ${show(name)} needs outputs of shape [...,classes], got ${show(output)}`);
    },
    plan: (planner, slots) => planCrossEntropy(planner, slots, targets, options),
  };
}

/** Loss and gradient are one pass over the logits, or over probabilities where no softmax made them. */
function planCrossEntropy(
  planner: Planner,
  slots: LossSlots,
  kind: Loss["targets"],
  { fromLogits = false, labelSmoothing = 0 }: CategoricalCrossentropyOptions,
): Slot {
  const { y, wants } = slots;
  const made = fromLogits ? undefined : planner.undo("softmax", y)?.reads[0];
  const x = made ?? y;
  const targets = planSmoothing(planner, slots.targets, labelSmoothing, x.shape[x.shape.length - 1]);
  const shape = kind === "indices" ? null : targets.shape;
  const plan = inferCrossEntropy("loss", "y", x.shape, shape, null, x.shape[0]);
  const isLogits = fromLogits || made !== undefined;
  planLossStep(planner, "crossEntropy", x, { ...slots, targets }, ({ targets: labels, dx, ...at }) => {
    if (isLogits) backwardSoftmaxCrossEntropy(planner.kernels, { ...at, labels, logits: at.x, dlogits: dx }, plan);
    else backwardCrossEntropy(planner.kernels, { ...at, labels, p: at.x, dp: dx }, plan);
  });
  return isLogits && wants === "probabilities" ? planProbabilities(planner, x) : x;
}

/** Softmax for metrics, beside what the loss computes. */
function planProbabilities(planner: Planner, x: Slot): Slot {
  const plan = inferSoftmax("softmax", x.shape);
  const p = planner.slot(x.shape);
  planner.step({
    kind: "probabilities",
    reads: [x],
    writes: [p],
    run: () => forwardSoftmax(planner.kernels, { x: x.pointer, y: p.pointer }, plan),
  });
  return p;
}
