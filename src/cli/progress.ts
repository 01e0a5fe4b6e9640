/** How far a training is: a bar where the standard error is a terminal. */
import { Presets, SingleBar } from "cli-progress";
import type { BatchReport, EpochReport } from "../index.ts";
import { print } from "./output.ts";

export interface Progress {
  readonly update: (report: BatchReport) => void;
  /** Lets a line be printed without tearing the bar. */
  readonly print: (line: string) => void;
  readonly stop: () => void;
}

export function showProgress(epochs: number): Progress {
  const { stderr } = process;
  if (!stderr.isTTY) return { update: () => {}, print, stop: () => {} };
  const format = "epoch {epoch}/{epochs} {bar} {percentage} %  loss {loss}  {eta_formatted} left";
  const barsize = Math.max(8, Math.min(40, (stderr.columns ?? 80) - 48));
  const bar = new SingleBar({ format, barsize, stream: stderr, fps: 8, hideCursor: true }, Presets.shades_classic);
  let isStarted = false;
  return {
    update({ epoch, batch, batches, loss }) {
      const shown = { epoch: epoch + 1, epochs, loss: loss.toFixed(4) };
      const done = epoch * batches + batch + 1;
      if (!isStarted) bar.start(epochs * batches, done, shown);
      else bar.update(done, shown);
      isStarted = true;
    },
    print(line) {
      stderr.write("\r\x1b[K"); // the bar is drawn anew below
      print(line);
      bar.render();
    },
    stop: () => bar.stop(),
  };
}

/** "epoch 1/10: loss 0.4210, accuracy 81.25 %; judged: loss 0.3920, accuracy 84.00 %" */
export function epochText({ epoch, loss, accuracy, valLoss, valAccuracy }: EpochReport, epochs: number): string {
  const scores = (a: number, b: number) => `loss ${a.toFixed(4)}, accuracy ${(b * 100).toFixed(2)} %`;
  const judged = valLoss === undefined ? "" : `; judged: ${scores(valLoss, valAccuracy)}`;
  return `epoch ${epoch + 1}/${epochs}: ${scores(loss, accuracy)}${judged}`;
}
