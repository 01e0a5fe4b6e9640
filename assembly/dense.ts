import { tile_1x16 } from "./gemm";
import { packBias, packColumns, packRows, panelBytes, PANEL } from "./packing";
import { Strip, strips } from "./strip";

// w [K,O], bias [O] or null -> packed [ceil(O/8)] panels of K rows
export function densePack(w: usize, bias: usize, packed: usize, K: i32, O: i32): void {
  for (let o = 0; o < O; o += PANEL) {
    packed = packBias(bias ? bias + (<usize>o << 2) : 0, O - o, packed);
    packed = packRows(w + (<usize>o << 2), O, K, O - o, packed);
  }
}

// x [M,K], packed -> y [M,O]
export function dense(
  x: usize, packed: usize, y: usize, M: i32, K: i32, O: i32, scratch: usize, activation: i32,
): void {
  if (M == 1) {
    const step = panelBytes(K);
    for (let o = 0; o < O; o += 2 * PANEL, packed += 2 * step, y += 64) {
      // A last panel without a partner stands in for it; what the partner gives is not stored.
      tile_1x16(x, K, packed, O - o > PANEL ? packed + step : packed, y, O - o, activation);
    }
    return;
  }
  const it = changetype<Strip>(scratch);
  it.x = x; it.width = M; it.step = K << 2; it.height = 0; it.taps = 1; it.pitch = 0; it.run = K;
  it.panels = packed; it.columns = O; it.y = y; it.pixel = O << 2; it.epilogue = activation;
  strips(it, 0, M);
}

// w [K,O] -> packed [ceil(K/8)] panels of O rows: dense(dy, packed) is then dx
export function denseBackwardInputPack(w: usize, packed: usize, K: i32, O: i32): void {
  for (let k = 0; k < K; k += PANEL) {
    packed = packBias(0, 0, packed);
    packed = packColumns(w + (<usize>(k * O) << 2), O, O, K - k, packed);
  }
}
