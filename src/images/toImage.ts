/** Images out: what a network made of an image, as pixels. */
import { checkOptions, ShapeError, show } from "../errors.ts";
import { eager, shapeOf } from "../ops/eager.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { type ColorOrder, mixtureOut, type Normalization } from "./colors.ts";

/** What `toImage` takes. */
export interface ToImageOptions {
  /** Of the tensor; one channel is grey in any case. Default "rgb". */
  colors?: Exclude<ColorOrder, "grey">;
  /** The scale of the tensor's numbers. Default "[0,1]". */
  normalize?: Normalization;
}

/** An image as bytes. In a browser `new ImageData(data, width)` shows it on a canvas. */
export interface ByteImage {
  /** Pixels in a row. */
  readonly width: number;
  /** Rows. */
  readonly height: number;
  /** Red, green, blue and opacity of each pixel, row by row. */
  readonly data: Uint8ClampedArray<ArrayBuffer>;
}

/**
 * The inverse of `fromImage`: rounds to bytes, and cuts off what lies outside of 0 to 255. NaN becomes 0.
 *
 * @param x [H,W,C] or [1,H,W,C], C 1 (grey), 3, or 4 with opacity
 * @throws ShapeError unless x is one image.
 * @example
 * const { width, data } = images.toImage(full([2, 3, 1], 0.5)); // width 3
 * data.subarray(0, 4); // [128, 128, 128, 255]
 */
export function toImage(x: Tensor, options: ToImageOptions = {}): ByteImage {
  const op = "toImage";
  checkOptions(op, options, { colors: true, normalize: true });
  const { colors = "rgb", normalize = "[0,1]" } = options;
  const shape = shapeOf(op, "x", x);
  const [height, width, channels] = shape.length === 4 && shape[0] === 1 ? shape.slice(1) : shape;
  const isImage = shape.length === 3 || (shape.length === 4 && shape[0] === 1);
  if (!isImage || ![1, 3, 4].includes(channels)) {
    throw new ShapeError(`${op}: x must be [H,W,C] or [1,H,W,C] with 1, 3 or 4 channels, got ${show(shape)}`);
  }
  const mixture = mixtureOut(op, channels, colors, normalize);
  return eager(op, { x }, (run) => {
    const mixed = run.scratch(mixture.byteLength);
    const pixels = height * width;
    const bytes = run.scratch(pixels * 4);
    x.runtime.f32.set(mixture, mixed / 4);
    run.kernels.imageBytes(x.pointer, bytes, pixels, channels, mixed);
    return { width, height, data: new Uint8ClampedArray(x.runtime.bytes(bytes, pixels * 4)) };
  });
}
