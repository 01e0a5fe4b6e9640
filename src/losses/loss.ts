/** What a loss is: steps at the end of a plan that write one value per sample and, in training, a gradient. */
import type { Planner, Slot } from "../ops/planned.ts";
import type { Shape } from "../tensor/shape.ts";

/** Where a loss finds what it needs; `weights` holds one factor per sample. */
export interface LossSlots {
  /** The output of the model. */
  readonly y: Slot;
  /** Class indices (i32) or values (f32), as the loss says. */
  readonly targets: Slot;
  /** One factor per sample, from class and sample weights; all 1 without. */
  readonly weights: Slot;
  /** Receives one weighted value per sample; the loss of the batch is their mean. */
  readonly losses: Slot;
  /** What metrics will look at: nothing, which prediction is the largest, or probabilities. */
  readonly wants: "nothing" | "order" | "probabilities";
}

/** A loss as layers and models see it; made by `losses`. */
export interface Loss {
  /** As in "huber". */
  readonly name: string;
  /** Options that make it again; undefined for a function of the user's own. */
  readonly config?: Readonly<Record<string, unknown>>;
  /** Targets are class indices, one per row of classes, or values in the shape of the output. */
  readonly targets: "indices" | "values";
  /** Throws ShapeError where the loss cannot look at outputs of this shape (of one sample). */
  check(output: Shape): void;
  /** Adds the steps; returns where the predictions lie, as `wants` asks for them. @internal */
  plan(planner: Planner, slots: LossSlots): Slot;
}

/** Addresses of what a loss reads and writes. */
export interface LossPointers {
  readonly x: number;
  readonly targets: number;
  readonly weights: number;
  readonly losses: number;
  /** 0 where no gradient is wanted. */
  readonly dx: number;
}

/** Adds the step that writes the losses of x and, where it is wanted, the gradient of their mean. */
export function planLossStep(
  planner: Planner,
  kind: string,
  x: Slot,
  { targets, weights, losses }: Pick<LossSlots, "targets" | "weights" | "losses">,
  run: (at: LossPointers) => void,
): void {
  const add = (dx: Slot | undefined) => {
    planner.step({
      kind,
      reads: [x, targets, weights],
      writes: dx === undefined ? [losses] : [losses, dx],
      run: () => {
        const at = { targets: targets.pointer, weights: weights.pointer, losses: losses.pointer };
        run({ ...at, x: x.pointer, dx: dx?.pointer ?? 0 });
      },
    });
  };
  if (x.needsGradient) planner.gradient(x, add);
  else add(undefined);
}
