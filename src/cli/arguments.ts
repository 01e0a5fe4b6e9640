/** From the text of an option to what it means. Commander says which option it was. */
import { InvalidArgumentError } from "commander";
import type { images } from "../index.ts";

export function wholeFrom(least: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && Number.isSafeInteger(value) && value >= least) return value;
    throw new InvalidArgumentError(`It must be a whole number >= ${least}.`);
  };
}

export function positive(text: string): number {
  const value = Number(text);
  if (text.trim() !== "" && Number.isFinite(value) && value > 0) return value;
  throw new InvalidArgumentError("It must be a number > 0.");
}

/** A part of the whole: from 0 on, below 1. */
export function share(text: string): number {
  const value = Number(text);
  if (text.trim() !== "" && value >= 0 && value < 1) return value;
  throw new InvalidArgumentError("It must be a number from 0 to below 1.");
}

/** 224, or 224x320 (height x width). */
export function size(text: string): [number, number] {
  const [, height, width = height] = /^(\d+)(?:x(\d+))?$/.exec(text) ?? [];
  const both: [number, number] = [Number(height), Number(width)];
  if (both.every((side) => Number.isSafeInteger(side) && side > 0)) return both;
  throw new InvalidArgumentError("It must be a number of pixels, or HEIGHTxWIDTH, as in 224x320.");
}

/** 224,224,3 */
export function shape(text: string): number[] {
  const sizes = text.split(",").map(Number);
  if (sizes.every((n) => Number.isSafeInteger(n) && n > 0)) return sizes;
  throw new InvalidArgumentError("It must be sizes without the batch, as in 224,224,3.");
}

const SCALES = ["[0,1]", "[-1,1]", "[0,255]", "imagenet"] as const;

/** A name, or MEAN/STD with one number or one for each channel: 0.5/0.5, or 0.5,0.4,0.4/0.2,0.2,0.2. */
export function normalization(text: string): images.Normalization {
  const name = SCALES.find((known) => known === text || known === `[${text}]`);
  if (name !== undefined) return name;
  const [mean, std, ...others] = text.split("/").map((part) => part.split(",").map(Number));
  const isGood = [mean, std].every((list) => list?.every(Number.isFinite)) && others.length === 0;
  if (!isGood) throw new InvalidArgumentError(`It must be ${SCALES.join(", ")} or MEAN/STD, as in 0.5/0.5.`);
  const single = (list: number[]) => (list.length === 1 ? list[0] : list);
  return { mean: single(mean), std: single(std) };
}
