/** A loss of the user's own: a function over tensors. */
import { ArgumentError, ShapeError, show } from "../errors.ts";
import type { Planner, Slot } from "../ops/planned.ts";
import { sameShape } from "../tensor/shape.ts";
import { copyOf, scope, Tensor } from "../tensor/tensor.ts";
import { type Loss, type LossPointers, planLossStep } from "./loss.ts";

/**
 * Given the predictions [N,...] and targets of the same shape, the loss of the batch (a mean over its samples, as a rule) and
 * its gradient. That is what the losses of `ops` return, so they can be put together. Tensors made in it are disposed for it.
 */
export type LossFunction = (predictions: Tensor, targets: Tensor) => { loss: number; dx: Tensor };

/** The function as a loss. It sees no weights, and no file can hold it. */
export function customLoss(compute: LossFunction): Loss {
  const name = compute.name || "loss";
  return {
    name,
    targets: "values",
    check: () => {},
    plan(planner, slots) {
      const { y, targets } = slots;
      planLossStep(planner, name, y, slots, (at) => run(planner, compute, name, y, targets, at));
      return y;
    },
  };
}

function run(planner: Planner, compute: LossFunction, name: string, y: Slot, targets: Slot, at: LossPointers): void {
  const { runtime } = planner;
  scope(() => {
    const predictions = copyOf(runtime, y.pointer, y.shape);
    const { loss, dx } = compute(predictions, copyOf(runtime, targets.pointer, targets.shape));
    if (typeof loss !== "number") throw new ArgumentError(`${name}: loss must be a number, got ${show(loss)}`);
    if (!(dx instanceof Tensor)) throw new ArgumentError(`${name}: dx must be a Tensor, got ${show(dx)}`);
    if (!sameShape(dx.shape, y.shape)) {
      throw new ShapeError(`${name}: dx must be ${show(y.shape)}, got ${show(dx.shape)}`);
    }
    runtime.floats(at.losses, y.shape[0]).fill(loss);
    if (at.dx !== 0) planner.kernels.copy(dx.pointer, at.dx, dx.size);
  });
}
