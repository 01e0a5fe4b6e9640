import { ArgumentError, show } from "../errors.ts";
import type { Planner, Slot } from "../ops/planned.ts";
import { backwardUnitNorm, forwardUnitNorm, inferUnitNorm, type UnitNormPlan } from "../ops/unitNorm.ts";
import type { Shape } from "../tensor/shape.ts";
import { checkLayerOptions, Layer, type LayerOptions } from "./layer.ts";

/** What `unitNormalization` takes. */
export interface UnitNormalizationOptions extends LayerOptions {
  /** The axes along which lengths are taken, the last ones; counted from the end, or with the batch from the start. Default -1. */
  axis?: number | readonly number[];
}

export class UnitNormalization extends Layer<UnitNormalizationOptions> {
  readonly className = "UnitNormalization";

  constructor(options: UnitNormalizationOptions) {
    super(options);
    checkLayerOptions("unitNormalization", options, { axis: true });
  }

  protected infer(input: Shape): Shape {
    this.#infer([2, ...input]);
    return input;
  }

  plan(planner: Planner, x: Slot): Slot {
    const { kernels } = planner;
    const plan = this.#infer(x.shape);
    return planner.op({
      kind: "unitNorm",
      inputs: [x],
      inPlace: true,
      backwardReads: "inputs",
      forward: ({ y }) => forwardUnitNorm(kernels, { x: x.pointer, y: y.pointer }, plan),
      backward: ({ dy, dxs: [dx] }) => {
        backwardUnitNorm(kernels, { dy: dy.pointer, x: x.pointer, dx: dx.pointer }, plan);
      },
    });
  }

  /** By a shape with the batch. */
  #infer(x: Shape): UnitNormPlan {
    const { axis } = this.options;
    const plan = inferUnitNorm(this.name, x, { axis });
    if (plan.m % x[0] === 0) return plan;
    throw new ArgumentError(`${this.name}: axis must name the last axes, without the batch, got ${show(axis)}`);
  }
}

/**
 * Vectors of length 1 (Keras UnitNormalization): each pixel's channels, or all of a sample.
 *
 * @example
 * layers.unitNormalization()(input({ shape: [8, 8, 3] })).shape; // [8,8,3]
 */
export function unitNormalization(options: UnitNormalizationOptions = {}): Layer {
  return new UnitNormalization(options);
}
