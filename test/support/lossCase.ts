import fc from "fast-check";
import { type Tensor, tensor } from "../../src/index.ts";
import { type Array64, array64 } from "../reference/array.ts";
import { oneHot } from "../reference/crossEntropy.ts";
import { Random } from "./random.ts";

export interface LossShape {
  m: number;
  c: number;
  weighted: boolean;
  seed: number;
}

export const anyLoss: fc.Arbitrary<LossShape> = fc.record({
  m: fc.integer({ min: 1, max: 6 }),
  c: fc.integer({ min: 1, max: 23 }),
  weighted: fc.boolean(),
  seed: fc.integer(),
});

/** A case's inputs: labels as indices and as rows, random targets, weights (1 where not weighted). */
export function drawLoss({ m, c, weighted, seed }: LossShape): {
  labels: number[];
  logits: { shape: number[]; data: Float32Array };
  targets: Array64;
  weights: Float32Array;
  hot: Array64;
} {
  const random = new Random(seed);
  const labels = Array.from({ length: m }, () => Math.floor(random.next() * c));
  const logits = { shape: [m, c], data: random.floats(m * c, -10, 10) };
  const targets = array64([m, c], random.floats(m * c, 0, 1));
  const weights = weighted ? random.floats(m, 0, 2) : new Float32Array(m).fill(1);
  return { labels, logits, targets, weights, hot: oneHot(labels, c) };
}

/** A loss as an op whose output is one number: `dx` times that number's gradient. */
export function scaled(dx: Tensor, dy: Tensor): Tensor {
  dx.data.forEach((value, i, data) => {
    data[i] = value * dy.data[0];
  });
  return dx;
}

/** The loss alone, as a tensor of one element. */
export function lossOf({ loss, ...gradient }: { loss: number; [name: string]: number | Tensor }): Tensor {
  for (const made of Object.values(gradient)) (made as Tensor).dispose();
  return tensor([loss]);
}
