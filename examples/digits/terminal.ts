/** Pictures and tables out of letters. */
import { CLASSES, SIDE } from "./data.ts";

/** Two rows of pixels make one of text: ink above, below, in both or in neither. */
const HALVES = [" ", "▄", "▀", "█"];
const INK = 0.35;

/** An image [28,28,1] as 14 lines of 28 letters. */
export function drawImage(pixels: Float32Array): string[] {
  const isInk = (row: number, column: number): number => (pixels[row * SIDE + column] > INK ? 1 : 0);
  return Array.from({ length: SIDE / 2 }, (_, line) =>
    Array.from({ length: SIDE }, (_, x) => HALVES[2 * isInk(2 * line, x) + isInk(2 * line + 1, x)]).join(""),
  );
}

/** The likeliest classes, the first on top: "7  ██████████  99.9 %". */
export function drawProbabilities(probabilities: ArrayLike<number>, classes: readonly string[], most = 3): string[] {
  const width = Math.max(...classes.map((name) => name.length));
  return ranked(probabilities)
    .slice(0, most)
    .map((label) => {
      const share = probabilities[label];
      const bar = "█".repeat(Math.round(share * 10)).padEnd(10);
      return `${classes[label].padEnd(width)} ${bar} ${percent(share, 1).padStart(7)}`;
    });
}

/** The labels, the likeliest first. */
export function ranked(probabilities: ArrayLike<number>): number[] {
  return Array.from({ length: probabilities.length }, (_, i) => i).sort((a, b) => probabilities[b] - probabilities[a]);
}

/** An image with text at its right side, without the empty lines around it. */
export function beside(image: readonly string[], text: readonly string[]): string[] {
  const isInk = (line: string) => line.trim() !== "";
  const inked = image.slice(image.findIndex(isInk), image.findLastIndex(isInk) + 1);
  const height = Math.max(inked.length, text.length);
  const [imageTop, textTop] = [inked, text].map((lines) => Math.floor((height - lines.length) / 2));
  return Array.from({ length: height }, (_, i) => {
    const line = inked[i - imageTop] ?? " ".repeat(image[0].length);
    return `  ${line}  ${text[i - textTop] ?? ""}`.trimEnd();
  });
}

/** counts[true label][predicted label] */
export type Confusion = readonly Uint32Array[];

export function confusionOf(labels: ArrayLike<number>, predicted: ArrayLike<number>): Confusion {
  const counts = Array.from({ length: CLASSES }, () => new Uint32Array(CLASSES));
  for (let i = 0; i < labels.length; i++) counts[labels[i]][predicted[i]]++;
  return counts;
}

/** One row for each true class; what was found of it stands at the end, and nothing is printed where nothing went wrong. */
export function drawConfusion(counts: Confusion, classes: readonly string[]): string[] {
  const largest = Math.max(...counts.map((row) => Math.max(...row)));
  const cell = Math.max(4, String(largest).length + 1, ...classes.map((name) => Math.min(name.length, 4) + 1));
  const side = Math.max(4, ...classes.map((name) => name.length));
  const head = classes.map((name) => name.slice(0, cell - 1).padStart(cell)).join("");
  const rows = counts.map((row, label) => {
    const cells = Array.from(row, (n) => String(n === 0 ? "." : n).padStart(cell)).join("");
    const all = row.reduce((a, b) => a + b, 0);
    const found = all === 0 ? "" : percent(row[label] / all, 1).padStart(9);
    return `${classes[label].padEnd(side)}${cells}${found}`;
  });
  return ["rows: what it is; columns: what the network says; last: share found", `${" ".repeat(side)}${head}`, ...rows];
}

/** 0.9893 -> "98.93 %" */
export function percent(share: number, digits = 2): string {
  return `${(share * 100).toFixed(digits)} %`;
}

/** 83.4 seconds -> "1:23" */
export function duration(seconds: number): string {
  if (!Number.isFinite(seconds)) return "-:--";
  const whole = Math.round(seconds);
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (n: number) => String(n).padStart(2, "0");
  return hours > 0 ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}
