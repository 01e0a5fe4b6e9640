import type { Planner, Slot } from "../ops/planned.ts";
import { backwardRescale, forwardRescale, inferRescale, type RescaleOptions } from "../ops/rescale.ts";
import type { Shape } from "../tensor/shape.ts";
import { checkLayerOptions, Layer, type LayerOptions } from "./layer.ts";

/** What `rescaling` takes. */
export interface RescalingOptions extends LayerOptions, RescaleOptions {}

export class Rescaling extends Layer<RescalingOptions> {
  readonly className = "Rescaling";

  constructor(options: RescalingOptions) {
    super(options);
    checkLayerOptions("rescaling", options, { scale: true, offset: true });
    const { scale, offset } = options;
    inferRescale("rescaling", [], { scale, offset });
  }

  protected infer(input: Shape): Shape {
    return input;
  }

  plan(planner: Planner, x: Slot): Slot {
    return planRescale(planner, x, this.options);
  }
}

/** scale x + offset, in place where it can be. */
export function planRescale(planner: Planner, x: Slot, { scale, offset }: RescaleOptions): Slot {
  const { kernels } = planner;
  const plan = inferRescale("rescale", x.shape, { scale, offset });
  return planner.op({
    kind: "rescale",
    inputs: [x],
    inPlace: true,
    backwardReads: "nothing",
    forward: ({ y }) => forwardRescale(kernels, { x: x.pointer, y: y.pointer }, plan),
    backward: ({ dy, dxs: [dx] }) => backwardRescale(kernels, { dy: dy.pointer, dx: dx.pointer }, plan),
  });
}

/**
 * scale x + offset (Keras Rescaling): pixels of 0 to 255 to what a network was trained on.
 *
 * @example
 * layers.rescaling({ scale: 1 / 127.5, offset: -1 })
 */
export function rescaling(options: RescalingOptions = {}): Layer {
  return new Rescaling(options);
}
