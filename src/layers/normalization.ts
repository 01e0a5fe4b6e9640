/** Layers that normalise each sample by itself, in training and in prediction alike. */
import { ArgumentError, show } from "../errors.ts";
import {
  backwardGroupNorm,
  forwardGroupNorm,
  type GroupNormPlan,
  inferGroupNorm,
  inferInstanceNorm,
  inferLayerNorm,
} from "../ops/groupNorm.ts";
import {
  backwardLocalResponseNorm,
  forwardLocalResponseNorm,
  inferLocalResponseNorm,
  type LocalResponseNormOptions,
} from "../ops/localResponseNorm.ts";
import type { Planner, Slot } from "../ops/planned.ts";
import { axesOf, type Shape, sizeOf } from "../tensor/shape.ts";
import { checkLayerOptions, Layer, type LayerOptions, type ParameterDescription } from "./layer.ts";

/** What layers that normalise samples take. */
export interface NormalizationOptions extends LayerOptions {
  /** Added to the variance. Default 1e-3. */
  epsilon?: number;
  /** Learn a shift, beta. Default true; without, it stays 0. */
  center?: boolean;
  /** Learn a factor, gamma. Default true; without, it stays 1. */
  scale?: boolean;
}

const OPTIONS = { epsilon: true, center: true, scale: true } as const;

abstract class Normalization<Options extends NormalizationOptions> extends Layer<Options> {
  /** Checks what all have in common; `op` stands in messages. */
  protected check(op: string): void {
    for (const argument of ["center", "scale"] as const) {
      const value = this.options[argument] ?? true;
      if (typeof value === "boolean") continue;
      throw new ArgumentError(`${op}: ${argument} must be true or false, got ${show(value)}`);
    }
    inferInstanceNorm(op, [1, 1, 1], { epsilon: this.options.epsilon });
  }

  /** By shapes with the batch. */
  protected abstract norm(x: Shape): GroupNormPlan;

  protected infer(input: Shape): Shape {
    this.norm([1, ...input]);
    return input;
  }

  protected override describeParameters(input: Shape): readonly ParameterDescription[] {
    const { center = true, scale = true } = this.options;
    const { parameters: shape } = this.norm([1, ...input]);
    return [
      { name: "gamma", shape, initializer: "ones", learned: scale },
      { name: "beta", shape, initializer: "zeros", learned: center },
    ];
  }

  plan(planner: Planner, x: Slot): Slot {
    const { kernels } = planner;
    const plan = this.norm(x.shape);
    const [gamma, beta] = this.parameters;
    const [mean, invStd] = [0, 1].map(() => planner.slot([plan.statisticsBytes / 4]));
    const statistics = () => ({ mean: mean.pointer, invStd: invStd.pointer });
    return planner.op({
      kind: "groupNorm",
      inputs: [x],
      parameters: this.parameters,
      saves: [mean, invStd],
      backwardReads: "inputs",
      inPlace: true,
      scratchBytes: plan.scratchBytes,
      backwardScratchBytes: plan.backwardScratchBytes,
      forward: ({ y, scratch }) => {
        const at = { x: x.pointer, gamma: gamma.pointer, beta: beta.pointer, y: y.pointer, ...statistics(), scratch };
        forwardGroupNorm(kernels, at, plan);
      },
      backward: ({ dy, dxs: [dx], scratch }) => {
        const gradients = {
          dx: dx.pointer,
          dgamma: planner.learns(gamma) ? gamma.gradient : 0,
          dbeta: planner.learns(beta) ? beta.gradient : 0,
        };
        const at = { dy: dy.pointer, x: x.pointer, gamma: gamma.pointer, ...statistics(), ...gradients, scratch };
        backwardGroupNorm(kernels, at, plan);
      },
    });
  }
}

/** What `layerNormalization` takes. */
export interface LayerNormalizationOptions extends NormalizationOptions {
  /** The axes that are normalised, the last ones; counted from the end, or with the batch from the start. Default -1. */
  axis?: number | readonly number[];
}

export class LayerNormalization extends Normalization<LayerNormalizationOptions> {
  readonly className = "LayerNormalization";

  constructor(options: LayerNormalizationOptions) {
    super(options);
    checkLayerOptions("layerNormalization", options, { axis: true, ...OPTIONS });
    this.check("layerNormalization");
  }

  protected norm(x: Shape): GroupNormPlan {
    const { axis = -1, epsilon } = this.options;
    const axes = axesOf(this.name, "axis", axis, x.length);
    if (axes.length === 0 || axes[0] === 0 || axes[0] !== x.length - axes.length) {
      throw new ArgumentError(`${this.name}: axis must name the last axes, without the batch, got ${show(axis)}`);
    }
    return inferLayerNorm(this.name, x, x.slice(axes[0]), { epsilon });
  }
}

/** What `groupNormalization` takes. */
export interface GroupNormalizationOptions extends NormalizationOptions {
  /** How many groups the channels form; -1 makes each its own. Default 32. */
  groups?: number;
}

export class GroupNormalization extends Normalization<GroupNormalizationOptions> {
  readonly className = "GroupNormalization";

  constructor(options: GroupNormalizationOptions) {
    super(options);
    checkLayerOptions("groupNormalization", options, { groups: true, ...OPTIONS });
    const { groups = 32 } = options;
    if (groups !== -1 && !(Number.isInteger(groups) && groups >= 1)) {
      throw new ArgumentError(`groupNormalization: groups must be a whole number >= 1, or -1, got ${show(groups)}`);
    }
    this.check("groupNormalization");
  }

  protected norm(x: Shape): GroupNormPlan {
    const { groups = 32, epsilon } = this.options;
    if (groups === -1) return inferInstanceNorm(this.name, asImages(x), { epsilon });
    return inferGroupNorm(this.name, asImages(x), { groups, epsilon });
  }
}

export class InstanceNormalization extends Normalization<NormalizationOptions> {
  readonly className = "InstanceNormalization";

  constructor(options: NormalizationOptions) {
    super(options);
    checkLayerOptions("instanceNormalization", options, OPTIONS);
    this.check("instanceNormalization");
  }

  protected norm(x: Shape): GroupNormPlan {
    return inferInstanceNorm(this.name, asImages(x), { epsilon: this.options.epsilon });
  }
}

/** Lines [N,W,C] and volumes [N,D,H,W,C] as images: ops take three axes for one image without a batch. */
function asImages(x: Shape): Shape {
  if (x.length === 4 || x.length < 3) return x;
  return [x[0], 1, sizeOf(x.slice(1, -1)), x[x.length - 1]];
}

/** What `localResponseNormalization` takes. */
export interface LocalResponseNormalizationOptions extends LayerOptions, LocalResponseNormOptions {}

export class LocalResponseNormalization extends Layer<LocalResponseNormalizationOptions> {
  readonly className = "LocalResponseNormalization";

  constructor(options: LocalResponseNormalizationOptions) {
    super(options);
    const known = { size: true, alpha: true, beta: true, k: true } as const;
    checkLayerOptions("localResponseNormalization", options, known);
    inferLocalResponseNorm("localResponseNormalization", [1], this.#own());
  }

  protected infer(input: Shape): Shape {
    return inferLocalResponseNorm(this.name, input, this.#own()).output;
  }

  plan(planner: Planner, x: Slot): Slot {
    const { kernels } = planner;
    const plan = inferLocalResponseNorm(this.name, x.shape, this.#own());
    return planner.op({
      kind: "localResponseNorm",
      inputs: [x],
      backwardReads: "inputs",
      scratchBytes: plan.scratchBytes,
      backwardScratchBytes: plan.backwardScratchBytes,
      forward: ({ y, scratch }) => {
        forwardLocalResponseNorm(kernels, { x: x.pointer, y: y.pointer, scratch }, plan);
      },
      backward: ({ dy, dxs: [dx], scratch }) => {
        const at = { dy: dy.pointer, x: x.pointer, dx: dx.pointer, scratch };
        backwardLocalResponseNorm(kernels, at, plan);
      },
    });
  }

  /** Without what every layer takes. */
  #own(): LocalResponseNormOptions {
    const { name, trainable, ...own } = this.options;
    return own;
  }
}

/**
 * Layer normalisation over the last axes (Keras LayerNormalization): of each pixel's channels, or of all of a sample.
 *
 * @example
 * layers.layerNormalization({ epsilon: 1e-6 })
 */
export function layerNormalization(options: LayerNormalizationOptions = {}): Layer {
  return new LayerNormalization(options);
}

/**
 * Normalisation over all pixels and the channels of a group (Keras GroupNormalization).
 *
 * @example
 * layers.groupNormalization({ groups: 8 })
 */
export function groupNormalization(options: GroupNormalizationOptions = {}): Layer {
  return new GroupNormalization(options);
}

/**
 * Normalisation of each channel over all pixels of a sample.
 *
 * @example
 * layers.instanceNormalization()
 */
export function instanceNormalization(options: NormalizationOptions = {}): Layer {
  return new InstanceNormalization(options);
}

/**
 * Each channel divided by the strength of those around it (AlexNet).
 *
 * @example
 * layers.localResponseNormalization({ size: 5, k: 2 })
 */
export function localResponseNormalization(options: LocalResponseNormalizationOptions = {}): Layer {
  return new LocalResponseNormalization(options);
}
