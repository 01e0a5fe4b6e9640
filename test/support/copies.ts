import fc from "fast-check";
import { Random } from "./random.ts";

/** Copies only. The gradients' central differences are exact to 1e-9. */
export const COPIES = { relative: 0, absolute: 1e-7 };

/** Shapes of up to `most` axes, with elements for a seed. */
export function anyShape(least = 1, most = 5, size = 7): fc.Arbitrary<number[]> {
  return fc.array(fc.integer({ min: 1, max: size }), { minLength: least, maxLength: most });
}

export function drawInput(shape: readonly number[], seed: number): { shape: readonly number[]; data: Float32Array } {
  return { shape, data: new Random(seed).floats(shape.reduce((a, b) => a * b, 1)) };
}
