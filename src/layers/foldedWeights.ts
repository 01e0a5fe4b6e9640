/** Weights of a layer, packed for its kernel, with the batch norm behind it folded in. */
import { foldIntoWeights } from "../ops/batchNorm.ts";
import type { Packing, Planner, Slot, Tail } from "../ops/planned.ts";
import type { Parameter } from "../tensor/parameter.ts";

/** A kernel whose last axes are the output channels, and its bias. */
export interface Weights {
  readonly kernel: Parameter;
  readonly bias: Parameter | undefined;
  readonly channels: number;
}

/** Adds packed weights: as they are or, where `tail.fold` is set by the time the plan is complete, with that folded in. */
export function planFoldedWeights(
  planner: Planner,
  { kernel, bias, channels }: Weights,
  tail: Tail,
  { layout, bytes }: Pick<Packing, "layout" | "bytes">,
  pack: (at: { w: number; b: number; packed: number }) => void,
): Slot {
  const own = bias === undefined ? [kernel] : [kernel, bias];
  const row = channels * 4;
  return planner.packed({
    layout,
    bytes,
    sources: () => [...own, ...(tail.fold?.parameters ?? [])],
    // scale, shift | bias | weights; or, before those, what the fold needs
    scratchBytes: () => (tail.fold === undefined ? 0 : 3 * row + Math.max(kernel.size * 4, tail.fold.scratchBytes)),
    pack: (packed, scratch) => {
      const at = { w: kernel.pointer, b: bias?.pointer ?? 0 };
      if (tail.fold === undefined) {
        pack({ ...at, packed });
        return;
      }
      tail.fold.write(scratch);
      const [folded, b, w] = [scratch, scratch + 2 * row, scratch + 3 * row];
      foldIntoWeights(planner.kernels, { ...at, folded, weights: w, bias: b }, kernel.size / channels, channels);
      pack({ w, b, packed });
    },
  });
}
