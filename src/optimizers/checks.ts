/** Checks that optimizers and schedules share. */
import { ArgumentError, show } from "../errors.ts";

/** Throws ArgumentError where `value` is not what it should be. */
export type Check = (op: string, argument: string, value: unknown) => void;

/** In [0, 1). */
export const fraction: Check = /* @__PURE__ */ check(
  "a number in [0, 1)",
  (value) => typeof value === "number" && value >= 0 && value < 1,
);

/** In [0, 1]. */
export const share: Check = /* @__PURE__ */ check(
  "a number in [0, 1]",
  (value) => typeof value === "number" && value >= 0 && value <= 1,
);

/** Finite and > 0. */
export const positive: Check = /* @__PURE__ */ check(
  "a number > 0",
  (value) => Number.isFinite(value) && (value as number) > 0,
);

/** Finite and >= 0. */
export const notNegative: Check = /* @__PURE__ */ check(
  "a number >= 0",
  (value) => Number.isFinite(value) && (value as number) >= 0,
);

/** Whole and >= 0. */
export const count: Check = /* @__PURE__ */ check(
  "a whole number >= 0",
  (value) => Number.isInteger(value) && (value as number) >= 0,
);

/** Whole and >= 1. */
export const steps: Check = /* @__PURE__ */ check(
  "a whole number >= 1",
  (value) => Number.isInteger(value) && (value as number) >= 1,
);

export const trueOrFalse: Check = /* @__PURE__ */ check("true or false", (value) => typeof value === "boolean");

function check(wanted: string, holds: (value: unknown) => boolean): Check {
  return (op, argument, value) => {
    if (!holds(value)) throw new ArgumentError(`${op}: ${argument} must be ${wanted}, got ${show(value)}`);
  };
}
