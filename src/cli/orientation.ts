/** Cameras write pictures as the sensor lay, and how to turn them into the Exif data: tag 274, from 1 (as it is) to 8. */
import type { Picture } from "./pictures.ts";

const ORIENTATION = 274;

/** Column and row of the stored pixel that is seen at x and y; right and bottom are the last of the stored ones. */
type Place = (x: number, y: number, right: number, bottom: number) => readonly [column: number, row: number];

/** By orientation. */
const PLACES: Readonly<Record<number, Place>> = {
  2: (x, y, right) => [right - x, y],
  3: (x, y, right, bottom) => [right - x, bottom - y],
  4: (x, y, _right, bottom) => [x, bottom - y],
  5: (x, y) => [y, x],
  6: (x, y, _right, bottom) => [y, bottom - x],
  7: (x, y, right, bottom) => [right - y, bottom - x],
  8: (x, y, right) => [right - y, x],
};

/** From Exif data (a TIFF header and its first directory, after a byte or two of filling); 1 where it says nothing. */
export function orientationOf(exif: Uint8Array): number {
  const text = Buffer.from(exif).toString("latin1", 0, 16);
  const start = Math.max(text.indexOf("II*\0"), text.indexOf("MM\0*"));
  if (start < 0) return 1;
  const isLittle = text[start] === "I";
  const view = new DataView(exif.buffer, exif.byteOffset + start, exif.byteLength - start);
  const has = (bytes: number) => bytes <= view.byteLength;
  if (!has(8)) return 1;
  const directory = view.getUint32(4, isLittle);
  const count = has(directory + 2) ? view.getUint16(directory, isLittle) : 0;
  for (let i = 0; i < count; i++) {
    const entry = directory + 2 + 12 * i;
    if (!has(entry + 12)) return 1;
    if (view.getUint16(entry, isLittle) !== ORIENTATION) continue;
    const value = view.getUint16(entry + 8, isLittle);
    return value >= 1 && value <= 8 ? value : 1;
  }
  return 1;
}

/** The picture as it is to be seen. */
export function upright(picture: Picture, orientation: number): Picture {
  if (orientation === 1) return picture;
  const { width, height } = picture;
  const [w, h] = orientation > 4 ? [height, width] : [width, height]; // rows become columns
  const from = new Uint32Array(picture.data.buffer, picture.data.byteOffset, width * height);
  const pixels = new Uint32Array(width * height);
  const place = PLACES[orientation];
  for (let y = 0; y < h; y++) {
    for (let x = 0; x < w; x++) {
      const [column, row] = place(x, y, width - 1, height - 1);
      pixels[y * w + x] = from[row * width + column];
    }
  }
  return { width: w, height: h, data: new Uint8Array(pixels.buffer) };
}
