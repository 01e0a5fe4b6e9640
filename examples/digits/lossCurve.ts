/** The loss of every batch on a logarithmic axis, its running mean, and the loss on the test images after each epoch. */
import { Canvas, type Color, INK, PALE, textWidth } from "./canvas.ts";
import type { Run } from "./checkpoint.ts";

const WIDTH = 960;
const HEIGHT = 540;
/** The plot, between the axes. */
const AREA = { left: 90, top: 50, right: WIDTH - 30, bottom: HEIGHT - 70 } as const;
const FAINT: Color = [174, 199, 232];
const BLUE: Color = [31, 119, 180];
const ORANGE: Color = [230, 110, 10];

export function drawLossCurve({ losses, testLosses, epochs }: Run): Canvas {
  const canvas = new Canvas(WIDTH, HEIGHT);
  const count = losses.length;
  const mean = runningMean(losses, Math.max(1, Math.round(count / 50)));
  const [low, high] = decades([...mean, ...testLosses]);
  const x = (batch: number) => AREA.left + (batch / Math.max(1, count)) * (AREA.right - AREA.left);
  const y = (loss: number) => {
    const share = Math.log(Math.min(high, Math.max(low, loss)) / low) / Math.log(high / low);
    return AREA.bottom - share * (AREA.bottom - AREA.top);
  };
  lossAxis(canvas, low, high, y);
  batchAxis(canvas, count, epochs, x);
  curve(canvas, losses, x, y, FAINT, 1);
  curve(canvas, mean, x, y, BLUE, 3);
  testLosses.forEach((loss, i) => {
    canvas.rectangle(x(((i + 1) * count) / epochs) - 5, y(loss) - 5, 10, 10, ORANGE);
  });
  legend(canvas, [
    ["each batch", FAINT],
    ["running mean", BLUE],
    ["test images", ORANGE],
  ]);
  return canvas;
}

/** Powers of ten around the values, at least one decade. */
function decades(values: readonly number[]): readonly [number, number] {
  const logs = values.filter((value) => value > 0 && Number.isFinite(value)).map(Math.log10);
  const low = Math.floor(logs.reduce((a, b) => Math.min(a, b), 0));
  const high = Math.ceil(logs.reduce((a, b) => Math.max(a, b), low));
  return [10 ** low, 10 ** Math.max(high, low + 1)];
}

/** Lines at 1, 2 and 5 of each decade, with their numbers. */
function lossAxis(canvas: Canvas, low: number, high: number, y: (loss: number) => number): void {
  for (let decade = low; decade <= high * 1.001; decade *= 10) {
    for (const loss of [1, 2, 5].map((digit) => digit * decade)) {
      if (loss > high * 1.001) continue;
      canvas.rectangle(AREA.left, y(loss), AREA.right - AREA.left, 1, PALE);
      canvas.text(AREA.left - 10, y(loss) - 7, String(Number(loss.toPrecision(1))), INK, "right");
    }
  }
  canvas.line(AREA.left, AREA.top, AREA.left, AREA.bottom, INK, 2);
  canvas.text(AREA.left - 10, AREA.top - 34, "loss", INK, "right");
}

/** A number every tenth or so of the batches, and a line at the end of each epoch. */
function batchAxis(canvas: Canvas, count: number, epochs: number, x: (batch: number) => number): void {
  const step = roundStep(count / 8);
  for (let batch = 0; batch <= count; batch += step) {
    canvas.rectangle(x(batch) - 1, AREA.bottom, 2, 6, INK);
    canvas.text(x(batch), AREA.bottom + 12, String(batch), INK, "middle");
  }
  for (let epoch = 1; epoch <= epochs; epoch++) {
    const end = x((epoch * count) / epochs);
    for (let y = AREA.top; y < AREA.bottom; y += 8) canvas.rectangle(end, y, 1, 4, INK);
    if (epochs <= 12) canvas.text(end - 6, AREA.top - 20, `epoch ${epoch}`, INK, "right");
  }
  canvas.line(AREA.left, AREA.bottom, AREA.right, AREA.bottom, INK, 2);
  canvas.text((AREA.left + AREA.right) / 2, AREA.bottom + 40, "batch", INK, "middle");
}

/** The next of 1, 2, 5, 10, 20, 50, ... */
function roundStep(least: number): number {
  const decade = 10 ** Math.floor(Math.log10(Math.max(1, least)));
  return ([1, 2, 5, 10].find((digit) => digit * decade >= least) ?? 10) * decade;
}

function curve(
  canvas: Canvas,
  values: ArrayLike<number>,
  x: (batch: number) => number,
  y: (loss: number) => number,
  color: Color,
  thickness: number,
): void {
  for (let i = 1; i < values.length; i++) {
    canvas.line(x(i), y(values[i - 1]), x(i + 1), y(values[i]), color, thickness);
  }
}

function runningMean(values: ArrayLike<number>, window: number): number[] {
  let sum = 0;
  return Array.from(values, (value, i) => {
    sum += value - (i >= window ? values[i - window] : 0);
    return sum / Math.min(i + 1, window);
  });
}

function legend(canvas: Canvas, entries: readonly (readonly [string, Color])[]): void {
  let right = AREA.right;
  for (const [label, color] of entries.toReversed()) {
    const left = right - textWidth(label);
    canvas.text(left, 10, label);
    canvas.rectangle(left - 18, 11, 12, 12, color);
    right = left - 40;
  }
}
