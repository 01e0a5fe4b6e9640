/** Sums, means and extremes of a sample, as a layer. */
import { ArgumentError, oneOf, show } from "../errors.ts";
import type { Planner, Slot } from "../ops/planned.ts";
import { backwardReduce, forwardReduce, inferReduce, type ReducePlan, type Reduction } from "../ops/reduce.ts";
import { axesOf, type Shape } from "../tensor/shape.ts";
import { checkLayerOptions, Layer, type LayerOptions } from "./layer.ts";

/** What `reduce` takes. */
export interface ReduceLayerOptions extends LayerOptions {
  /** What becomes of the numbers along the axes. */
  reduction: Reduction;
  /** Axes, counted from the end where negative; with the batch, which is 0 and stays. */
  axes: number | readonly number[];
  /** Keep them with size 1. Default false. */
  keepDims?: boolean;
}

const REDUCTIONS: readonly Reduction[] = ["sum", "mean", "max", "min"];
const OPTIONS = { reduction: true, axes: true, keepDims: true } as const;

export class Reduce extends Layer<ReduceLayerOptions> {
  readonly className = "Reduce";

  constructor(options: ReduceLayerOptions) {
    super(options);
    checkLayerOptions("reduce", options, OPTIONS);
    oneOf("reduce", "reduction", options.reduction, REDUCTIONS);
    if (options.axes === undefined) throw new ArgumentError("reduce: axes must name an axis or several, got undefined");
  }

  protected infer(input: Shape): Shape {
    return this.#plan([1, ...input]).output.slice(1);
  }

  plan(planner: Planner, x: Slot): Slot {
    const { kernels } = planner;
    const plan = this.#plan(x.shape);
    const isExtreme = plan.kind === "max" || plan.kind === "min";
    const between = planner.slot([Math.max(plan.scratchBytes / 4, 1)]);
    return planner.op({
      kind: plan.kind,
      inputs: [x],
      output: plan.output,
      saves: [between],
      backwardReads: isExtreme ? "all" : "nothing",
      backwardScratchBytes: plan.scratchBytes,
      forward: ({ y }) => forwardReduce(kernels, { x: x.pointer, y: y.pointer, scratch: between.pointer }, plan),
      backward: ({ y, dy, dxs: [dx], scratch }) => {
        const at = { dy: dy.pointer, x: x.pointer, y: y.pointer, dx: dx.pointer };
        backwardReduce(kernels, { ...at, scratch: between.pointer, dscratch: scratch }, plan);
      },
    });
  }

  #plan(x: Shape): ReducePlan {
    const { reduction, axes, keepDims = false } = this.options;
    if (axesOf(this.name, "axes", axes, x.length).includes(0)) {
      throw new ArgumentError(`${this.name}: axes must not name the batch, got ${show(axes)}`);
    }
    return inferReduce(this.name, reduction, x, { axes, keepDims });
  }
}

/**
 * The sum, mean, largest or least number along axes of a sample. Attention over places looks at the mean of the channels this way
 * (CBAM, Woo et al. 2018, arXiv 1807.06521); for means of whole images `globalAveragePool2d` is faster.
 *
 * @throws ArgumentError for an axis that x does not have, that is named twice, or the batch.
 * @example
 * layers.reduce({ reduction: "mean", axes: -1, keepDims: true }) // [8,8,16] -> [8,8,1]
 */
export function reduce(options: ReduceLayerOptions): Layer {
  return new Reduce(options);
}
