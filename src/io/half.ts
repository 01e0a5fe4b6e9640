/** Numbers of 16 bits, of which not every host has typed arrays. */

/** IEEE 754 binary16. */
export function fromHalf(half: number): number {
  return decoded(half, 10);
}

/** bfloat16: the upper half of an f32. */
export function fromBrain(brain: number): number {
  return decoded(brain, 7);
}

/** A sign, an exponent, and a fraction of so many bits. */
function decoded(bits: number, fractionBits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const largest = 2 ** (15 - fractionBits) - 1;
  const exponent = (bits & 0x7fff) >> fractionBits;
  const fraction = (bits & (2 ** fractionBits - 1)) / 2 ** fractionBits;
  const bias = (largest - 1) / 2;
  if (exponent === 0) return sign * fraction * 2 ** (1 - bias);
  if (exponent === largest) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1 + fraction) * 2 ** (exponent - bias);
}
