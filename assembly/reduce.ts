// Sums over a whole buffer, in double precision: two lanes of even and odd elements, always in the same order.

import { high, loadSome, low } from "./simd";

const PLAIN: i32 = 0;
const SQUARES: i32 = 1;
const SIZES: i32 = 2;

@inline
function term(x: v128, kind: i32): v128 {
  if (kind == SQUARES) return f64x2.mul(x, x);
  if (kind == SIZES) return f64x2.abs(x);
  return x;
}

@inline
function reduce(x: usize, n: i32, kind: i32): f64 {
  let a = f64x2.splat(0), b = a;
  for (; n >= 4; n -= 4, x += 16) {
    a = f64x2.add(a, term(low(v128.load64_zero(x)), kind));
    b = f64x2.add(b, term(low(v128.load64_zero(x, 8)), kind));
  }
  if (n > 0) {
    const last = loadSome(x, n);
    a = f64x2.add(a, term(low(last), kind));
    b = f64x2.add(b, term(high(last), kind));
  }
  const both = f64x2.add(a, b);
  return f64x2.extract_lane(both, 0) + f64x2.extract_lane(both, 1);
}

// x [n] -> sum x
export function sum(x: usize, n: i32): f64 {
  return reduce(x, n, PLAIN);
}

// x [n] -> sum x^2
export function sumOfSquares(x: usize, n: i32): f64 {
  return reduce(x, n, SQUARES);
}

// x [n] -> sum |x|
export function sumOfAbs(x: usize, n: i32): f64 {
  return reduce(x, n, SIZES);
}
