/** Images in: pixels -> f32 NHWC, cut out, resized, mixed and scaled by kernels. */
import { ArgumentError, checkOptions, ShapeError, show } from "../errors.ts";
import { eager } from "../ops/eager.ts";
import { currentRuntime, type Runtime } from "../runtime/runtime.ts";
import { type Pair, pair, type Shape, whole } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { type ColorOrder, channelsOf, type Mixture, mixtureIn, type Normalization } from "./colors.ts";
import { checkSides, type DrawableImage, type ImageSource, type PixelImage, type Pixels, pixelsOf } from "./pixels.ts";
import { type Taps, tapsOf } from "./taps.ts";

/** A part of an image, in whole pixels. */
export interface CropBox {
  /** Rows above it. */
  readonly top: number;
  /** Columns to the left of it. */
  readonly left: number;
  /** Its rows. */
  readonly height: number;
  /** Its columns. */
  readonly width: number;
}

/** What `fromImage` takes. */
export interface FromImageOptions {
  /** Height and width of the result: a number or [vertical, horizontal]. Default: those of the image, or of its part. */
  size?: Pair;
  /** The part that is taken: "center", the largest in the middle with the proportions of `size`, or a box. Default: all. */
  crop?: "center" | CropBox;
  /** "rgb", "bgr" (what OpenCV and Keras' ResNet and VGG begin with) or "grey", one channel. Default "rgb". */
  colors?: ColorOrder;
  /** The scale of the numbers. Default "[0,1]". */
  normalize?: Normalization;
}

interface Plan {
  readonly output: Shape;
  readonly rows: Taps;
  readonly columns: Taps;
}

const OPTIONS = { size: true, crop: true, colors: true, normalize: true } as const;

/** Source rows are brought into linear memory this many bytes at a time, so that large photographs do not enlarge it. */
const BAND_BYTES = 2 ** 21;

/**
 * Images as what convolutional networks take. Shrinking is antialiased: the triangle filter grows with the scale, as in
 * Pillow, torchvision (antialias=True) and jax.image.resize; enlarging is bilinear, by half pixels. Opacity is left out. What is
 * cut off has no influence on the rest.
 *
 * @param image { width, height, data } (bytes or floats, 1, 3 or 4 a pixel), ImageData, in browsers an ImageBitmap or a
 * canvas; or a list of images whose results have one size
 * @returns [N,height,width,C], C 3 or, for "grey", 1
 * @throws ArgumentError where it is no image or the part lies outside; ShapeError where images of a list differ in size;
 * UnsupportedError for an ImageBitmap where there is no OffscreenCanvas.
 * @example
 * const photo = { width: 640, height: 480, data: new Uint8Array(640 * 480 * 4) }; // RGBA
 * const x = images.fromImage(photo, { size: 224, crop: "center", normalize: "imagenet" }); // [1,224,224,3]
 */
export function fromImage(image: ImageSource | readonly ImageSource[], options: FromImageOptions = {}): Tensor {
  const op = "fromImage";
  checkOptions(op, options, OPTIONS);
  const { colors = "rgb", normalize = "[0,1]" } = options;
  const runtime = currentRuntime(op);
  const list = ([image].flat() as ImageSource[]).map((one) => outside(runtime, one));
  if (list.length === 0) throw new ArgumentError(`${op}: image must not be an empty list`);
  const plans = list.map((one) => inferFromImage(op, one, options));
  const [{ output }] = plans;
  const other = plans.find((plan) => plan.output.join() !== output.join());
  if (other !== undefined) {
    throw new ShapeError(
      `${op}: images must become equal in size, got ${show(output)} and ${show(other.output)}; give a size`,
    );
  }
  return eager(op, {}, (run) => {
    const y = run.output([list.length, ...output]);
    for (const [i, one] of list.entries()) {
      const pixels = pixelsOf(op, one);
      const mixture = mixtureIn(op, pixels.channels === 1 ? 1 : 3, colors, normalize);
      forwardFromImage(runtime, pixels, plans[i], mixture, y.pointer + (i * y.size * 4) / list.length);
    }
    return y;
  });
}

/** The image itself, or a copy where it lies in linear memory, whose growth detaches views. */
function outside(runtime: Runtime, image: ImageSource): ImageSource {
  const { width, height, data } = (image ?? {}) as PixelImage;
  return data?.buffer === runtime.f32.buffer ? { width, height, data: data.slice() } : image;
}

/** The shape rule: an image -> [height,width,C]. */
function inferFromImage(op: string, image: ImageSource, { size, crop, colors = "rgb" }: FromImageOptions): Plan {
  checkSides(op, image);
  const wanted = size === undefined ? undefined : pair(op, "size", size);
  const { top, left, height, width } = boxOf(op, image, crop, wanted);
  const [oh, ow] = wanted ?? [height, width];
  const output = [oh, ow, channelsOf(op, colors)];
  return { output, rows: tapsOf(left, width, ow), columns: tapsOf(top, height, oh) };
}

function boxOf(
  op: string,
  { width, height }: DrawableImage,
  crop: FromImageOptions["crop"],
  size: readonly [number, number] | undefined,
): CropBox {
  if (crop === undefined) return { top: 0, left: 0, height, width };
  if (crop === "center") {
    if (size === undefined)
      throw new ArgumentError(`${op}: crop "center" takes its proportions from size, which is missing`);
    const scale = Math.min(height / size[0], width / size[1]);
    const [h, w] = size.map((side) => Math.max(Math.round(side * scale), 1));
    return { top: Math.floor((height - h) / 2), left: Math.floor((width - w) / 2), height: h, width: w };
  }
  if (typeof crop !== "object" || crop === null) {
    throw new ArgumentError(`${op}: crop must be "center" or { top, left, height, width }, got ${show(crop)}`);
  }
  whole(op, "crop.top", crop.top, 0);
  whole(op, "crop.left", crop.left, 0);
  whole(op, "crop.height", crop.height);
  whole(op, "crop.width", crop.width);
  if (crop.top + crop.height <= height && crop.left + crop.width <= width) return crop;
  const { top, left } = crop;
  throw new ArgumentError(
    `${op}: crop must lie within ${height} rows and ${width} columns, got ${top} + ${crop.height} and ${left} + ${crop.width}`,
  );
}

/** Pixels -> y [OH,OW,O], a band of output rows at a time. */
function forwardFromImage(runtime: Runtime, pixels: Pixels, plan: Plan, mixture: Mixture, y: number): void {
  const { kernels } = runtime;
  const { rows, columns } = plan;
  const { width, channels } = pixels;
  const [oh, ow, o] = plan.output;
  const isBytes = !(pixels.data instanceof Float32Array);
  const rowBytes = width * channels * (isBytes ? 1 : 4);
  const most = Math.max(columns.most, Math.floor(BAND_BYTES / (rowBytes + ow * 16)));
  const sourceBytes = Math.ceil((most * rowBytes) / 16 + 1) * 16; // kernels read whole vectors
  const tableBytes = rows.words.byteLength + columns.words.byteLength;
  runtime.withScratch(mixture.byteLength + sourceBytes + most * ow * 16 + tableBytes, (mixed) => {
    const source = mixed + mixture.byteLength;
    const band = source + sourceBytes;
    const rowTable = band + most * ow * 16;
    const columnTable = rowTable + rows.words.byteLength;
    runtime.f32.set(mixture, mixed / 4);
    runtime.i32.set(rows.words, rowTable / 4);
    runtime.i32.set(columns.words, columnTable / 4);
    for (let from = 0, to = 0; from < oh; from = to) {
      const first = columns.first[from];
      for (to = from + 1; to < oh && columns.end[to] - first <= most; ) to++;
      const count = columns.end[to - 1] - first;
      const part = pixels.data.subarray(first * width * channels, (first + count) * width * channels);
      if (isBytes) runtime.bytes(source, part.length).set(part);
      else runtime.floats(source, part.length).set(part);
      kernels.imageRows(source, band, count, width, channels, ow, rowTable, rows.most, isBytes ? 1 : 0);
      const k = channels === 1 ? 1 : 3;
      kernels.imageColumns(
        ...([band, y, first, from, to, ow, k, o] as const),
        ...([columnTable, columns.most, mixed, isBytes ? 255 : 1] as const),
      );
    }
  });
}
