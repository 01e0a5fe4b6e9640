// Elements on their way from one order to another: slices, transposes, mirror images, blocks of pixels that become channels.

// y[i y0 + j y1 + k y2] = x[i x0 + j x1 + k x2] for i < N0, j < N1, k < N2; strides in floats, which may be negative
export function move(
  x: usize, y: usize, N0: i32, N1: i32, N2: i32, x0: i32, x1: i32, x2: i32, y0: i32, y1: i32, y2: i32,
): void {
  for (; N0 > 0; N0--, x += x0 << 2, y += y0 << 2) {
    if (x2 == 1 && y2 == 1) rows(x, y, N1, N2, x1, y1);
    else if (x1 == 1 && y2 == 1) turn(x, y, N1, N2, x2, y1);
    else scatter(x, y, N1, 0, N2, x1, x2, y1, y2);
  }
}

/** Rows that lie in one piece on both sides. Short ones are not worth a call of memory.copy. */
@inline
function rows(x: usize, y: usize, N1: i32, N2: i32, x1: i32, y1: i32): void {
  for (; N1 > 0; N1--, x += x1 << 2, y += y1 << 2) {
    let p = x, q = y, n = N2;
    for (; n >= 4; n -= 4, p += 16, q += 16) v128.store(q, v128.load(p));
    for (; n > 0; n--, p += 4, q += 4) store<f32>(q, load<f32>(p));
  }
}

/** A matrix and its transpose, four by four: j runs along the rows of x, k along those of y. */
@inline
function turn(x: usize, y: usize, N1: i32, N2: i32, x2: i32, y1: i32): void {
  const from = x2 << 2, to = y1 << 2;
  let j = 0;
  for (; j + 4 <= N1; j += 4, x += 16, y += to << 2) {
    let p = x, q = y, k = 0;
    for (; k + 4 <= N2; k += 4, p += from << 2, q += 16) {
      const a = v128.load(p), b = v128.load(p + from), c = v128.load(p + 2 * from), d = v128.load(p + 3 * from);
      const ab = v128.shuffle<f32>(a, b, 0, 4, 1, 5), cd = v128.shuffle<f32>(c, d, 0, 4, 1, 5);
      const ef = v128.shuffle<f32>(a, b, 2, 6, 3, 7), gh = v128.shuffle<f32>(c, d, 2, 6, 3, 7);
      v128.store(q, v128.shuffle<f32>(ab, cd, 0, 1, 4, 5));
      v128.store(q + to, v128.shuffle<f32>(ab, cd, 2, 3, 6, 7));
      v128.store(q + 2 * to, v128.shuffle<f32>(ef, gh, 0, 1, 4, 5));
      v128.store(q + 3 * to, v128.shuffle<f32>(ef, gh, 2, 3, 6, 7));
    }
    scatter(x, y, 4, k, N2, 1, x2, y1, 1);
  }
  scatter(x, y, N1 - j, 0, N2, 1, x2, y1, 1);
}

/** One element at a time, k from `first` on. */
function scatter(
  x: usize, y: usize, N1: i32, first: i32, N2: i32, x1: i32, x2: i32, y1: i32, y2: i32,
): void {
  for (; N1 > 0; N1--, x += x1 << 2, y += y1 << 2) {
    for (let k = first; k < N2; k++) store<f32>(y + (k * y2 << 2), load<f32>(x + (k * x2 << 2)));
  }
}
