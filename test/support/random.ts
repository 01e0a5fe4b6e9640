/** Seeded test data, of moderate size and without exact ties. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed | 0;
  }

  /** Uniform in [0, 1): mulberry32. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }

  /** f32-representable values, uniform in [low, high). */
  floats(count: number, low = -1, high = 1): Float32Array {
    return Float32Array.from({ length: count }, () => low + (high - low) * this.next());
  }

  /** Distinct values 0.01 apart in random order: where a central difference must not cross a kink. */
  distinct(count: number): Float32Array {
    const order = Array.from({ length: count }, (_, i) => ({ i, key: this.next() })).sort((a, b) => a.key - b.key);
    return Float32Array.from(order, ({ i }) => (i - count / 2) / 100);
  }
}
