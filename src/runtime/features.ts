/** What this host can run, found by asking it, never by its name. */

/** The two binaries: plain SIMD, the same bits everywhere, and relaxed SIMD, which is faster. */
export type Binary = "simd" | "relaxed";

/** The files that hold kernels: each binary, and beside it the second module, with those that few programs need. */
export type KernelFile = Binary | `${Binary}-extra`;

/** What this host can run, found by asking it. */
export interface Features {
  /** 128-bit SIMD: needed. */
  readonly simd: boolean;
  /** Relaxed SIMD (fused multiply-add): used where it is there and bit-exactness is not asked for. */
  readonly relaxedSimd: boolean;
  /** SharedArrayBuffer exists. */
  readonly sharedMemory: boolean;
  /** The page is cross-origin isolated, so that shared memory may be used; true outside pages. */
  readonly crossOriginIsolated: boolean;
  /** The binary that runs. */
  readonly binary: Binary;
  /** Why this binary and not a faster one. */
  readonly reason: string;
}

/** (module (func (result v128) i32.const 0 i8x16.splat)) */
const SIMD_PROBE = [
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 8, 1, 6, 0, 65, 0, 253, 15, 11,
];

/** (module (func (result v128) three zero vectors, f32x4.relaxed_madd)) */
const RELAXED_PROBE = [
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 19, 1, 17, 0, 65, 0, 253, 15, 65, 0, 253, 15, 65,
  0, 253, 15, 253, 133, 2, 11,
];

/** Probes the host and chooses the binary: relaxed where it can run, simd where not or where `deterministic` is asked for. */
export function detectFeatures(deterministic: boolean): Features {
  const simd = WebAssembly.validate(new Uint8Array(SIMD_PROBE));
  const relaxedSimd = WebAssembly.validate(new Uint8Array(RELAXED_PROBE));
  const isolated = (globalThis as { crossOriginIsolated?: boolean }).crossOriginIsolated;
  const host = {
    simd,
    relaxedSimd,
    sharedMemory: typeof SharedArrayBuffer !== "undefined",
    crossOriginIsolated: isolated ?? true,
  };
  if (!relaxedSimd) return { ...host, binary: "simd", reason: "this engine has no relaxed SIMD" };
  if (deterministic)
    return { ...host, binary: "simd", reason: "deterministic: relaxed SIMD may differ in the last bit" };
  return { ...host, binary: "relaxed", reason: "the fastest binary there is" };
}

/** The features with the binary that did come: one that the user brought need not be the one that was asked for. */
export function toldBy(binary: Binary, features: Features): Features {
  return binary === features.binary ? features : { ...features, binary, reason: "the module given to init" };
}
