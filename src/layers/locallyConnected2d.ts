import {
  backwardLocallyConnected2d,
  forwardLocallyConnected2d,
  inferLocallyConnected2d,
  type LocallyConnected2dPlan,
} from "../ops/locallyConnected2d.ts";
import type { Planner, Slot } from "../ops/planned.ts";
import { inferWindow, type Padding } from "../ops/window.ts";
import type { Initializer } from "../tensor/initializers.ts";
import type { Parameter, Regularizer } from "../tensor/parameter.ts";
import { type Pair, pair, type Shape, whole } from "../tensor/shape.ts";
import { planActivation } from "./activation.ts";
import type { FilterOptions } from "./convolution.ts";
import { Layer, type LayerWindow, layerWindow, type ParameterDescription, type SampleRank } from "./layer.ts";
import { checkWeightOptions, describeBias } from "./options.ts";

/** What `locallyConnected2d` takes. */
export interface LocallyConnected2dLayerOptions extends FilterOptions {
  /** Output channels. */
  filters: number;
  /** Height and width of a filter. */
  kernelSize: Pair;
  /** Default 1. */
  strides?: Pair;
  /** Default "valid". */
  padding?: Padding;
  /** Default "glorotUniform". */
  kernelInitializer?: Initializer;
  /** Default none. */
  kernelRegularizer?: Regularizer;
}

export class LocallyConnected2d extends Layer<LocallyConnected2dLayerOptions> {
  readonly className = "LocallyConnected2D";
  constructor(options: LocallyConnected2dLayerOptions) {
    super(options);
    checkWeightOptions("locallyConnected2d", options);
    whole("locallyConnected2d", "filters", options.filters);
    pair("locallyConnected2d", "kernelSize", options.kernelSize);
    pair("locallyConnected2d", "strides", options.strides ?? 1);
  }

  protected override get sampleRank(): SampleRank {
    return 3;
  }

  override windowOver(input: Shape): LayerWindow {
    return layerWindow(this.#infer(input).window);
  }

  override countMultiplyAdds(): number {
    return this.parameters[0].size;
  }

  protected infer(input: Shape): Shape {
    return this.#infer(input).output;
  }

  protected override describeParameters(input: Shape): readonly ParameterDescription[] {
    const { oh, ow, kh, kw, c, o } = this.#infer(input).window;
    const { kernelInitializer: initializer, kernelRegularizer: regularizer } = this.options;
    const shape = [oh * ow, kh * kw * c, o];
    return [{ name: "kernel", shape, initializer, regularizer }, ...describeBias(this.options, [oh, ow, o])];
  }

  plan(planner: Planner, x: Slot): Slot {
    const plan = this.#infer(x.shape);
    const { kernels } = planner;
    const [kernel] = this.parameters;
    const bias: Parameter | undefined = this.parameters[1];
    const learns = this.parameters.some((parameter) => planner.learns(parameter));
    const window = planner.window(plan.window);
    const y = planner.op({
      kind: "locallyConnected2d",
      inputs: [x],
      output: plan.output,
      parameters: this.parameters,
      backwardReads: learns ? "inputs" : "nothing",
      forward: ({ y }) => {
        const from = { x: x.pointer, w: kernel.pointer, b: bias?.pointer ?? 0 };
        forwardLocallyConnected2d(kernels, { ...from, y: y.pointer, window: window.pointer });
      },
      backward: ({ dy, dxs: [dx] }) => {
        const gradients = learns ? { dw: kernel.gradient, db: bias?.gradient ?? 0 } : { dw: 0, db: 0 };
        const from = { x: x.pointer, dy: dy.pointer, w: kernel.pointer, window: window.pointer };
        backwardLocallyConnected2d(kernels, { ...from, dx: dx.pointer, ...gradients }, plan);
      },
    });
    return planActivation(planner, y, this.options.activation ?? "linear");
  }

  #infer(input: Shape): LocallyConnected2dPlan {
    const { filters, kernelSize, strides: stride, padding } = this.options;
    const size = pair(this.name, "kernelSize", kernelSize);
    const { oh, ow, c } = inferWindow(this.name, input, size, { stride, padding });
    return inferLocallyConnected2d(this.name, input, [oh, ow, ...size, c, filters], null, { stride, padding });
  }
}

/**
 * A convolution whose filters are not shared (Keras LocallyConnected2D).
 *
 * @example
 * layers.locallyConnected2d({ filters: 4, kernelSize: 3, activation: "relu" })
 */
export function locallyConnected2d(options: LocallyConnected2dLayerOptions): Layer {
  return new LocallyConnected2d(options);
}
