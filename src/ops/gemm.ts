/** What the ops that multiply matrices share: the counterpart of assembly/gemm.ts and gather.ts. */

/** Activations that cost nothing when a convolution or dense layer writes its sums. */
export type FusedActivation = "linear" | "relu" | "relu6";

/** Their numbers, as in assembly/gemm.ts. */
export const FUSED_ACTIVATIONS: Readonly<Record<FusedActivation, number>> = { linear: 0, relu: 1, relu6: 2 };

/** Or-ed to one of them: add to what lies in the output. The two together are what kernels call an epilogue. */
export const ACCUMULATE = 4;

/** Their names. */
export const FUSED_NAMES: readonly FusedActivation[] = ["linear", "relu", "relu6"];

/** Panels of 8 columns that so many columns need. */
export function panels(columns: number): number {
  return Math.ceil(columns / 8);
}

/** Bytes of a panel of `k` rows and its biases. */
export function panelBytes(k: number): number {
  return (k + 1) * 32;
}

/** Scratch of assembly/gather.ts: struct, zeros, tap tables, and a block of 24 tiles. */
export function gatherBytes(taps: number, run: number): number {
  return 128 + Math.ceil(run / 16) * 64 + taps * 32 + 24 * (48 + taps * 16);
}

/** Scratch of assembly/strip.ts: struct, and a block of 24 tiles. */
export const STRIP_BYTES: number = 64 + 24 * 48;
