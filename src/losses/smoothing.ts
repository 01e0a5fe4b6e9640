/** Label smoothing (Szegedy et al. 2016, arXiv 1512.00567): a share of each target goes to all classes alike. */
import { ArgumentError, show } from "../errors.ts";
import type { Planner, Slot } from "../ops/planned.ts";
import { sizeOf } from "../tensor/shape.ts";

/** What losses over classes take besides. */
export interface SmoothingOptions {
  /** The share, in [0, 1). Default 0. */
  labelSmoothing?: number;
}

/** Throws ArgumentError unless `share` lies in [0, 1). */
export function checkSmoothing(op: string, share: number): void {
  if (share >= 0 && share < 1) return;
  throw new ArgumentError(`${op}: labelSmoothing must be a number in [0, 1), got ${show(share)}`);
}

/** The targets, smoothed over so many classes where there is a share to give. */
export function planSmoothing(planner: Planner, targets: Slot, share: number, classes: number): Slot {
  if (share === 0) return targets;
  const smooth = planner.slot(targets.shape);
  const size = sizeOf(targets.shape);
  planner.step({
    kind: "labelSmoothing",
    reads: [targets],
    writes: [smooth],
    run: () => planner.kernels.rescale(targets.pointer, smooth.pointer, size, 1 - share, share / classes),
  });
  return smooth;
}
