import { ShapeError, show } from "../errors.ts";
import type { Planner, Slot } from "../ops/planned.ts";
import { checkShape, type Shape, sizeOf } from "../tensor/shape.ts";
import { checkLayerOptions, Layer, type LayerOptions } from "./layer.ts";

/** Another shape over the same memory: no step in a plan. */
abstract class Reshaping<Options extends LayerOptions> extends Layer<Options> {
  plan(planner: Planner, x: Slot): Slot {
    return planView(planner, x, [x.shape[0], ...this.infer(x.shape.slice(1))]);
  }
}

/** The memory of x under another shape. */
export function planView(planner: Planner, x: Slot, shape: Shape): Slot {
  const y = planner.view(x, shape);
  planner.node({ inputs: [x], output: y, keeps: [], backward: (dy) => planner.handGradient(x, dy) });
  return y;
}

export class Flatten extends Reshaping<LayerOptions> {
  readonly className = "Flatten";

  constructor(options: LayerOptions = {}) {
    super(options);
    checkLayerOptions("flatten", options, {});
  }

  protected infer(input: Shape): Shape {
    return [sizeOf(input)];
  }
}

/** What `reshape` takes. */
export interface ReshapeOptions extends LayerOptions {
  /** Of one sample, without the batch. */
  targetShape: Shape;
}

export class Reshape extends Reshaping<ReshapeOptions> {
  readonly className = "Reshape";

  constructor(options: ReshapeOptions) {
    super(options);
    checkLayerOptions("reshape", options, { targetShape: true });
    checkShape("reshape", "targetShape", options.targetShape);
  }

  protected infer(input: Shape): Shape {
    const { targetShape } = this.options;
    if (sizeOf(targetShape) === sizeOf(input)) return targetShape;
    throw new ShapeError(
      `${this.name}: targetShape ${show(targetShape)} holds ${sizeOf(targetShape)} elements, but the input ${show(input)} has ${sizeOf(input)}`,
    );
  }
}

/**
 * Images to rows, [H,W,C] -> [H*W*C] (Keras Flatten).
 *
 * @example
 * const x = input({ shape: [28, 28, 1] });
 * const y = layers.flatten()(x); // [784]
 */
export function flatten(options: LayerOptions = {}): Layer {
  return new Flatten(options);
}

/**
 * Another shape of as many elements (Keras Reshape).
 *
 * @example
 * const x = input({ shape: [28, 28, 1] });
 * const y = layers.reshape({ targetShape: [7, 112] })(x); // [7,112]
 */
export function reshape(options: ReshapeOptions): Layer {
  return new Reshape(options);
}
