// Deterministic pseudo-random data, the same for every contender.

/** mulberry32: a generator of uniform numbers in [0, 1). */
export function rng(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** Float32Array of n uniform values in [-scale, scale). */
export function uniform(n, seed, scale = 1) {
  const random = rng(seed);
  const values = new Float32Array(n);
  for (let i = 0; i < n; i++) values[i] = (random() * 2 - 1) * scale;
  return values;
}

/** FNV-1a of a workload's name: the seed of its data. */
export function hashName(name) {
  let hash = 2166136261;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 16777619);
  return hash >>> 0;
}
