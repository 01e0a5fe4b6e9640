/** Checks that optimizers and schedules share. */
import { ArgumentError, show } from "../errors.ts";

/** Throws ArgumentError unless `value` lies in [0, 1). */
export function fraction(op: string, argument: string, value: unknown): void {
  if (typeof value === "number" && value >= 0 && value < 1) return;
  throw new ArgumentError(`${op}: ${argument} must be a number in [0, 1), got ${show(value)}`);
}

/** Throws ArgumentError unless `value` is a finite number > 0. */
export function positive(op: string, argument: string, value: unknown): void {
  if (typeof value === "number" && value > 0 && Number.isFinite(value)) return;
  throw new ArgumentError(`${op}: ${argument} must be a number > 0, got ${show(value)}`);
}
