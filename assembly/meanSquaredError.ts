import { loadSome, storeSome, sum4 } from "./simd";

// x [M,C], targets [M,C], weights w [M] (or null: 1) -> losses [M] = w mean((x - t)^2), dx = 2 w scale (x - t) [M,C]
// (written; or null; may be x): with scale = 1 / (M C) the gradient of the mean of losses
export function meanSquaredError(
  x: usize, targets: usize, weights: usize, losses: usize, dx: usize, M: i32, C: i32, scale: f32,
): void {
  const row = <usize>C << 2;
  for (let i = 0; i < M; i++, x += row, targets += row, losses += 4) {
    const w: f32 = weights ? load<f32>(weights + (<usize>i << 2)) : 1, factor = f32x4.splat(2 * w * scale);
    let sum = i32x4.splat(0);
    for (let c = 0; c < C; c += 4) {
      const at = <usize>c << 2, count = C - c;
      const d = f32x4.sub(loadSome(x + at, count), loadSome(targets + at, count));
      sum = f32x4.add(sum, f32x4.mul(d, d));
      if (dx) storeSome(dx + at, f32x4.mul(factor, d), count);
    }
    store<f32>(losses, w * sum4(sum) / <f32>C);
    if (dx) dx += row;
  }
}
