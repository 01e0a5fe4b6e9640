/** Losses that are sums over elements, or compare samples as a whole. Targets have the shape of the output. */
import { checkOptions } from "../errors.ts";
import { forwardActivation, inferActivation } from "../ops/activation.ts";
import {
  type BinaryFocalOptions,
  type BinaryOptions,
  backwardElementLoss,
  type ElementLossName,
  type FocalOptions,
  type HuberOptions,
  inferElementLoss,
} from "../ops/elementLoss.ts";
import { backwardOverlapLoss, inferOverlapLoss, type OverlapLossName } from "../ops/overlapLoss.ts";
import type { Planner, Slot } from "../ops/planned.ts";
import { type Loss, type LossSlots, planLossStep } from "./loss.ts";
import { checkSmoothing, planSmoothing, type SmoothingOptions } from "./smoothing.ts";

type Options = HuberOptions & BinaryFocalOptions & SmoothingOptions;

/** A loss by the name of its op, with the options that it takes. */
function elementLoss<T extends Options>(
  name: ElementLossName,
  options: T,
  known: Readonly<Record<keyof T & string, true>>,
): Loss {
  checkOptions<T>(name, options, known);
  inferElementLoss(name, name, [1], [1], options);
  checkSmoothing(name, options.labelSmoothing ?? 0);
  return {
    name,
    config: { ...(options as object) },
    targets: "values",
    check: () => {},
    plan: (planner, slots) => planElementLoss(planner, slots, name, options),
  };
}

/** Where the loss takes logits and a sigmoid made its input, it takes the sigmoid's. */
function planElementLoss(planner: Planner, slots: LossSlots, name: ElementLossName, options: Options): Slot {
  const { y, wants } = slots;
  const isBinary = name.startsWith("binary");
  const made = isBinary && !options.fromLogits ? planner.undo("sigmoid", y)?.reads[0] : undefined;
  const x = made ?? y;
  const classes = isBinary ? 2 : x.shape[x.shape.length - 1];
  const targets = planSmoothing(planner, slots.targets, options.labelSmoothing ?? 0, classes);
  const settings = made === undefined ? options : { ...options, fromLogits: true };
  const plan = inferElementLoss("loss", name, x.shape, targets.shape, settings);
  planLossStep(planner, name, x, { ...slots, targets }, (at) => backwardElementLoss(planner.kernels, at, plan));
  return made !== undefined && wants !== "nothing" ? planProbabilities(planner, x) : x;
}

/** Sigmoid for metrics, beside what the loss computes. */
function planProbabilities(planner: Planner, x: Slot): Slot {
  const plan = inferActivation("sigmoid", x.shape, "sigmoid");
  const p = planner.slot(x.shape);
  planner.step({
    kind: "probabilities",
    reads: [x],
    writes: [p],
    run: () => forwardActivation(planner.kernels, { x: x.pointer, y: p.pointer }, plan),
  });
  return p;
}

function overlapLoss(name: OverlapLossName): Loss {
  return {
    name,
    config: {},
    targets: "values",
    check: () => {},
    plan(planner, slots) {
      const plan = inferOverlapLoss("loss", name, slots.y.shape, slots.targets.shape);
      planLossStep(planner, name, slots.y, slots, (at) => backwardOverlapLoss(planner.kernels, at, plan));
      return slots.y;
    },
  };
}

/**
 * mean((y - target)^2).
 *
 * @example
 * const loss = losses.meanSquaredError(); // for model.compile({ loss })
 */
export function meanSquaredError(): Loss {
  return elementLoss("meanSquaredError", {}, {});
}

/**
 * mean(|y - target|).
 *
 * @example
 * const loss = losses.meanAbsoluteError(); // for model.compile({ loss })
 */
export function meanAbsoluteError(): Loss {
  return elementLoss("meanAbsoluteError", {}, {});
}

/**
 * A square near 0 and a straight line from `delta` on (Huber 1964).
 *
 * @example
 * const loss = losses.huber({ delta: 2 }); // for model.compile({ loss })
 */
export function huber(options: HuberOptions = {}): Loss {
  return elementLoss("huber", options, { delta: true });
}

/**
 * mean(max(1 - t y, 0)) with t = 1 for targets above 0, else -1.
 *
 * @example
 * const loss = losses.hinge(); // for model.compile({ loss })
 */
export function hinge(): Loss {
  return elementLoss("hinge", {}, {});
}

/**
 * mean(max(1 - t y, 0)^2) with t = 1 for targets above 0, else -1.
 *
 * @example
 * const loss = losses.squaredHinge(); // for model.compile({ loss })
 */
export function squaredHinge(): Loss {
  return elementLoss("squaredHinge", {}, {});
}

/**
 * -mean(t ln p + (1 - t) ln(1 - p)): each output is a question of its own. A "sigmoid" before it is fused.
 *
 * @example
 * const loss = losses.binaryCrossentropy({ labelSmoothing: 0.1 }); // for model.compile({ loss })
 */
export function binaryCrossentropy(options: BinaryOptions & SmoothingOptions = {}): Loss {
  return elementLoss("binaryCrossentropy", options, { fromLogits: true, labelSmoothing: true });
}

/**
 * Binary cross-entropy in which sure predictions count less (Lin et al. 2017, arXiv 1708.02002). A "sigmoid" before it is fused.
 *
 * @example
 * const loss = losses.binaryFocalCrossentropy({ gamma: 2 }); // for model.compile({ loss })
 */
export function binaryFocalCrossentropy(options: BinaryFocalOptions & SmoothingOptions = {}): Loss {
  return elementLoss("binaryFocalCrossentropy", options, {
    ...{ gamma: true, alpha: true, applyClassBalancing: true, fromLogits: true, labelSmoothing: true },
  });
}

/**
 * Cross-entropy of probabilities in which sure predictions count less; targets are one-hot on the last axis.
 *
 * @example
 * const loss = losses.categoricalFocalCrossentropy({ gamma: 2 }); // for model.compile({ loss })
 */
export function categoricalFocalCrossentropy(options: FocalOptions & SmoothingOptions = {}): Loss {
  return elementLoss("categoricalFocalCrossentropy", options, { gamma: true, alpha: true, labelSmoothing: true });
}

/**
 * sum(t ln(t / y)) over the last axis, the mean over the others.
 *
 * @example
 * const loss = losses.klDivergence(); // for model.compile({ loss })
 */
export function klDivergence(): Loss {
  return elementLoss("klDivergence", {}, {});
}

/**
 * Minus the cosine of the angle between output and target, along the last axis.
 *
 * @example
 * const loss = losses.cosineSimilarity(); // for model.compile({ loss })
 */
export function cosineSimilarity(): Loss {
  return overlapLoss("cosineSimilarity");
}

/**
 * max(1 + max((1 - t) y) - sum(t y), 0) along the last axis: the right class is to lead all others by 1.
 *
 * @example
 * const loss = losses.categoricalHinge(); // for model.compile({ loss })
 */
export function categoricalHinge(): Loss {
  return overlapLoss("categoricalHinge");
}

/**
 * 1 - 2 sum(y t) / (sum y + sum t) of each sample: for segmentation.
 *
 * @example
 * const loss = losses.dice(); // for model.compile({ loss })
 */
export function dice(): Loss {
  return overlapLoss("dice");
}
