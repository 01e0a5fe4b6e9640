/** Means and variances of samples that come one by one, in doubles. */
import type { Shape } from "../tensor/shape.ts";
import { sizeOf } from "../tensor/shape.ts";

/** Which statistic each element of a sample belongs to, where the axes in `kept` have statistics of their own. */
export function statisticsOf(sample: Shape, kept: readonly number[]): Int32Array {
  return Int32Array.from({ length: sizeOf(sample) }, (_, i) => {
    let [rest, statistic, factor] = [i, 0, 1];
    for (let axis = sample.length - 1; axis >= 0; axis--) {
      const index = rest % sample[axis];
      rest = (rest - index) / sample[axis];
      if (!kept.includes(axis)) continue;
      statistic += factor * index;
      factor *= sample[axis];
    }
    return statistic;
  });
}

/**
 * Each sample has its mean and sum of squared deviations, which are merged with those of the samples before it (Chan, Golub & LeVeque
 * 1983): one pass, and no difference of large sums.
 */
export class Moments {
  readonly mean: Float64Array;
  readonly #statistics: Int32Array;
  /** Sums of squared deviations from the mean. */
  readonly #squares: Float64Array;
  /** Of one sample. */
  readonly #own: readonly [mean: Float64Array, squares: Float64Array];
  #samples = 0;

  /** @param statistics which each element of a sample belongs to, all to equally many */
  constructor(statistics: Int32Array, count: number) {
    const zeros = () => new Float64Array(count);
    [this.mean, this.#squares, this.#own] = [zeros(), zeros(), [zeros(), zeros()]];
    this.#statistics = statistics;
  }

  get samples(): number {
    return this.#samples;
  }

  get variance(): Float64Array {
    const elements = (this.#samples * this.#statistics.length) / this.mean.length;
    return this.#squares.map((sum) => sum / elements);
  }

  add(sample: ArrayLike<number>): void {
    const [means, squares] = this.#own;
    const [count, statistics] = [this.#statistics.length / means.length, this.#statistics];
    means.fill(0);
    squares.fill(0);
    for (let i = 0; i < sample.length; i++) means[statistics[i]] += sample[i];
    for (let s = 0; s < means.length; s++) means[s] /= count;
    for (let i = 0; i < sample.length; i++) squares[statistics[i]] += (sample[i] - means[statistics[i]]) ** 2;
    this.#samples++;
    for (let s = 0; s < means.length; s++) {
      const difference = means[s] - this.mean[s];
      this.mean[s] += difference / this.#samples;
      this.#squares[s] += squares[s] + difference * difference * count * (1 - 1 / this.#samples);
    }
  }
}
