/** Makes of any PNG what the network was trained on: one thing, white on black, in the middle of 28x28. */
import { PNG } from "pngjs";
import { SIDE } from "./data.ts";
import { Trouble } from "./trouble.ts";

/** Brightness, 0 to 1, row by row. */
export interface Gray {
  readonly width: number;
  readonly height: number;
  readonly data: Float32Array;
}

export interface Prepared {
  /** [28,28,1], ready for the network. */
  readonly pixels: Float32Array;
  /** What was done, in words. */
  readonly steps: readonly string[];
}

/** MNIST's digits fit into 20x20 cells, so that their centre of mass can lie in the middle of 28x28. */
const BOX = 20;
/** Ink fainter than this share of the darkest counts as paper when the drawing is cut out. */
const FAINT = 0.2;
/** Less contrast than this is a blank page. */
const BLANK = 0.05;
const MOST_PIXELS = 2 ** 26;

/** Decodes a PNG; transparent pixels take the colour that stands out from the rest: white, or black below light strokes. */
export function decodePng(bytes: Uint8Array, name: string): Gray {
  const { width, height, data } = decode(Buffer.from(bytes), name);
  const gray = new Float32Array(width * height);
  let light = 0;
  let opaque = 0;
  for (let i = 0; i < gray.length; i++) {
    const [red, green, blue, alpha] = data.subarray(i * 4, i * 4 + 4);
    gray[i] = (0.299 * red + 0.587 * green + 0.114 * blue) / 255; // luma of ITU-R BT.601
    light += gray[i] * alpha;
    opaque += alpha;
  }
  const behind = light / Math.max(1, opaque) > 0.5 ? 0 : 1;
  for (let i = 0; i < gray.length; i++) {
    const alpha = data[i * 4 + 3] / 255;
    if (alpha < 1) gray[i] = gray[i] * alpha + behind * (1 - alpha);
  }
  return { width, height, data: gray };
}

function decode(bytes: Buffer, name: string): PNG {
  const signature = "89504e470d0a1a0a";
  const got = bytes.toString("hex", 0, 8);
  if (got !== signature) throw new Trouble(`${name}: not a PNG: expected it to begin with ${signature}, got ${got}`);
  const [width, height] = bytes.length < 24 ? [0, 0] : [bytes.readUInt32BE(16), bytes.readUInt32BE(20)];
  if (width * height > MOST_PIXELS) {
    throw new Trouble(`${name}: a picture of ${width}x${height} is too large; at most ${MOST_PIXELS} pixels`);
  }
  try {
    return PNG.sync.read(bytes);
  } catch (error) {
    const reason = (error as Error).message;
    throw new Trouble(`${name}: broken PNG: ${/read requests/.test(reason) ? "it ends too early" : reason}`);
  }
}

/** A picture of 28x28 keeps its place; any other is cut to the drawing, shrunk into 20x20 and moved to the middle. */
export function prepare(picture: Gray, name: string): Prepared {
  const { width, height } = picture;
  const paper = borderMedian(picture);
  const inverted = paper > 0.5;
  const ink = Float32Array.from(picture.data, (value) => Math.max(0, inverted ? paper - value : value - paper));
  const darkest = maximum(ink);
  if (darkest < BLANK) throw new Trouble(`${name}: the picture is blank: no drawing stands out from its border`);
  const steps = [
    `${width}x${height}`,
    inverted ? "dark on light, so inverted" : "light on dark, as the network has it",
  ];
  const drawing = { width, height, data: scaled(ink, 1 / darkest) };
  if (width === SIDE && height === SIDE) return { pixels: drawing.data, steps };
  const cut = cropToInk(drawing);
  const share = BOX / Math.max(cut.width, cut.height);
  const small = areaAverage(
    cut,
    Math.max(1, Math.round(cut.width * share)),
    Math.max(1, Math.round(cut.height * share)),
  );
  steps.push(
    `cut to the drawing (${cut.width}x${cut.height})`,
    `resized to ${small.width}x${small.height} by area averaging`,
    `centre of mass moved to the middle of ${SIDE}x${SIDE}`,
  );
  return { pixels: placeInMiddle({ ...small, data: scaled(small.data, 1 / maximum(small.data)) }), steps };
}

/** The brightness of the paper: the median of the outermost pixels. */
function borderMedian({ width, height, data }: Gray): number {
  const border = data.filter((_, i) => {
    const [x, y] = [i % width, Math.floor(i / width)];
    return x === 0 || y === 0 || x === width - 1 || y === height - 1;
  });
  return border.sort()[border.length >> 1];
}

function cropToInk({ width, height, data }: Gray): Gray {
  let [left, right, top, bottom] = [width, -1, height, -1];
  for (let i = 0; i < data.length; i++) {
    if (data[i] < FAINT) continue;
    const [x, y] = [i % width, Math.floor(i / width)];
    left = Math.min(left, x);
    right = Math.max(right, x);
    top = Math.min(top, y);
    bottom = Math.max(bottom, y);
  }
  const [w, h] = [right - left + 1, bottom - top + 1];
  const cut = new Float32Array(w * h);
  for (let y = 0; y < h; y++) cut.set(data.subarray((top + y) * width + left).subarray(0, w), y * w);
  return { width: w, height: h, data: cut };
}

/** Every pixel becomes the mean of the area it covers in the source, cells at its edge counting by their share. */
export function areaAverage(source: Gray, width: number, height: number): Gray {
  const columns = coverage(source.width, width);
  const rows = coverage(source.height, height);
  const data = new Float32Array(width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      let sum = 0;
      for (const [sy, rowShare] of rows[y]) {
        for (const [sx, share] of columns[x]) sum += source.data[sy * source.width + sx] * rowShare * share;
      }
      data[y * width + x] = sum;
    }
  }
  return { width, height, data };
}

/** For each of `to` cells, which of `from` cells it covers and by which share; the shares of a cell add up to 1. */
function coverage(from: number, to: number): [index: number, share: number][][] {
  const step = from / to;
  return Array.from({ length: to }, (_, i) => {
    const [start, end] = [i * step, (i + 1) * step];
    const first = Math.floor(start);
    const last = Math.min(from, Math.ceil(end));
    return Array.from({ length: last - first }, (_, k): [number, number] => {
      const overlap = Math.min(end, first + k + 1) - Math.max(start, first + k);
      return [first + k, overlap / step];
    });
  });
}

/** Puts a drawing into 28x28 so that its centre of mass lies in the middle, as far as it fits. */
function placeInMiddle({ width, height, data }: Gray): Float32Array {
  let [mass, massX, massY] = [0, 0, 0];
  data.forEach((value, i) => {
    mass += value;
    massX += value * ((i % width) + 0.5);
    massY += value * (Math.floor(i / width) + 0.5);
  });
  const left = Math.min(SIDE - width, Math.max(0, Math.round(SIDE / 2 - massX / mass)));
  const top = Math.min(SIDE - height, Math.max(0, Math.round(SIDE / 2 - massY / mass)));
  const placed = new Float32Array(SIDE * SIDE);
  for (let y = 0; y < height; y++) placed.set(data.subarray(y * width, (y + 1) * width), (top + y) * SIDE + left);
  return placed;
}

function scaled(data: Float32Array, factor: number): Float32Array {
  return data.map((value) => value * factor);
}

function maximum(data: Float32Array): number {
  return data.reduce((a, b) => Math.max(a, b), 0);
}
