// What the machine can do, for bench/roofline.mjs: multiply-adds in registers, and moving bytes.
// AssemblyScript: it is compiled when the benchmark runs.
// @ts-nocheck

/** `times` rounds of 12 independent multiply-adds of four floats: nothing but the arithmetic units is busy. */
export function multiplyAdd(times: i32, a: f32, b: f32): f32 {
  const x = f32x4.splat(a),
    y = f32x4.splat(b);
  let c0 = x,
    c1 = x,
    c2 = x,
    c3 = x,
    c4 = x,
    c5 = x,
    c6 = y,
    c7 = y,
    c8 = y,
    c9 = y,
    c10 = y,
    c11 = y;
  do {
    c0 = f32x4.add(f32x4.mul(c0, x), y);
    c1 = f32x4.add(f32x4.mul(c1, x), y);
    c2 = f32x4.add(f32x4.mul(c2, x), y);
    c3 = f32x4.add(f32x4.mul(c3, x), y);
    c4 = f32x4.add(f32x4.mul(c4, x), y);
    c5 = f32x4.add(f32x4.mul(c5, x), y);
    c6 = f32x4.add(f32x4.mul(c6, x), y);
    c7 = f32x4.add(f32x4.mul(c7, x), y);
    c8 = f32x4.add(f32x4.mul(c8, x), y);
    c9 = f32x4.add(f32x4.mul(c9, x), y);
    c10 = f32x4.add(f32x4.mul(c10, x), y);
    c11 = f32x4.add(f32x4.mul(c11, x), y);
  } while (--times);
  c0 = f32x4.add(f32x4.add(f32x4.add(c0, c1), f32x4.add(c2, c3)), f32x4.add(f32x4.add(c4, c5), f32x4.add(c6, c7)));
  return f32x4.extract_lane(f32x4.add(c0, f32x4.add(f32x4.add(c8, c9), f32x4.add(c10, c11))), 0);
}

/** Flops of a round. */
export const FLOPS: i32 = 12 * 8;

/** Reads `bytes` (a multiple of 64) from p on. */
export function read(p: usize, bytes: i32): f32 {
  let a = f32x4.splat(0),
    b = a,
    c = a,
    d = a;
  for (const end = p + bytes; p < end; p += 64) {
    a = f32x4.add(a, v128.load(p));
    b = f32x4.add(b, v128.load(p, 16));
    c = f32x4.add(c, v128.load(p, 32));
    d = f32x4.add(d, v128.load(p, 48));
  }
  return f32x4.extract_lane(f32x4.add(f32x4.add(a, b), f32x4.add(c, d)), 0);
}

/** Copies `bytes` (a multiple of 64). */
export function copy(from: usize, to: usize, bytes: i32): void {
  for (const end = from + bytes; from < end; from += 64, to += 64) {
    v128.store(to, v128.load(from));
    v128.store(to, v128.load(from, 16), 16);
    v128.store(to, v128.load(from, 32), 32);
    v128.store(to, v128.load(from, 48), 48);
  }
}
