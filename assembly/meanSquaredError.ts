import { loadSome, storeSome, sum4 } from "./simd";

// x [M,C], targets [M,C], weights w [M] (or null: 1) -> losses [M] = w mean((x - t)^2), dx = 2 w scale (x - t) [M,C]
// (written; or null; may be x): with scale = 1 / (M C) the gradient of the mean of losses
export function meanSquaredError(
  x: usize, targets: usize, weights: usize, losses: usize, dx: usize, M: i32, C: i32, scale: f32,
): void {
  const whole = <usize>(C & ~3) << 2, rest = C & 3, row = <usize>C << 2;
  for (let i = 0; i < M; i++, x += row, targets += row, losses += 4) {
    const w: f32 = weights ? load<f32>(weights + (<usize>i << 2)) : 1, factor = f32x4.splat(2 * w * scale);
    let sum = i32x4.splat(0);
    for (let at: usize = 0; at < whole; at += 16) {
      const d = f32x4.sub(v128.load(x + at), v128.load(targets + at));
      sum = f32x4.add(sum, f32x4.mul(d, d));
      if (dx) v128.store(dx + at, f32x4.mul(factor, d));
    }
    if (rest) {
      const d = f32x4.sub(loadSome(x + whole, rest), loadSome(targets + whole, rest));
      sum = f32x4.add(sum, f32x4.mul(d, d));
      if (dx) storeSome(dx + whole, f32x4.mul(factor, d), rest);
    }
    store<f32>(losses, w * sum4(sum) / <f32>C);
    if (dx) dx += row;
  }
}
