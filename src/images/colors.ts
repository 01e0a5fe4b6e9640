/** Colours and their scale, both ways, as one mixture: an offset and a column of factors for each colour that comes in. */
import { ArgumentError, oneOf, show } from "../errors.ts";

const ORDERS = ["rgb", "bgr", "grey"] as const;
const SCALES = ["[0,1]", "[-1,1]", "[0,255]", "imagenet"] as const;

/** The colours of a tensor. */
export type ColorOrder = "rgb" | "bgr" | "grey";

/**
 * What stands in a tensor for a colour c from 0 to 1: (c - mean) / std, with one number or one for each channel. "[0,1]" is c
 * itself; "[-1,1]" 2 c - 1 (MobileNet, Inception); "[0,255]" 255 c, bytes as they are; "imagenet" takes off the mean of ImageNet
 * and divides by its deviation (torchvision).
 */
export type Normalization =
  | "[0,1]"
  | "[-1,1]"
  | "[0,255]"
  | "imagenet"
  | { readonly mean: number | readonly number[]; readonly std: number | readonly number[] };

/** Red, green, blue; torchvision.transforms.Normalize is always given these. */
const IMAGENET = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };

/** Luma of ITU-R BT.601, which Pillow, OpenCV and torchvision take for grey. */
const LUMA = [0.299, 0.587, 0.114];

/** What kernels take: [1 + colours in][4]. */
export type Mixture = Float32Array;

/** Channels of a tensor. */
export function channelsOf(op: string, order: ColorOrder): 1 | 3 {
  return oneOf(op, "colors", order, ORDERS) === "grey" ? 1 : 3;
}

/** From `from` colours (1 or 3: grey, or red, green, blue), from 0 to 1, to the channels of a tensor. */
export function mixtureIn(op: string, from: 1 | 3, order: ColorOrder, normalization: Normalization): Mixture {
  const { mean, std } = statisticsOf(op, order, normalization);
  const sources = from === 1 ? [[1], [1], [1]] : [0, 1, 2].map((color) => unit(color));
  const rows = order === "grey" ? [from === 1 ? [1] : LUMA] : order === "bgr" ? sources.reverse() : sources;
  return mixture(rows.map((row, i) => ({ factors: row.map((factor) => factor / std[i]), offset: -mean[i] / std[i] })));
}

/** From the `channels` of a tensor, 1, 3 or 4 with opacity, to red, green, blue and opacity as bytes. */
export function mixtureOut(op: string, channels: number, order: ColorOrder, normalization: Normalization): Mixture {
  const { mean, std } = statisticsOf(op, channels === 1 ? "grey" : order, normalization);
  const own = [0, 1, 2].map((color) => (channels === 1 ? 0 : order === "bgr" ? 2 - color : color));
  const colors = own.map((channel) => ({
    factors: unit(channel).map((factor) => factor * 255 * std[channel]),
    offset: 255 * mean[channel],
  }));
  const opacity = channels === 4 ? { factors: [0, 0, 0, 255], offset: 0 } : { factors: [], offset: 255 };
  return mixture([...colors, opacity]);
}

function unit(place: number): number[] {
  return [0, 1, 2].map((i) => (i === place ? 1 : 0));
}

function mixture(rows: readonly { factors: readonly number[]; offset: number }[]): Mixture {
  const mixed = new Float32Array(5 * 4);
  for (const [row, { factors, offset }] of rows.entries()) {
    mixed[row] = offset;
    for (const [color, factor] of factors.entries()) mixed[4 * (1 + color) + row] = factor;
  }
  return mixed;
}

/** Of each channel in their order. */
function statisticsOf(op: string, order: ColorOrder, given: Normalization): { mean: number[]; std: number[] } {
  const channels = channelsOf(op, order);
  const all = (mean: number, std: number) => ({
    mean: Array<number>(channels).fill(mean),
    std: Array<number>(channels).fill(std),
  });
  if (typeof given !== "object" || given === null) {
    const name = oneOf(op, "normalize", given, SCALES);
    if (name === "[-1,1]") return all(0.5, 0.5);
    if (name !== "imagenet") return all(0, name === "[0,255]" ? 1 / 255 : 1);
    if (channels === 3) return order === "bgr" ? reversed(IMAGENET) : IMAGENET;
    throw new ArgumentError(`${op}: normalize "imagenet" is for three colours, got colors "grey"`);
  }
  if (Array.isArray(given)) {
    const names = SCALES.map((scale) => show(scale)).join(", ");
    throw new ArgumentError(`${op}: normalize must be one of ${names}, or { mean, std }, got ${show(given)}`);
  }
  const list = (name: "mean" | "std") => {
    const numbers = Array.isArray(given[name]) ? given[name] : Array(channels).fill(given[name]);
    const isGood = (n: unknown) => Number.isFinite(n) && (name === "mean" || Number(n) > 0);
    if (numbers.length === channels && numbers.every(isGood)) return numbers as number[];
    const kind = name === "mean" ? "a number" : "a number > 0";
    throw new ArgumentError(
      `${op}: normalize.${name} must be ${kind}, or one for each of ${channels} channels, got ${show(given[name])}`,
    );
  };
  return { mean: list("mean"), std: list("std") };
}

function reversed({ mean, std }: { mean: number[]; std: number[] }): { mean: number[]; std: number[] } {
  return { mean: [...mean].reverse(), std: [...std].reverse() };
}
