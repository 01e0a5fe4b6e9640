/**
 * Resizing by a triangle filter: where each output of an axis looks, and with what weights. Enlarging, it is as wide as two
 * cells: bilinear interpolation. Shrinking, it is widened by the scale, so that no cell is left out (antialiasing; Pillow,
 * torchvision with antialias=True, jax.image.resize). At borders the weights that are left are scaled to a sum of 1.
 */
export interface Taps {
  /** For each output the first cell, how many, and `most` weights as bits of floats: what kernels read. */
  readonly words: Int32Array;
  /** The most cells that an output looks at. */
  readonly most: number;
  /** The first cell that output i looks at; it never decreases. */
  readonly first: readonly number[];
  /** The cell behind the last; it never decreases. */
  readonly end: readonly number[];
}

/** `count` outputs over the `length` cells from `start` on. */
export function tapsOf(start: number, length: number, count: number): Taps {
  const looks = Array.from({ length: count }, (_, i) => look(i, length, count));
  const most = looks.reduce((largest, { weights }) => Math.max(largest, weights.length), 0);
  const words = new Int32Array(count * (2 + most));
  const floats = new Float32Array(words.buffer);
  for (const [i, { first, weights }] of looks.entries()) {
    const at = i * (2 + most);
    words.set([start + first, weights.length], at);
    floats.set(weights, at + 2);
  }
  return {
    words,
    most,
    first: looks.map(({ first }) => start + first),
    end: looks.map(({ first, weights }) => start + first + weights.length),
  };
}

function look(i: number, length: number, count: number): { first: number; weights: number[] } {
  const scale = length / count;
  const reach = Math.max(scale, 1);
  const center = (i + 0.5) * scale;
  const first = Math.max(Math.floor(center - reach + 0.5), 0);
  const end = Math.min(Math.ceil(center + reach - 0.5), length);
  const heights = Array.from({ length: end - first }, (_, k) => 1 - Math.abs(first + k + 0.5 - center) / reach);
  const sum = heights.reduce((a, b) => a + b);
  return { first, weights: heights.map((height) => height / sum) };
}
