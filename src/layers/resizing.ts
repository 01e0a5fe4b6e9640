import { ArgumentError, show } from "../errors.ts";
import type { Planner, Slot } from "../ops/planned.ts";
import { backwardResize, forwardResize, inferResize, type ResizeOptions, type ResizePlan } from "../ops/resize.ts";
import type { Shape } from "../tensor/shape.ts";
import { checkLayerOptions, Layer, type LayerOptions, type SampleRank } from "./layer.ts";

/** What `resizing` takes. */
export interface ResizingOptions extends LayerOptions, ResizeOptions {
  /** Rows of the result. */
  height: number;
  /** Columns of the result. */
  width: number;
}

export class Resizing extends Layer<ResizingOptions> {
  readonly className = "Resizing";

  constructor(options: ResizingOptions) {
    super(options);
    const known = { height: true, width: true, interpolation: true, coordinates: true } as const;
    checkLayerOptions("resizing", options, known);
    for (const side of ["height", "width"] as const) {
      if (Number.isInteger(options[side]) && options[side] >= 1) continue;
      throw new ArgumentError(`resizing: ${side} must be a whole number >= 1, got ${show(options[side])}`);
    }
    this.#plan("resizing", [1, 1, 1]);
  }

  protected override get sampleRank(): SampleRank {
    return 3;
  }

  protected infer(input: Shape): Shape {
    return this.#plan(this.name, input).output;
  }

  plan(planner: Planner, x: Slot): Slot {
    return planResize(planner, x, this.#plan(this.name, x.shape));
  }

  #plan(op: string, input: Shape): ResizePlan {
    const { height, width, interpolation = "bilinear", coordinates = "halfPixel" } = this.options;
    return inferResize(op, input, [height, width], { interpolation, coordinates });
  }
}

/** Adds the resizing of x and its way back. */
export function planResize(planner: Planner, x: Slot, plan: ResizePlan): Slot {
  const { kernels } = planner;
  return planner.op({
    kind: "resize",
    inputs: [x],
    output: plan.output,
    backwardReads: "nothing",
    forward: ({ y }) => forwardResize(kernels, { x: x.pointer, y: y.pointer }, plan),
    backward: ({ dy, dxs: [dx] }) => backwardResize(kernels, { dy: dy.pointer, dx: dx.pointer }, plan),
  });
}

/**
 * Images of another size, [H,W,C] -> [height,width,C] (Keras Resizing), bilinear by default.
 *
 * @example
 * layers.resizing({ height: 96, width: 96 })
 */
export function resizing(options: ResizingOptions): Layer {
  return new Resizing(options);
}
