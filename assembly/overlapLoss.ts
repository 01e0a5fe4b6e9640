// Losses that compare a row as a whole with its target, by sums over both.

import { weight } from "./crossEntropy";
import { loadSome, storeSome, sum4 } from "./simd";

// Numbers as in src/ops/overlapLoss.ts.
const COSINE: i32 = 0;
const MARGIN: i32 = 2;
/** What lengths are at least, and what both sides of the Dice fraction get added. */
const EPSILON: f32 = 1e-7;

/** (1 - t) x. */
@inline
function unlike(x: usize, t: usize): f32 {
  return (1 - load<f32>(t)) * load<f32>(x);
}

// x [M,P,C], targets [M,P,C], weights w [M] (or null: 1) -> losses [M] = w times the mean over the P rows of
// -cos(x, t), of 1 - (2 sum(x t) + epsilon) / (sum x + sum t + epsilon), or of max(1 + max((1 - t) x) - sum(x t), 0);
// dx [M,P,C] = scale w times their gradients (written; or null; may be x): each is along t, x and 1, and the best wrong class.
export function overlapLoss(
  x: usize, targets: usize, weights: usize, losses: usize, dx: usize, M: i32, P: i32, C: i32, kind: i32, scale: f32,
): void {
  const row = <usize>C << 2, isCosine = kind == COSINE;
  for (let i = 0; i < M; i++) {
    const w = weight(weights, i);
    let loss: f32 = 0;
    for (let r = 0; r < P; r++, x += row, targets += row) {
      let dot = i32x4.splat(0), ofX = dot, ofT = dot;
      for (let c = 0; c < C; c += 4) {
        const at = <usize>c << 2, v = loadSome(x + at, C - c), t = loadSome(targets + at, C - c);
        dot = f32x4.add(dot, f32x4.mul(v, t));
        ofX = f32x4.add(ofX, isCosine ? f32x4.mul(v, v) : v);
        ofT = f32x4.add(ofT, isCosine ? f32x4.mul(t, t) : t);
      }
      let alongT: f32 = 0, alongX: f32 = 0, all: f32 = 0, wrong = 0;
      if (isCosine) {
        const length = Mathf.sqrt(sum4(ofX)), long = max(length, EPSILON);
        alongT = -1 / (long * max(Mathf.sqrt(sum4(ofT)), EPSILON));
        loss += sum4(dot) * alongT;
        if (length > EPSILON) alongX = -sum4(dot) * alongT / (length * length);
      } else if (kind == MARGIN) {
        let most = unlike(x, targets);
        for (let c = 1; c < C; c++) {
          const value = unlike(x + (<usize>c << 2), targets + (<usize>c << 2));
          if (value > most) {
            most = value;
            wrong = c;
          }
        }
        const lack: f32 = most - sum4(dot) + 1;
        loss += max(lack, 0);
        if (lack > 0) alongT = -1;
      } else {
        const sum = sum4(ofX) + sum4(ofT) + EPSILON, same = sum4(dot), share = (same + same + EPSILON) / sum;
        loss += 1 - share;
        alongT = -2 / sum;
        all = share / sum;
      }
      if (dx) {
        const a = f32x4.splat(w * scale * alongT), b = f32x4.splat(w * scale * alongX), one = f32x4.splat(w * scale * all);
        for (let c = 0; c < C; c += 4) {
          const at = <usize>c << 2, n = C - c, t = f32x4.mul(a, loadSome(targets + at, n));
          storeSome(dx + at, f32x4.add(f32x4.add(t, f32x4.mul(b, loadSome(x + at, n))), one), n);
        }
        if (kind == MARGIN && alongT != 0) {
          const at = <usize>wrong << 2;
          store<f32>(dx + at, load<f32>(dx + at) + w * scale * (1 - load<f32>(targets + at)));
        }
        dx += row;
      }
    }
    store<f32>(losses + (<usize>i << 2), w * loss / <f32>P);
  }
}
