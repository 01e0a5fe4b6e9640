import { expect } from "vitest";

/** Largest difference over the largest value of what is expected. */
export function relativeError(actual, expected) {
  expect(actual.length).toBe(expected.length);
  let [difference, size] = [0, 0];
  for (let i = 0; i < expected.length; i++) {
    if (Number.isNaN(actual[i]) !== Number.isNaN(expected[i])) return Number.NaN;
    difference = Math.max(difference, Math.abs(actual[i] - expected[i]));
    size = Math.max(size, Math.abs(expected[i]));
  }
  return size === 0 ? difference : difference / size;
}

/** The numbers of an image [N,H,W,C] in the order [N,C,H,W], or those of a line or volume; others stay. */
export function channelsFirst(data, shape) {
  if (shape.length < 3) return data;
  const [n, c] = [shape[0], shape[shape.length - 1]];
  const cells = shape.slice(1, -1).reduce((product, size) => product * size, 1);
  const turned = new Float32Array(data.length);
  for (let i = 0; i < n; i++) {
    for (let cell = 0; cell < cells; cell++) {
      for (let k = 0; k < c; k++) turned[(i * c + k) * cells + cell] = data[(i * cells + cell) * c + k];
    }
  }
  return turned;
}

/** Numbers from -1 to 1 that look random and are the same everywhere. */
export function noise(size, seed = 1) {
  let state = seed * 2654435761;
  return Float32Array.from({ length: size }, () => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) >>> 0;
    return ((state ^ (state >>> 13)) >>> 0) / 2 ** 31 - 1;
  });
}
