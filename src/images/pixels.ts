/** Pixels of whatever holds an image. */
import { ArgumentError, show, UnsupportedError } from "../errors.ts";
import { whole } from "../tensor/shape.ts";

/** An image as numbers: row by row, the colours of a pixel one behind the other. ImageData is one. */
export interface PixelImage {
  /** Pixels in a row. */
  readonly width: number;
  /** Rows. */
  readonly height: number;
  /** Bytes from 0 to 255 or floats from 0 to 1: one (grey), three (red, green, blue) or four (with opacity) for each pixel. */
  readonly data: Uint8Array | Uint8ClampedArray | Float32Array;
}

/** What a browser can draw: an ImageBitmap or a canvas. `createImageBitmap` makes one of files, videos and `<img>`. */
export interface DrawableImage {
  /** Pixels in a row. */
  readonly width: number;
  /** Rows. */
  readonly height: number;
}

/** What `fromImage` takes. */
export type ImageSource = PixelImage | DrawableImage;

/** Pixels whose colours are counted. */
export interface Pixels extends PixelImage {
  readonly channels: 1 | 3 | 4;
}

/** Checks width and height of either kind. */
export function checkSides(op: string, image: ImageSource): void {
  if (typeof image !== "object" || image === null || ArrayBuffer.isView(image)) {
    throw new ArgumentError(
      `${op}: image must be { width, height, data }, ImageData or an ImageBitmap, got ${show(image)}`,
    );
  }
  whole(op, "image.width", image.width);
  whole(op, "image.height", image.height);
}

export function pixelsOf(op: string, image: ImageSource): Pixels {
  const { width, height, data } = "data" in image ? image : drawn(op, image);
  const channels = data?.length / (width * height);
  const isKnown = data instanceof Uint8Array || data instanceof Uint8ClampedArray || data instanceof Float32Array;
  if (!isKnown) {
    throw new ArgumentError(
      `${op}: image.data must be a Uint8Array, a Uint8ClampedArray or a Float32Array, got ${show(data)}`,
    );
  }
  if (channels === 1 || channels === 3 || channels === 4) return { width, height, data, channels };
  throw new ArgumentError(
    `${op}: image.data must hold 1, 3 or 4 numbers for each of ${width}x${height} pixels, got ${data.length}`,
  );
}

/** Classes of what can be drawn, where the host has them. */
const DRAWABLE = ["ImageBitmap", "OffscreenCanvas", "HTMLCanvasElement"];

function drawn(op: string, image: DrawableImage): PixelImage {
  const host = globalThis as unknown as Readonly<Record<string, (new () => unknown) | undefined>>;
  const isDrawable = DRAWABLE.some((name) => host[name] !== undefined && image instanceof host[name]);
  if (!isDrawable) {
    throw new ArgumentError(`${op}: image must have data, or be an ImageBitmap or a canvas, got ${show(image)}`);
  }
  const { width, height } = image;
  const context = typeof OffscreenCanvas === "undefined" ? null : new OffscreenCanvas(width, height).getContext("2d");
  if (context === null) {
    throw new UnsupportedError(
      `${op}: this host has no OffscreenCanvas to draw on; give { width, height, data } instead`,
    );
  }
  context.drawImage(image as ImageBitmap, 0, 0);
  return context.getImageData(0, 0, width, height);
}
