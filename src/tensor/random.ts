/** Random numbers that are the same in every runtime: whole-number arithmetic and exactMath only. */
import { ArgumentError, show } from "../errors.ts";
import { cos, exp, ln } from "./exactMath.ts";

const TWO_PI = 2 * Math.PI;
/** Four arbitrary odd constants (xxHash32's primes), one per word of a key. */
const LANES = [0x9e3779b1, 0x85ebca77, 0xc2b2ae3d, 0x27d4eb2f] as const;

type Words = readonly [number, number, number, number];

/**
 * A seeded source of random numbers: xoshiro128** 1.1 (Blackman & Vigna, "Scrambled linear pseudorandom number generators",
 * 2018; period 2^128 - 1), its first state from the seed by the finalizer of MurmurHash3.
 *
 * `fork` makes independent streams. They follow from the seed and the label alone, however many numbers were drawn before:
 * the shuffle of epoch 7 is `random.fork("shuffle").fork(7)`, also after resuming a stopped training there.
 *
 * @throws ArgumentError unless the seed is a whole number from 0 to 2^53 - 1.
 */
export class SeededRandom {
  readonly #key: Words;
  #a: number;
  #b: number;
  #c: number;
  #d: number;

  constructor(seed: number | Words) {
    this.#key = typeof seed === "number" ? keyOf(seed) : seed;
    [this.#a, this.#b, this.#c, this.#d] = this.#key;
    if ((this.#a | this.#b | this.#c | this.#d) === 0) this.#a = 1; // the one state that xoshiro cannot leave
  }

  /** 32 random bits, as a whole number from 0 to 2^32 - 1. */
  bits(): number {
    const result = Math.imul(rotate(Math.imul(this.#b, 5), 7), 9);
    const shifted = this.#b << 9;
    this.#c ^= this.#a;
    this.#d ^= this.#b;
    this.#b ^= this.#c;
    this.#a ^= this.#d;
    this.#c ^= shifted;
    this.#d = rotate(this.#d, 11);
    return result >>> 0;
  }

  /** Uniform in [0, 1), a multiple of 2^-53. */
  uniform(): number {
    const high = this.bits() >>> 5;
    return (high * 2 ** 26 + (this.bits() >>> 6)) / 2 ** 53;
  }

  /** Normal with mean 0 and variance 1 (Box & Muller 1958, its cosine half). */
  normal(): number {
    const radius = Math.sqrt(-2 * ln(1 - this.uniform()));
    return radius * cos(TWO_PI * this.uniform());
  }

  /** From the beta distribution B(shape, shape), in [0, 1] with mean 1/2: a share of two gamma variables, by their logarithms. */
  beta(shape: number): number {
    return 1 / (1 + exp(this.#logGamma(shape) - this.#logGamma(shape)));
  }

  /** ln of a gamma variable (Marsaglia & Tsang 2000); shapes below 1 by G(shape + 1) uniform^(1 / shape). */
  #logGamma(shape: number): number {
    if (shape < 1) return this.#logGamma(shape + 1) + ln(1 - this.uniform()) / shape;
    const d = shape - 1 / 3;
    for (;;) {
      const x = this.normal();
      const root = 1 + x / Math.sqrt(9 * d);
      const v = root * root * root;
      if (v > 0 && ln(1 - this.uniform()) < 0.5 * x * x + d - d * v + d * ln(v)) return ln(d * v);
    }
  }

  /** Uniform among the whole numbers 0 to n - 1; n from 1 to 2^32. */
  integer(n: number): number {
    if (!Number.isInteger(n) || n < 1 || n > 2 ** 32) {
      throw new ArgumentError(`random: n must be a whole number from 1 to 2^32, got ${show(n)}`);
    }
    const end = 2 ** 32 - (2 ** 32 % n); // draws past the last whole multiple of n would favour small numbers
    let drawn = this.bits();
    while (drawn >= end) drawn = this.bits();
    return drawn % n;
  }

  /** The whole numbers 0 to n - 1 in random order (Fisher & Yates). */
  permutation(n: number): Int32Array<ArrayBuffer> {
    const order = Int32Array.from({ length: n }, (_, i) => i);
    for (let i = n - 1; i > 0; i--) {
      const j = this.integer(i + 1);
      const swapped = order[i];
      order[i] = order[j];
      order[j] = swapped;
    }
    return order;
  }

  /** An independent stream for `label`; the same label gives the same stream. */
  fork(label: string | number): SeededRandom {
    if (typeof label === "number") return new SeededRandom(absorbNumber(absorb(this.#key, 1), label));
    let key = absorb(absorb(this.#key, 2), label.length);
    for (let i = 0; i < label.length; i++) key = absorb(key, label.charCodeAt(i));
    return new SeededRandom(key);
  }
}

function keyOf(seed: number): Words {
  if (!Number.isSafeInteger(seed) || seed < 0) {
    throw new ArgumentError(`random: seed must be a whole number from 0 to 2^53 - 1, got ${show(seed)}`);
  }
  return absorbNumber([0, 0, 0, 0], seed);
}

/** Both halves of a whole number. */
function absorbNumber(key: Words, value: number): Words {
  return absorb(absorb(key, value | 0), Math.floor(value / 2 ** 32) | 0);
}

function absorb(key: Words, value: number): Words {
  const [a, b, c, d] = LANES;
  return [mix(key[0] ^ value, a), mix(key[1] ^ value, b), mix(key[2] ^ value, c), mix(key[3] ^ value, d)];
}

/** MurmurHash3's 32-bit finalizer (Appleby) of x + lane. */
function mix(x: number, lane: number): number {
  let h = (x + lane) | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

function rotate(x: number, bits: number): number {
  return (x << bits) | (x >>> (32 - bits));
}
