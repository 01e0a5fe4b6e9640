/** What all layers around pools share. */
import type { Planner, Slot } from "../ops/planned.ts";
import { backwardPool2d, forwardPool2d, type Pool2dPlan, poolScratch } from "../ops/pool2d.ts";
import type { Shape } from "../tensor/shape.ts";
import {
  checkLayerOptions,
  Layer,
  type LayerOptions,
  type LayerWindow,
  layerWindow,
  type OwnOptions,
  rankOf,
  type SampleRank,
} from "./layer.ts";

/** One kind of pool. */
export interface PoolingKind<Options extends LayerOptions> {
  readonly className: string;
  /** The function that makes the layer, for messages. */
  readonly maker: string;
  /** Names of options beside those of every layer. */
  readonly options: OwnOptions<Options>;
  /** Throws ArgumentError for what no input could fit. */
  readonly check?: (maker: string, options: Options) => void;
  /** The shape rule of the op: its pools, one after the other. */
  readonly infer: (name: string, input: Shape, options: Options) => readonly Pool2dPlan[];
}

export class Pooling<Options extends LayerOptions> extends Layer<Options> {
  readonly className: string;
  readonly #kind: PoolingKind<Options>;

  constructor(kind: PoolingKind<Options>, options: Options) {
    super(options);
    checkLayerOptions<object>(kind.maker, options, kind.options);
    kind.check?.(kind.maker, options);
    this.className = kind.className;
    this.#kind = kind;
  }

  protected override get sampleRank(): SampleRank {
    return rankOf(this.className);
  }

  override windowOver(input: Shape): LayerWindow {
    return layerWindow(this.#infer(input)[0].window);
  }

  protected infer(input: Shape): Shape {
    return this.#infer(input).reduce((_, { output }) => output, input);
  }

  plan(planner: Planner, x: Slot): Slot {
    return this.#infer(x.shape).reduce((from, plan) => planPool2d(planner, from, plan), x);
  }

  #infer(input: Shape): readonly Pool2dPlan[] {
    return this.#kind.infer(this.name, input, this.options);
  }
}

/** The options of an op, without a stride that is not given. */
export function poolOptions<Size, Options extends { poolSize?: Size; strides?: Size }>({
  poolSize = 2 as Size,
  strides = poolSize,
  ...rest
}: Options): Omit<Options, "strides" | "name" | "trainable"> & { poolSize: Size; stride: Size } {
  const { name, trainable, ...options } = rest as typeof rest & LayerOptions;
  return { ...options, poolSize, stride: strides } as never;
}

/** Adds a pool to a plan. */
export function planPool2d(planner: Planner, x: Slot, plan: Pool2dPlan): Slot {
  const { kernels } = planner;
  const window = planner.constants(plan.geometry);
  return planner.op({
    kind: "pool2d",
    inputs: [x],
    output: plan.output,
    backwardReads: plan.kind === "avg" ? "nothing" : "inputs",
    backwardScratchBytes: poolScratch(plan),
    forward: ({ y }) => forwardPool2d(kernels, { x: x.pointer, y: y.pointer, window: window.pointer }, plan),
    backward: ({ dy, dxs: [dx], scratch }) => {
      const at = { dy: dy.pointer, x: x.pointer, dx: dx.pointer, window: window.pointer, scratch };
      backwardPool2d(kernels, at, plan);
    },
  });
}
