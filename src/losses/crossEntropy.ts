/** Cross-entropy as a loss: fused with the softmax before it, where there is one. */
import { ShapeError, show } from "../errors.ts";
import { backwardCrossEntropy, backwardSoftmaxCrossEntropy, inferCrossEntropy } from "../ops/crossEntropy.ts";
import type { Planner, Slot } from "../ops/planned.ts";
import type { Shape } from "../tensor/shape.ts";
import type { Loss, LossSlots } from "./loss.ts";

/** -ln p of the labelled class; labels are class indices. */
export const sparseCategoricalCrossentropy: Loss = categorical("sparseCategoricalCrossentropy", "indices");

/** -sum(target * ln p); targets are one-hot rows, or a probability for each class. */
export const categoricalCrossentropy: Loss = categorical("categoricalCrossentropy", "values");

function categorical(name: string, targets: Loss["targets"]): Loss {
  return {
    name,
    targets,
    check(output: Shape): void {
      if (output.length === 1 && output[0] > 1) return;
      throw new ShapeError(`compile: loss ${show(name)} needs outputs of shape [classes], got ${show(output)}`);
    },
    plan: (planner, slots) => planCrossEntropy(planner, slots, targets),
  };
}

/** Loss and gradient are one pass over the logits, or over probabilities where no softmax made them. */
function planCrossEntropy(planner: Planner, slots: LossSlots, targets: Loss["targets"]): Slot {
  const { y, targets: labels, weights, losses } = slots;
  const logits = planner.undo("softmax", y)?.reads[0];
  const x = logits ?? y;
  const plan = inferCrossEntropy("loss", "y", x.shape, targets === "indices" ? null : labels.shape);
  const add = (dx: Slot | undefined) => {
    planner.step({
      kind: "crossEntropy",
      reads: [x, labels, weights],
      writes: dx === undefined ? [losses] : [losses, dx],
      run: () => {
        const at = { labels: labels.pointer, weights: weights.pointer, losses: losses.pointer };
        const gradient = dx?.pointer ?? 0;
        if (logits !== undefined) {
          backwardSoftmaxCrossEntropy(planner.kernels, { ...at, logits: x.pointer, dlogits: gradient }, plan);
        } else {
          backwardCrossEntropy(planner.kernels, { ...at, p: x.pointer, dp: gradient }, plan);
        }
      },
    });
  };
  if (x.needsGradient) planner.gradient(x, add);
  else add(undefined);
  return x;
}
