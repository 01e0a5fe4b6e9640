import type { ElementLossName } from "../../src/ops/elementLoss.ts";
import type { Array64 } from "./array.ts";

export interface Settings {
  delta: number;
  gamma: number;
  /** Weights of targets 1 and 0. */
  on: number;
  off: number;
  fromLogits: boolean;
}

const clip = (x: number, most = 1 - 1e-7) => Math.min(Math.max(x, 1e-7), most);
const side = (t: number) => (t > 0 ? 1 : -1);

function binary(x: number, t: number, { gamma, on, off, fromLogits }: Settings): number {
  const p = fromLogits ? 1 / (1 + Math.exp(-x)) : clip(x);
  const rest = fromLogits ? 1 / (1 + Math.exp(x)) : 1 - p;
  const weight = on * t + off * (1 - t);
  return -weight * (t * rest + (1 - t) * p) ** gamma * (t * Math.log(p) + (1 - t) * Math.log(rest));
}

/** Of one prediction and its target. */
const scalars: Readonly<Record<ElementLossName, (x: number, t: number, s: Settings) => number>> = {
  meanSquaredError: (x, t) => (x - t) ** 2,
  meanAbsoluteError: (x, t) => Math.abs(x - t),
  huber: (x, t, { delta }) => {
    const d = Math.abs(x - t);
    return d <= delta ? d ** 2 / 2 : delta * (d - delta / 2);
  },
  hinge: (x, t) => Math.max(1 - side(t) * x, 0),
  squaredHinge: (x, t) => Math.max(1 - side(t) * x, 0) ** 2,
  binaryCrossentropy: (x, t, s) => binary(x, t, { ...s, gamma: 0, on: 1, off: 1 }),
  binaryFocalCrossentropy: binary,
  categoricalFocalCrossentropy: (x, t, { gamma, on }) => -on * t * (1 - clip(x)) ** gamma * Math.log(clip(x)),
  klDivergence: (x, t) => clip(t, 1) * Math.log(clip(t, 1) / clip(x, 1)),
};

/** x [M,...], targets, weights [M] -> mean over samples of weight * the mean over elements, or over all axes but the last. */
export function elementLoss(
  name: ElementLossName,
  x: Array64,
  targets: Array64,
  weights: Array64,
  settings: Settings,
): number {
  const perSample = x.data.length / x.shape[0];
  const sums = name === "klDivergence" || name === "categoricalFocalCrossentropy";
  const terms = sums ? x.data.length / x.shape[x.shape.length - 1] : x.data.length;
  let sum = 0;
  for (let i = 0; i < x.data.length; i++) {
    sum += weights.data[Math.floor(i / perSample)] * scalars[name](x.data[i], targets.data[i], settings);
  }
  return sum / terms;
}
