// What a pool makes of the cells of a window.
//
// NaN. f32x4.max keeps it, at four times the cost of pmax in V8, and pmax(a, b) = a < b ? b : a loses it in b. So spans
// take pmax and watch each cell of the input once, by adding up what they see; an image in which NaN was seen is computed
// again with max. inf - inf is a false alarm, no more.

/** What a window makes of its cells; always a constant, so that each has kernels of its own. */
export const MAX: i32 = 0;
export const MIN: i32 = 1;
export const AVERAGE: i32 = 2;
export const EXACT_MAX: i32 = 3;
export const EXACT_MIN: i32 = 4;

@inline
export function join(kind: i32, a: v128, b: v128): v128 {
  if (kind == AVERAGE) return f32x4.add(a, b);
  if (kind == MAX) return f32x4.pmax(a, b);
  if (kind == MIN) return f32x4.pmin(a, b);
  return kind == EXACT_MAX ? f32x4.max(a, b) : f32x4.min(a, b);
}

/** What joins with any value without changing it. */
@inline
export function neutral(kind: i32): v128 {
  if (kind == AVERAGE) return i32x4.splat(0);
  return f32x4.splat(kind == MAX || kind == EXACT_MAX ? -Infinity : Infinity);
}

@inline
export function watches(kind: i32): bool {
  return kind == MAX || kind == MIN;
}

/** Whether NaN was among what was added up. */
@inline
export function isNaN4(sum: v128): bool {
  return v128.any_true(f32x4.ne(sum, sum));
}
