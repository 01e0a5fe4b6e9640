/**
 * Functions of doubles from + - * / alone. Math.log, Math.cos and Math.pow may differ between JavaScript engines in the last
 * bits (ECMAScript leaves them "implementation-approximated"); these give the same bits everywhere, so that the same seed
 * gives the same network. Only Math.floor and Math.abs, which are exact, are used besides.
 */

/** ln 2 and pi/2 in parts: the first has so few bits that its products with small whole numbers are exact (fdlibm). */
const LN2_HIGH = 0.6931471803691238;
const LN2_LOW = 1.9082149292705877e-10;
const HALF_PI_HIGH = 1.5707963267341256;
const HALF_PI_MIDDLE = 6.077100506303966e-11;
const HALF_PI_LOW = 2.0222662487959506e-21;

/**
 * The natural logarithm, within 2 units in the last place; ln(0) = -Infinity, NaN below 0.
 *
 * x = 2^e * m with m in [sqrt(1/2), sqrt(2)); ln m = 2 artanh s, s = (m - 1) / (m + 1), by its series.
 */
export function ln(x: number): number {
  if (!(x > 0) || x === Number.POSITIVE_INFINITY) return x === 0 ? Number.NEGATIVE_INFINITY : x > 0 ? x : Number.NaN;
  let m = x;
  let e = 0;
  for (; m >= 2 ** 32; e += 32) m /= 2 ** 32;
  for (; m < 2 ** -32; e -= 32) m *= 2 ** 32;
  for (; m >= Math.SQRT2; e++) m /= 2;
  for (; m < Math.SQRT1_2; e--) m *= 2;
  const s = (m - 1) / (m + 1);
  const square = s * s;
  let series = 0;
  for (let k = 23; k > 1; k -= 2) series = square * (1 / k + series);
  return e * LN2_HIGH + (2 * (s + s * series) + e * LN2_LOW);
}

/** e^x, within 2 units in the last place where it is normal: 2^n e^r with r in [-ln 2 / 2, ln 2 / 2], e^r by its series. */
export function exp(x: number): number {
  if (Number.isNaN(x) || x > 710) return x + Number.POSITIVE_INFINITY;
  const n = Math.floor(Math.max(x, -746) / (LN2_HIGH + LN2_LOW) + 0.5);
  const r = Math.max(x, -746) - n * LN2_HIGH - n * LN2_LOW;
  let series = 1;
  for (let k = 15; k > 0; k--) series = 1 + (r / k) * series;
  const half = Math.floor(n / 2); // 2^n itself may be too large, or too small
  return series * powInt(2, half) * powInt(2, n - half);
}

/** base^x for base > 0, to about 1e-15 where x is small; for whole x the powers of powInt. */
export function pow(base: number, x: number): number {
  const whole = Math.floor(x);
  return powInt(base, whole) * exp((x - whole) * ln(base));
}

/** The cosine for |x| <= 10^6, within 1e-15; NaN for an infinity or NaN. */
export function cos(x: number): number {
  const quarters = Math.floor(x / (HALF_PI_HIGH + HALF_PI_MIDDLE) + 0.5);
  const r = x - quarters * HALF_PI_HIGH - quarters * HALF_PI_MIDDLE - quarters * HALF_PI_LOW;
  const quadrant = quarters - 4 * Math.floor(quarters / 4);
  const value = quadrant === 1 || quadrant === 3 ? r * taylor(r, 1) : taylor(r, 0);
  return quadrant === 1 || quadrant === 2 ? -value : value;
}

/** cos r (first = 0) or sin r / r (first = 1) for |r| <= pi/4: 1 - r^2/(1*2) (1 - r^2/(3*4) (...)), and so on. */
function taylor(r: number, first: 0 | 1): number {
  let sum = 1;
  for (let k = 18 + first; k > first; k -= 2) sum = 1 - ((r * r) / (k * (k - 1))) * sum;
  return sum;
}

/** base^n for a whole number n, by squaring; negative n gives 1 / base^-n. */
export function powInt(base: number, n: number): number {
  let result = 1;
  let square = base;
  for (let rest = Math.abs(n); rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) result *= square;
    square *= square;
  }
  return n < 0 ? 1 / result : result;
}
