/** The plan of a convolution, of conv2d and its relatives, and the calls that carry it out. */
import type { Kernels } from "../runtime/kernels.ts";
import { type Shape, sizeOf } from "../tensor/shape.ts";
import { type Conv2dStage, computeFilter, computeStage, packStage } from "./conv2dStages.ts";
import type { Volume } from "./conv2dVolume.ts";
import type { Window } from "./window.ts";

export interface Conv2dPlan {
  readonly window: Window;
  /** The window is that of the convolution which gives x from y. */
  readonly transposed: boolean;
  readonly output: Shape;
  /** Of conv3d: the rest of the plan is for a frame. */
  readonly volume?: Volume;
  readonly activation: number;
  /** For eager ops: w is turned around. */
  readonly flip: boolean;
  readonly forward: Conv2dStage;
  readonly input: Conv2dStage;
  readonly filter: Conv2dStage;
}

/** w [KH,KW,C/G,O], b [O] or null (0) -> packed. `window`, here and below, points to that of the stage. */
export function packConv2d(
  kernels: Kernels,
  at: { w: number; b: number; packed: number; window: number },
  { forward, window, volume }: Conv2dPlan,
): void {
  if (volume === undefined) packStage(kernels, forward, at);
  else volume.pack(kernels, forward, at, { volume, window });
}

/** x, packed -> y; `epilogue` (ops/gemm.ts) where a planned model has another than the op. */
export function forwardConv2d(
  kernels: Kernels,
  at: { x: number; packed: number; y: number; window: number; scratch: number },
  { forward, activation, window, volume }: Conv2dPlan,
  epilogue: number = activation,
): void {
  if (volume === undefined) computeStage(kernels, forward, at, epilogue);
  else volume.forward(kernels, forward, at, { volume, window }, epilogue);
}

/** dy, w -> dx (written). */
export function backwardConv2dInput(
  kernels: Kernels,
  at: { dy: number; w: number; dx: number; window: number; packed: number; scratch: number },
  { input, window, volume }: Conv2dPlan,
): void {
  const [weights, gradients] = [
    { ...at, b: 0 },
    { ...at, x: at.dy, y: at.dx },
  ];
  if (volume === undefined) {
    packStage(kernels, input, weights);
    computeStage(kernels, input, gradients, 0);
  } else {
    volume.pack(kernels, input, weights, { volume, window });
    volume.backwardInput(kernels, input, gradients, { volume, window });
  }
}

/** x, dy -> dw (accumulated), db (accumulated; 0 where there is no bias). */
export function backwardConv2dFilter(
  kernels: Kernels,
  at: { x: number; dy: number; dw: number; db: number; window: number; scratch: number },
  { filter, transposed, output, window, volume }: Conv2dPlan,
): void {
  if (volume !== undefined) volume.backwardFilter(kernels, filter, at, { volume, window });
  else computeFilter(kernels, filter, transposed ? { ...at, x: at.dy, dy: at.x } : at);
  const channels = output[output.length - 1];
  if (at.db !== 0) kernels.conv2dBackwardBias(at.dy, at.db, sizeOf(output) / channels, channels);
}
