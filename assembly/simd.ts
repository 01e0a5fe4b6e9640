// What every kernel shares: the one relaxed-SIMD switch, horizontal sums, doubles, loads and stores of fewer than four floats.

/** a * b + c: fused where the relaxed binary allows it, two roundings in the plain one. */
@inline
export function madd(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, c);
  else return f32x4.add(c, f32x4.mul(a, b));
}

/** (x0 + x2) + (x1 + x3): always in this order, so that every machine rounds alike. */
@inline
export function sum4(x: v128): f32 {
  const pairs = f32x4.add(x, v128.shuffle<f32>(x, x, 2, 3, 0, 1));
  return f32x4.extract_lane(pairs, 0) + f32x4.extract_lane(pairs, 1);
}

/** The two low floats of x as doubles. */
@inline
export function low(x: v128): v128 {
  return f64x2.promote_low_f32x4(x);
}

/** The two high ones. */
@inline
export function high(x: v128): v128 {
  return f64x2.promote_low_f32x4(v128.shuffle<f32>(x, x, 2, 3, 2, 3));
}

/** The first `count` (1 to 4) floats at `p`, zeros in the other lanes; reads nothing behind them. */
@inline
export function loadSome(p: usize, count: i32): v128 {
  if (count >= 4) return v128.load(p);
  let x = v128.load32_zero(p);
  if (count > 1) x = v128.load32_lane(p, x, 1, 4);
  if (count > 2) x = v128.load32_lane(p, x, 2, 8);
  return x;
}

/** Stores the first `count` (1 to 4) lanes at `p`; writes nothing behind them. */
@inline
export function storeSome(p: usize, x: v128, count: i32): void {
  if (count >= 4) {
    v128.store(p, x);
    return;
  }
  v128.store32_lane(p, x, 0);
  if (count > 1) v128.store32_lane(p, x, 1, 4);
  if (count > 2) v128.store32_lane(p, x, 2, 8);
}

const LANES = memory.data<i32>([-1, -1, -1, -1, 0, 0, 0, 0]);

/** All bits in the first `count` (0 to 4) lanes. */
@inline
export function firstLanes(count: i32): v128 {
  return v128.load(LANES + (<usize>(4 - count) << 2));
}

/** Fills `count` floats. */
export function fill(p: usize, count: i32, value: f32): void {
  if (reinterpret<u32>(value) == 0) {
    memory.fill(p, 0, <usize>count << 2);
    return;
  }
  const splat = f32x4.splat(value);
  for (; count >= 4; count -= 4, p += 16) v128.store(p, splat);
  if (count > 0) storeSome(p, splat, count);
}
