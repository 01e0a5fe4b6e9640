// The fastest we could write by hand on top of jax-js: a convolution as the sum over its taps of np.dot(w[tap], shifted
// x), depthwise convolution and max pooling likewise.
import { jit, numpy as np } from "@jax-js/jax";
import { activate, horizontal, padBy, resident, vertical } from "./jax-common.mjs";

/**
 * prepare(x) pads and, for stride > 1, splits the image into contiguous phases;
 * views(prepared) lists the image as each tap sees it, [N,C,OH,OW].
 */
function tapViews(n, [N, C, H, W], [PY, PX]) {
  const { S, KH, KW, OH, OW } = n;
  const D = n.D ?? 1;
  const HP = S * (Math.floor(((KH - 1) * D) / S) + OH);
  const WP = S * (Math.floor(((KW - 1) * D) / S) + OW);

  const prepare = (x) => {
    let padded = padBy(x, [PY, Math.max(0, HP - H - PY)], [PX, Math.max(0, WP - W - PX)]);
    const larger = padded.shape[2] > HP || padded.shape[3] > WP;
    if (larger) padded = padded.slice([], [], [0, HP], [0, WP]);
    if (S === 1) return padded;
    return np.transpose(padded.reshape([N, C, HP / S, S, WP / S, S]), [3, 5, 0, 1, 2, 4]);
  };

  const view = (prepared, ky, kx) => {
    const [y, x] = [Math.floor((ky * D) / S), Math.floor((kx * D) / S)];
    const phase = S > 1 ? [(ky * D) % S, (kx * D) % S] : [];
    return prepared.ref.slice(...phase, [], [], [y, y + OH], [x, x + OW]);
  };
  const views = (prepared) => {
    const all = [];
    for (let ky = 0; ky < KH; ky++) {
      for (let kx = 0; kx < KW; kx++) all.push(view(prepared, ky, kx));
    }
    prepared.dispose();
    return all;
  };
  return { prepare, views };
}

/** sum over taps of combine(view, w[tap]); consumes views and w. */
function sumOverTaps(views, w, combine) {
  const sum = views.map((view, tap) => combine(view, w.ref.slice(tap))).reduce((a, b) => a.add(b));
  w.dispose();
  return sum;
}

export function convByTaps(n, depthwise) {
  const padding = [vertical(n), horizontal(n)];
  const { prepare, views } = tapViews(n, [n.N, n.C, n.H, n.W], padding);
  // The phases of a strided image are prepared in a jit of their own; a plain padding fuses well here.
  const strided = n.S > 1;
  const split = jit(prepare);
  const taps = (x) => views(strided ? x : prepare(x));
  const call = (fn) => (strided ? (x, w, b) => fn(split(x), w, b) : fn);

  if (depthwise) return depthwiseByTaps(n, taps, call);
  // Shifted views are SIMD only for contiguous rows of a multiple of 4 pixels; elsewhere im2col is materialised.
  if (strided || n.OW % 4) return convByColumns(n, split, views);
  return convByDots(n, taps, call);
}

function depthwiseByTaps(n, taps, call) {
  const fn = jit((x, w, b) => activate(sumOverTaps(taps(x), w, (view, tap) => view.mul(tap)).add(b), n.act));
  const w = resident(n.w, [n.KH * n.KW, 1, n.K, 1, 1]);
  return { fn: call(fn), params: [w, resident(n.b, [1, n.K, 1, 1])] };
}

function convByDots(n, taps, call) {
  const pixels = n.OH * n.OW;
  const fn = jit((x, w, b) => {
    const sum = sumOverTaps(taps(x), w, (view, tap) => np.dot(tap, view.reshape([n.C, pixels])));
    return activate(sum.reshape([1, n.K, n.OH, n.OW]).add(b), n.act);
  });
  const count = n.KH * n.KW;
  const w = new Float32Array(n.w.length); // [tap][K][C]
  for (let t = 0; t < count; t++) w.set(transposed(n.w.subarray(t * n.C * n.K), n.C, n.K), t * n.C * n.K);
  return { fn: call(fn), params: [resident(w, [count, n.K, n.C]), resident(n.b, [1, n.K, 1, 1])] };
}

function convByColumns(n, split, views) {
  const pixels = n.OH * n.OW;
  const depth = n.KH * n.KW * n.C;
  const im2col = jit((x) =>
    np.concatenate(
      views(x).map((view) => view.reshape([n.C, pixels])),
      0,
    ),
  );
  const pointwise = n.KH * n.KW === 1 && n.S === 1;
  const columns = (x) => (pointwise ? x.reshape([n.C, pixels]) : im2col(split(x)));
  const dot = jit((c, w, b) => activate(np.dot(w, c).reshape([1, n.K, n.OH, n.OW]).add(b), n.act));
  const w = resident(transposed(n.w, depth, n.K), [n.K, depth]);
  return { fn: (x, w, b) => dot(columns(x), w, b), params: [w, resident(n.b, [1, n.K, 1, 1])] };
}

/** [rows][columns] -> [columns][rows]. */
function transposed(w, rows, columns) {
  const y = new Float32Array(rows * columns);
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++) y[c * rows + r] = w[r * columns + c];
  }
  return y;
}

/** Max pooling of an image [N,C,H,W] that is padded already. */
export function maxPoolByTaps(n, [N, C, H, W]) {
  const OH = Math.floor((H - n.KH) / n.S) + 1;
  const OW = Math.floor((W - n.KW) / n.S) + 1;
  const { prepare, views } = tapViews({ ...n, OH, OW }, [N, C, H, W], [0, 0]);
  const split = n.S > 1 ? jit(prepare) : prepare;
  const maximum = jit((prepared) => views(prepared).reduce((a, b) => np.maximum(a, b)));
  return (x) => maximum(split(x));
}
