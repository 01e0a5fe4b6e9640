import { ArgumentError, show } from "../errors.ts";
import type { Planner, Slot } from "../ops/planned.ts";
import { backwardPrelu, forwardPrelu, inferPrelu } from "../ops/prelu.ts";
import { checkInitializer, type Initializer } from "../tensor/initializers.ts";
import type { Shape } from "../tensor/shape.ts";
import { checkLayerOptions, Layer, type LayerOptions, type ParameterDescription } from "./layer.ts";

/** What `prelu` takes. */
export interface PreluOptions extends LayerOptions {
  /** Default "zeros". */
  alphaInitializer?: Initializer;
  /** The first axes of a sample, counted from 1, along which slopes are shared: [1, 2] is a slope per channel. Default none. */
  sharedAxes?: readonly number[];
}

const OPTIONS = { alphaInitializer: true, sharedAxes: true } as const;

export class Prelu extends Layer<PreluOptions> {
  readonly className = "PReLU";

  constructor(options: PreluOptions = {}) {
    super(options);
    checkLayerOptions("prelu", options, OPTIONS);
    const { sharedAxes = [], alphaInitializer = "zeros" } = options;
    checkInitializer("prelu", "alphaInitializer", alphaInitializer);
    if (!Array.isArray(sharedAxes) || sharedAxes.some((axis, i) => axis !== i + 1)) {
      throw new ArgumentError(
        `prelu: sharedAxes must be the first axes in order, as in [1, 2], got ${show(sharedAxes)}`,
      );
    }
  }

  override get kind(): string {
    return "prelu";
  }

  protected infer(input: Shape): Shape {
    const shared = this.options.sharedAxes?.length ?? 0;
    if (shared <= input.length) return input;
    throw new ArgumentError(
      `${this.name}: sharedAxes must be axes of ${show(input)}, got ${show(this.options.sharedAxes)}`,
    );
  }

  protected override describeParameters(input: Shape): readonly ParameterDescription[] {
    const { alphaInitializer: initializer = "zeros", sharedAxes = [] } = this.options;
    const shape = input.map((size, axis) => (axis < sharedAxes.length ? 1 : size));
    return [{ name: "alpha", shape, initializer }];
  }

  plan(planner: Planner, x: Slot): Slot {
    const { kernels } = planner;
    const [alpha] = this.parameters;
    const plan = inferPrelu(this.name, x.shape, alpha.shape);
    return planner.op({
      kind: "prelu",
      inputs: [x],
      parameters: [alpha],
      inPlace: true,
      backwardReads: "inputs",
      forward: ({ y }) => forwardPrelu(kernels, { x: x.pointer, alpha: alpha.pointer, y: y.pointer }, plan),
      backward: ({ dy, dxs: [dx] }) => {
        const dalpha = planner.learns(alpha) ? alpha.gradient : 0;
        const at = { dy: dy.pointer, x: x.pointer, alpha: alpha.pointer, dx: dx.pointer, dalpha };
        backwardPrelu(kernels, at, plan);
      },
    });
  }
}

/**
 * ReLU with a learned slope below 0 (Keras PReLU; He et al. 2015, arXiv 1502.01852).
 *
 * @throws ArgumentError where sharedAxes are not the first axes in order.
 * @example
 * layers.prelu({ sharedAxes: [1, 2] }) // a slope for each channel of images
 */
export function prelu(options: PreluOptions = {}): Layer {
  return new Prelu(options);
}
