/** A small canvas: rectangles, lines and letters on RGB pixels, written as PNG. */
import { PNG } from "pngjs";
import { eachDot, GLYPH_HEIGHT, GLYPH_WIDTH } from "./font.ts";

export type Color = readonly [red: number, green: number, blue: number];

export const WHITE: Color = [255, 255, 255];
export const BLACK: Color = [0, 0, 0];
export const INK: Color = [40, 44, 52];
export const PALE: Color = [222, 225, 230];

/** Letters are drawn twice as large as the font has them. */
const LETTER = 2;
export const LINE_HEIGHT: number = (GLYPH_HEIGHT + 3) * LETTER;

export class Canvas {
  readonly width: number;
  readonly height: number;
  readonly #png: PNG;

  constructor(width: number, height: number, background: Color = WHITE) {
    this.width = width;
    this.height = height;
    this.#png = new PNG({ width, height });
    this.rectangle(0, 0, width, height, background);
  }

  /** Fills a rectangle; what lies outside the canvas is cut off. */
  rectangle(x: number, y: number, width: number, height: number, color: Color): void {
    const right = Math.min(this.width, Math.round(x + width));
    const bottom = Math.min(this.height, Math.round(y + height));
    for (let row = Math.max(0, Math.round(y)); row < bottom; row++) {
      for (let column = Math.max(0, Math.round(x)); column < right; column++) {
        this.#png.data.set([...color, 255], (row * this.width + column) * 4);
      }
    }
  }

  /** A line with square ends, `thickness` pixels wide. */
  line(x0: number, y0: number, x1: number, y1: number, color: Color, thickness = 1): void {
    const steps = Math.max(1, Math.ceil(Math.max(Math.abs(x1 - x0), Math.abs(y1 - y0))));
    for (let i = 0; i <= steps; i++) {
      const x = x0 + ((x1 - x0) * i) / steps;
      const y = y0 + ((y1 - y0) * i) / steps;
      this.rectangle(x - (thickness - 1) / 2, y - (thickness - 1) / 2, thickness, thickness, color);
    }
  }

  /** One line of text; (x, y) is the upper end of its left, middle or right. */
  text(x: number, y: number, text: string, color: Color = INK, align: "left" | "middle" | "right" = "left"): void {
    const share = { left: 0, middle: 0.5, right: 1 }[align];
    let left = Math.round(x - textWidth(text) * share);
    for (const letter of text) {
      eachDot(letter, (dx, dy) => this.rectangle(left + dx * LETTER, y + dy * LETTER, LETTER, LETTER, color));
      left += (GLYPH_WIDTH + 1) * LETTER;
    }
  }

  /** An image of `shape` [rows, columns], each value a square of `scale` pixels. */
  image(
    x: number,
    y: number,
    [rows, columns]: readonly [number, number],
    scale: number,
    color: (row: number, column: number) => Color,
  ): void {
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        this.rectangle(x + column * scale, y + row * scale, scale, scale, color(row, column));
      }
    }
  }

  toPng(): Buffer {
    return PNG.sync.write(this.#png, { colorType: 2 });
  }
}

export function textWidth(text: string): number {
  return Math.max(0, text.length * (GLYPH_WIDTH + 1) - 1) * LETTER;
}
