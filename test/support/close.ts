import { expect } from "vitest";

/** |actual - expected| <= absolute + relative * |expected|, element by element. */
export interface Tolerance {
  readonly relative: number;
  readonly absolute: number;
}

/** Fails with the worst element when two arrays differ by more than the tolerance; NaN equals NaN only. */
export function expectClose(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  { relative, absolute }: Tolerance,
  label = "result",
): void {
  expect(actual.length, `${label}: length`).toBe(expected.length);
  let worst = 0;
  let where = -1;
  for (let i = 0; i < expected.length; i++) {
    if (Object.is(actual[i], expected[i]) || (Number.isNaN(actual[i]) && Number.isNaN(expected[i]))) continue;
    const allowed = absolute + relative * Math.abs(expected[i]);
    const excess = Math.abs(actual[i] - expected[i]) / allowed;
    if (!(excess <= worst)) {
      worst = excess;
      where = i;
    }
  }
  if (!(worst <= 1)) {
    expect.fail(
      `${label}[${where}]: got ${actual[where]}, expected ${expected[where]} (${worst.toFixed(1)}x the tolerance)`,
    );
  }
}
