import { backwardMeanSquaredError, inferMeanSquaredError } from "../ops/meanSquaredError.ts";
import type { Slot } from "../ops/planned.ts";
import type { Loss } from "./loss.ts";

/** mean((y - target)^2) over the elements of a sample; targets in the shape of the output. */
export const meanSquaredError: Loss = {
  name: "meanSquaredError",
  targets: "values",
  check: () => {},
  plan(planner, { y, targets, weights, losses }) {
    const plan = inferMeanSquaredError("loss", y.shape, targets.shape);
    const add = (dx: Slot | undefined) => {
      planner.step({
        kind: "meanSquaredError",
        reads: [y, targets, weights],
        writes: dx === undefined ? [losses] : [losses, dx],
        run: () => {
          const at = { targets: targets.pointer, weights: weights.pointer, losses: losses.pointer };
          backwardMeanSquaredError(planner.kernels, { ...at, x: y.pointer, dx: dx?.pointer ?? 0 }, plan);
        },
      });
    };
    if (y.needsGradient) planner.gradient(y, add);
    else add(undefined);
    return y;
  },
};
