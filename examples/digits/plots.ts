/** The pictures of a trained network: its filters, what they see in a digit, and how the loss fell. */
import { Canvas, type Color, INK, LINE_HEIGHT, PALE, textWidth } from "./canvas.ts";

const MARGIN = 20;
const GAP = 12;
const BLUE: Color = [33, 102, 172];
const RED: Color = [178, 24, 43];
const MIDDLE: Color = [247, 247, 247];

/** Images side by side under a heading: values [rows, columns, count], the channel last. */
export interface Panel {
  readonly title: string;
  readonly rows: number;
  readonly columns: number;
  readonly count: number;
  readonly values: ArrayLike<number>;
  /** Pixels a value takes. */
  readonly scale: number;
}

/** Draws panels below each other; `color` maps a value and the largest magnitude of its panel. */
function drawPanels(panels: readonly Panel[], perRow: number, color: (value: number, most: number) => Color): Canvas {
  const tile = (p: Panel): [number, number] => [p.columns * p.scale + GAP, p.rows * p.scale + GAP];
  const lines = (p: Panel): number => Math.ceil(p.count / perRow);
  const widest = (p: Panel): number => Math.max(textWidth(p.title), Math.min(p.count, perRow) * tile(p)[0] - GAP);
  const width = 2 * MARGIN + Math.max(...panels.map(widest));
  const height = MARGIN + panels.reduce((sum, p) => sum + LINE_HEIGHT + lines(p) * tile(p)[1] + GAP, 0);
  const canvas = new Canvas(width, height);
  let y = MARGIN;
  for (const panel of panels) {
    canvas.text(MARGIN, y, panel.title);
    y += LINE_HEIGHT;
    const most = Array.from(panel.values).reduce((a, b) => Math.max(a, Math.abs(b)), 1e-12);
    for (let i = 0; i < panel.count; i++) {
      const [w, h] = tile(panel);
      const [left, top] = [MARGIN + (i % perRow) * w, y + Math.floor(i / perRow) * h];
      const value = (row: number, column: number) => panel.values[(row * panel.columns + column) * panel.count + i];
      canvas.rectangle(left - 1, top - 1, w - GAP + 2, h - GAP + 2, PALE);
      canvas.image(left, top, [panel.rows, panel.columns], panel.scale, (r, c) => color(value(r, c), most));
    }
    y += lines(panel) * tile(panel)[1] + GAP;
  }
  return canvas;
}

/** Filters [rows, columns, 1, count] of the first layer: red where ink speaks for the feature, blue where against it. */
export function drawFilters(panel: Omit<Panel, "title" | "scale">): Canvas {
  const most = Array.from(panel.values).reduce((a, b) => Math.max(a, Math.abs(b)), 0);
  const title = `first layer: ${panel.count} filters ${panel.rows}x${panel.columns} (blue -${most.toFixed(2)}, red +${most.toFixed(2)})`;
  return drawPanels([{ ...panel, title, scale: 28 }], 4, diverging);
}

/** A digit and what each layer makes of it: dark where a feature is found. */
export function drawFeatureMaps(panels: readonly Panel[]): Canvas {
  return drawPanels(panels, 8, (value, most) => mix([255, 255, 255], INK, Math.max(0, value) / most));
}

function diverging(value: number, most: number): Color {
  return mix(MIDDLE, value < 0 ? BLUE : RED, Math.abs(value) / most);
}

function mix(a: Color, b: Color, share: number): Color {
  const at = (i: 0 | 1 | 2) => Math.round(a[i] + (b[i] - a[i]) * share);
  return [at(0), at(1), at(2)];
}
