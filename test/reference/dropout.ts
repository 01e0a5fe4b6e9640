import type { Array64 } from "./array.ts";

/** The upper and the lower 32 bits of a product of two 32-bit numbers. */
function multiply(a: number, b: number): [number, number] {
  const product = BigInt(a >>> 0) * BigInt(b);
  return [Number(product >> 32n), Number(product & 0xffffffffn)];
}

/** Philox4x32-7, as its paper has it: the four words of a counter under a key. */
export function philox(counter: readonly number[], key: readonly number[]): number[] {
  let [a, b, c, d] = counter;
  let [k0, k1] = key;
  for (let round = 0; round < 7; round++) {
    const [high0, low0] = multiply(a, 0xd2511f53);
    const [high1, low1] = multiply(c, 0xcd9e8d57);
    [a, b, c, d] = [high1 ^ b ^ k0, low1, high0 ^ d ^ k1, low0];
    k0 = (k0 + 0x9e3779b9) >>> 0;
    k1 = (k1 + 0xbb67ae85) >>> 0;
  }
  return [a, b, c, d].map((word) => word >>> 0);
}

/** x -> x / (1 - rate), or 0 where the element's word is below rate * 2^32. */
export function dropout(x: Array64, rate: number, seed: number, stream: number): Array64 {
  const key = [seed >>> 0, Math.floor(seed / 2 ** 32)];
  const data = x.data.map((value, i) => {
    const words = philox([Math.floor(i / 16) * 4 + (i % 4), 0, stream, 0], key);
    return words[Math.floor(i / 4) % 4] < Math.floor(rate * 2 ** 32) ? 0 : value / (1 - rate);
  });
  return { shape: x.shape, data };
}
