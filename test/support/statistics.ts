/** FNV-1a over the bytes of a typed array, in hexadecimal: a name for "these very bits". */
export function fnv1a(data: ArrayBufferView): string {
  let hash = 0x811c9dc5;
  for (const byte of new Uint8Array(data.buffer, data.byteOffset, data.byteLength)) {
    hash = Math.imul(hash ^ byte, 0x01000193);
  }
  return (hash >>> 0).toString(16).padStart(8, "0");
}

/** Mean, variance, and the standardised third and fourth moments. */
export function moments(values: ArrayLike<number>): {
  mean: number;
  variance: number;
  skewness: number;
  kurtosis: number;
} {
  const average = (f: (x: number) => number) => {
    let sum = 0;
    for (let i = 0; i < values.length; i++) sum += f(values[i]);
    return sum / values.length;
  };
  const mean = average((x) => x);
  const variance = average((x) => (x - mean) ** 2);
  const skewness = average((x) => (x - mean) ** 3) / variance ** 1.5;
  const kurtosis = average((x) => (x - mean) ** 4) / variance ** 2;
  return { mean, variance, skewness, kurtosis };
}
