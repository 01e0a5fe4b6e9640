// Losses; each makes the gradient of its predictions along.
import { ops, type Tensor, tensor } from "striate";
import { type Array64, array64 } from "../../test/reference/array.ts";
import { crossEntropy, softmaxCrossEntropy } from "../../test/reference/crossEntropy.ts";
import { elementLoss } from "../../test/reference/elementLoss.ts";
import { categoricalHinge, cosineSimilarity, dice } from "../../test/reference/overlapLoss.ts";
import { type Draw, distinct, hot, type OpCase, ROWS, within } from "./case.ts";

const SHAPES = {
  small: { x: ROWS.small.x, targets: ROWS.small.x },
  large: { x: ROWS.large.x, targets: ROWS.large.x },
} as const;
const SETTINGS = { delta: 1, gamma: 2, on: 0.25, off: 0, fromLogits: false };
const share = within(0.05, 0.95);
const sides: Draw = (random, shape) => hot(random, shape).map((t) => 2 * t - 1);

function loss(
  compute: (x: Tensor, targets: Tensor) => { loss: number; dx?: Tensor; dlogits?: Tensor; dp?: Tensor },
  twin: (x: Array64, targets: Array64, weights: Array64) => number,
  x: Draw,
  targets: Draw,
): OpCase {
  return {
    ...SHAPES,
    draw: { x, targets },
    forward: (t) => {
      const { loss: value, ...gradient } = compute(t.x, t.targets);
      return [tensor([value]), ...Object.values(gradient)];
    },
    gradient: ([, dx]) => dx,
    twin: (a) => {
      const ones = array64([a.x.shape[0]], new Float64Array(a.x.shape[0]).fill(1));
      return array64([1], [twin(a.x, a.targets, ones)]);
    },
  };
}

type ElementLoss = Parameters<typeof elementLoss>[0];
function elements(name: ElementLoss, x: Draw, targets: Draw): OpCase {
  const settings = name === "binaryFocalCrossentropy" ? { ...SETTINGS, on: 1, off: 1 } : SETTINGS;
  return loss(ops[name], (y, t, weights) => elementLoss(name, y, t, weights, settings), x, targets);
}

export const LOSSES: Readonly<Record<string, OpCase>> = {
  softmaxCrossEntropy: loss(ops.softmaxCrossEntropy, softmaxCrossEntropy, within(-5, 5), hot),
  crossEntropy: loss(ops.crossEntropy, crossEntropy, share, hot),
  meanSquaredError: elements("meanSquaredError", within(-1, 1), share),
  meanAbsoluteError: elements("meanAbsoluteError", distinct, (random, shape) => share(random, shape).map(toGrid)),
  huber: elements("huber", distinct, (random, shape) => share(random, shape).map(toGrid)),
  hinge: elements("hinge", distinct, sides),
  squaredHinge: elements("squaredHinge", within(-1, 1), sides),
  binaryCrossentropy: elements("binaryCrossentropy", share, hot),
  binaryFocalCrossentropy: elements("binaryFocalCrossentropy", share, hot),
  categoricalFocalCrossentropy: elements("categoricalFocalCrossentropy", share, hot),
  klDivergence: elements("klDivergence", share, share),
  cosineSimilarity: loss(ops.cosineSimilarity, cosineSimilarity, within(0.1, 1), within(0.1, 1)),
  dice: loss(ops.dice, dice, share, hot),
  categoricalHinge: loss(ops.categoricalHinge, categoricalHinge, distinct, hot),
};

/** Half way between two of the predictions, which lie 0.01 apart. */
function toGrid(t: number): number {
  return Math.round(100 * t) / 100;
}
