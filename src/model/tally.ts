/** Scores over batches: the mean loss over samples, and metrics by the sums that each of them keeps. */
import type { Metric, MetricInput } from "../metrics/metric.ts";

/** Loss and metrics, by name. */
export type Scores = { readonly loss: number } & Readonly<Record<string, number>>;

export class Tally {
  readonly #metrics: readonly Metric[];
  readonly #sums: Float64Array[] = [];
  #loss = 0;
  #samples = 0;

  constructor(metrics: readonly Metric[]) {
    this.#metrics = metrics;
  }

  /** @param sum of the losses of so many samples. */
  addLoss(sum: number, samples: number): void {
    this.#loss += sum;
    this.#samples += samples;
  }

  /** @param input is asked for anew for each metric, since one of them may have grown the memory. */
  addRows(input: () => MetricInput): void {
    for (const [i, metric] of this.#metrics.entries()) {
      const rows = input();
      this.#sums[i] ??= new Float64Array(metric.size(rows.columns));
      metric.add(this.#sums[i], rows);
    }
  }

  get scores(): Scores {
    const scores: Record<string, number> & { loss: number } = { loss: this.#loss / this.#samples };
    for (const [i, { name, value }] of this.#metrics.entries()) scores[name] = value(this.#sums[i]);
    return scores;
  }
}
