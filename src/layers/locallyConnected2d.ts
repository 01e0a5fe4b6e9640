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
import { type BuildContext, Layer, type LayerConfig, type LayerWindow, layerWindow } from "./layer.ts";
import { checkWeightOptions } from "./options.ts";

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

export class LocallyConnected2d extends Layer {
  readonly className = "LocallyConnected2D";
  readonly #options: LocallyConnected2dLayerOptions;
  #kernel!: Parameter;
  #bias: Parameter | undefined;

  constructor(options: LocallyConnected2dLayerOptions) {
    super(options);
    checkWeightOptions("locallyConnected2d", options);
    whole("locallyConnected2d", "filters", options.filters);
    pair("locallyConnected2d", "kernelSize", options.kernelSize);
    pair("locallyConnected2d", "strides", options.strides ?? 1);
    this.#options = options;
  }

  override windowOver(input: Shape): LayerWindow {
    return layerWindow(this.#infer(input).window);
  }

  override countMultiplyAdds(): number {
    return this.#kernel.size;
  }

  protected infer(input: Shape): Shape {
    return this.#infer(input).output;
  }

  protected override createParameters(context: BuildContext, input: Shape): void {
    const { oh, ow, kh, kw, c, o } = this.#infer(input).window;
    const { kernelInitializer = "glorotUniform", kernelRegularizer, useBias = true } = this.#options;
    const { biasInitializer = "zeros", biasRegularizer } = this.#options;
    const options = { regularizer: kernelRegularizer };
    this.#kernel = this.addParameter(context, "kernel", [oh * ow, kh * kw * c, o], kernelInitializer, options);
    if (!useBias) return;
    this.#bias = this.addParameter(context, "bias", [oh, ow, o], biasInitializer, { regularizer: biasRegularizer });
  }

  plan(planner: Planner, x: Slot): Slot {
    const plan = this.#infer(x.shape);
    const [kernel, bias] = [this.#kernel, this.#bias];
    const parameters = bias === undefined ? [kernel] : [kernel, bias];
    const learns = parameters.some((parameter) => planner.learns(parameter));
    const y = planner.slot(plan.output);
    const window = planner.window(plan.window);
    planner.step({
      kind: "locallyConnected2d",
      reads: [x],
      writes: [y],
      run: () => {
        const from = { x: x.pointer, w: kernel.pointer, b: bias?.pointer ?? 0 };
        forwardLocallyConnected2d(planner.kernels, { ...from, y: y.pointer, window: window.pointer });
      },
    });
    const addStep = (dy: Slot, dx: Slot | undefined, accumulates: boolean) => {
      planner.step({
        kind: "locallyConnected2dBackward",
        reads: accumulates ? [x, dy] : [dy],
        writes: dx === undefined ? [] : [dx],
        run: () => {
          const gradients = accumulates ? { dw: kernel.gradient, db: bias?.gradient ?? 0 } : { dw: 0, db: 0 };
          const from = { x: x.pointer, dy: dy.pointer, w: kernel.pointer, window: window.pointer };
          backwardLocallyConnected2d(planner.kernels, { ...from, dx: dx?.pointer ?? 0, ...gradients }, plan);
        },
      });
    };
    planner.node({
      inputs: [x],
      output: y,
      parameters,
      keeps: learns ? [x] : [],
      backward: (dy) => {
        if (learns) addStep(dy, undefined, true);
        planner.gradient(x, (dx) => addStep(dy, dx, false));
      },
    });
    return planActivation(planner, y, this.#options.activation ?? "linear");
  }

  config(): LayerConfig {
    return { ...this.#options };
  }

  #infer(input: Shape): LocallyConnected2dPlan {
    const { filters, kernelSize, strides: stride, padding } = this.#options;
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
