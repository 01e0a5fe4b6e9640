/** How far training is: a bar in a terminal, elsewhere a plain line at every tenth of the way. */
import { Presets, SingleBar } from "cli-progress";
import { duration, percent } from "./terminal.ts";

export interface Progress {
  /** @param batch batches done, of all epochs */
  update(batch: number, epoch: number, scores: { readonly loss: number; readonly accuracy: number }): void;
  /** Lets a line be printed without tearing the bar. */
  print(line: string): void;
  stop(): void;
}

export interface ProgressOptions {
  readonly epochs: number;
  readonly batches: number;
  readonly batchSize: number;
  /** Batches done before: where a training goes on. */
  readonly from: number;
}

export function showProgress(options: ProgressOptions): Progress {
  return process.stdout.isTTY ? bar(options) : lines(options);
}

/** Images per second and seconds left, from what was done since the start. */
class Pace {
  readonly #start = performance.now();
  readonly #options: ProgressOptions;

  constructor(options: ProgressOptions) {
    this.#options = options;
  }

  at(batch: number): { speed: number; left: string } {
    const { from, batches, batchSize } = this.#options;
    const seconds = (performance.now() - this.#start) / 1000;
    const perBatch = seconds / Math.max(1, batch - from);
    return { speed: Math.round(batchSize / perBatch), left: duration(perBatch * (batches - batch)) };
  }
}

function bar(options: ProgressOptions): Progress {
  const pace = new Pace(options);
  const format =
    "epoch {epoch}/{epochs} {bar} {percentage} %  loss {loss}  accuracy {accuracy}  {speed} images/s  {left} left";
  const shown = new SingleBar(
    { format, barsize: Math.max(8, Math.min(40, (process.stdout.columns ?? 80) - 76)), stream: process.stdout, fps: 8 },
    Presets.shades_classic,
  );
  const first = { epoch: 1, epochs: options.epochs, loss: "-", accuracy: "-", speed: "-", left: "-:--" };
  shown.start(options.batches, options.from, first);
  return {
    update: (batch, epoch, { loss, accuracy }) =>
      shown.update(batch, { epoch, loss: loss.toFixed(4), accuracy: percent(accuracy), ...pace.at(batch) }),
    print: (line) => {
      process.stdout.write(`\r\x1b[K${line}\n`); // the bar is drawn anew below
      shown.render();
    },
    stop: () => shown.stop(),
  };
}

function lines(options: ProgressOptions): Progress {
  const pace = new Pace(options);
  const tenth = (batch: number) => Math.floor((batch / options.batches) * 10);
  let shown = tenth(options.from);
  return {
    update(batch, epoch, { loss, accuracy }) {
      if (tenth(batch) === shown) return;
      shown = tenth(batch);
      const { speed, left } = pace.at(batch);
      const share = `${String(shown * 10).padStart(3)} %`;
      const scores = `loss ${loss.toFixed(4)}  accuracy ${percent(accuracy)}`;
      console.log(`epoch ${epoch}/${options.epochs} ${share}  ${scores}  ${speed} images/s  ${left} left`);
    },
    print: (line) => console.log(line),
    stop: () => {},
  };
}
