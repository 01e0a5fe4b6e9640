/** What a loss is: steps at the end of a plan that write one value per sample and, in training, a gradient. */
import type { Planner, Slot } from "../ops/planned.ts";
import type { Shape } from "../tensor/shape.ts";

/** Where a loss finds what it needs; `weights` holds one factor per sample. */
export interface LossSlots {
  /** The output of the model. */
  readonly y: Slot;
  /** Class indices (i32) or values (f32), as the loss says. */
  readonly targets: Slot;
  /** One factor per sample, from class weights; all 1 without. */
  readonly weights: Slot;
  /** Receives one weighted value per sample; the loss of the batch is their mean. */
  readonly losses: Slot;
}

export interface Loss {
  readonly name: string;
  /** Targets are class indices, one per sample, or values in the shape of the output. */
  readonly targets: "indices" | "values";
  /** Throws ShapeError where the loss cannot look at outputs of this shape (of one sample). */
  check(output: Shape): void;
  /** Adds the steps; returns where the predictions lie (in any monotonic form: logits will do). */
  plan(planner: Planner, slots: LossSlots): Slot;
}
