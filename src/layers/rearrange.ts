/** Layers that put elements into another order. */
import { ArgumentError, show } from "../errors.ts";
import { type DepthToSpaceOptions, inferDepthToSpace, inferSpaceToDepth } from "../ops/depthToSpace.ts";
import { backwardMove, forwardMove, type MovePlan } from "../ops/move.ts";
import type { Planner, Slot } from "../ops/planned.ts";
import { inferSlice, type SliceOptions } from "../ops/slice.ts";
import { inferTranspose } from "../ops/transpose.ts";
import type { Shape } from "../tensor/shape.ts";
import { checkLayerOptions, Layer, type LayerOptions, type SampleRank } from "./layer.ts";

abstract class Rearrange<Options extends LayerOptions> extends Layer<Options> {
  /** By shapes with the batch. */
  protected abstract move(x: Shape): MovePlan;

  protected infer(input: Shape): Shape {
    return this.move([1, ...input]).output.slice(1);
  }

  plan(planner: Planner, x: Slot): Slot {
    return planMoved(planner, this.kind, x, this.move(x.shape));
  }
}

/** Adds the step that moves the elements of x, and its way back. */
export function planMoved(planner: Planner, kind: string, x: Slot, plan: MovePlan): Slot {
  const { kernels } = planner;
  return planner.op({
    kind,
    inputs: [x],
    output: plan.output,
    backwardReads: "nothing",
    forward: ({ y }) => forwardMove(kernels, { x: x.pointer, y: y.pointer }, plan),
    backward: ({ dy, dxs: [dx] }) => backwardMove(kernels, { dy: dy.pointer, dx: dx.pointer }, plan),
  });
}

/** What `permute` takes. */
export interface PermuteOptions extends LayerOptions {
  /** For each axis of the result that of the input, counted from 1: the batch, 0, stays in front. */
  dims: readonly number[];
}

export class Permute extends Rearrange<PermuteOptions> {
  readonly className = "Permute";

  constructor(options: PermuteOptions) {
    super(options);
    checkLayerOptions("permute", options, { dims: true });
    const { dims } = options;
    if (!Array.isArray(dims) || dims.some((_, i) => !dims.includes(i + 1))) {
      throw new ArgumentError(`permute: dims must name the axes 1, 2, ... once each, got ${show(dims)}`);
    }
  }

  protected move(x: Shape): MovePlan {
    return inferTranspose(this.name, x, [0, ...this.options.dims]);
  }
}

/** What `depthToSpace` and `spaceToDepth` take. */
export interface DepthToSpaceLayerOptions extends LayerOptions, DepthToSpaceOptions {}

const BLOCK_OPTIONS = { blockSize: true, mode: true } as const;

export class DepthToSpace extends Rearrange<DepthToSpaceLayerOptions> {
  readonly className = "DepthToSpace";

  constructor(options: DepthToSpaceLayerOptions) {
    super(options);
    checkLayerOptions("depthToSpace", options, BLOCK_OPTIONS);
    const { blockSize, mode } = options;
    inferDepthToSpace("depthToSpace", [1, 1, blockSize ** 2], { blockSize, mode });
  }

  protected override get sampleRank(): SampleRank {
    return 3;
  }

  protected move(x: Shape): MovePlan {
    const { blockSize, mode } = this.options;
    return inferDepthToSpace(this.name, x, { blockSize, mode });
  }
}

export class SpaceToDepth extends Rearrange<DepthToSpaceLayerOptions> {
  readonly className = "SpaceToDepth";

  constructor(options: DepthToSpaceLayerOptions) {
    super(options);
    checkLayerOptions("spaceToDepth", options, BLOCK_OPTIONS);
    const { blockSize, mode } = options;
    inferSpaceToDepth("spaceToDepth", [blockSize, blockSize, 1], { blockSize, mode });
  }

  protected override get sampleRank(): SampleRank {
    return 3;
  }

  protected move(x: Shape): MovePlan {
    const { blockSize, mode } = this.options;
    return inferSpaceToDepth(this.name, x, { blockSize, mode });
  }
}

/** What `slice` takes, for the axes of a sample. */
export interface SliceLayerOptions extends LayerOptions, SliceOptions {}

export class Slice extends Rearrange<SliceLayerOptions> {
  readonly className = "Slice";

  constructor(options: SliceLayerOptions) {
    super(options);
    checkLayerOptions("slice", options, { start: true, end: true, step: true });
  }

  /** The batch is not cut. */
  protected move(x: Shape): MovePlan {
    const { start = [], end = [], step = [] } = this.options;
    return inferSlice(this.name, x, { start: [0, ...start], end: [x[0], ...end], step: [1, ...step] });
  }
}

/**
 * A part of each sample, as `ops.slice` takes it.
 *
 * @example
 * layers.slice({ start: [0, 0, 4] })(input({ shape: [8, 8, 6] })).shape; // [8,8,2]
 */
export function slice(options: SliceLayerOptions = {}): Layer {
  return new Slice(options);
}

/**
 * The axes behind the batch in another order (Keras Permute).
 *
 * @throws ArgumentError unless dims names the axes 1, 2, ... once each.
 * @example
 * layers.permute({ dims: [3, 1, 2] })         // [H,W,C] -> [C,H,W]
 */
export function permute(options: PermuteOptions): Layer {
  return new Permute(options);
}

/**
 * Channels become blocks of pixels, [H,W,C] -> [H*b,W*b,C/b^2] (TensorFlow's depth_to_space, PyTorch's PixelShuffle).
 *
 * @example
 * layers.depthToSpace({ blockSize: 2 })       // behind a convolution: sub-pixel upsampling
 */
export function depthToSpace(options: DepthToSpaceLayerOptions): Layer {
  return new DepthToSpace(options);
}

/**
 * Blocks of pixels become channels, [H,W,C] -> [H/b,W/b,C*b^2].
 *
 * @example
 * layers.spaceToDepth({ blockSize: 4 })       // patches
 */
export function spaceToDepth(options: DepthToSpaceLayerOptions): Layer {
  return new SpaceToDepth(options);
}
