// Single ops of jax-js as { fn, params }: fn(x, ...params) -> y, consuming its arguments.
//
// jit() of a padded conv fuses the zero padding into the scalar inner loop (0.4 GFLOP/s instead of 3), so the padding
// is a step of its own: that is the fastest way to call the library's conv.
import { jit, lax, numpy as np } from "@jax-js/jax";
import { activate, horizontal, padBy, resident, vertical } from "./jax-common.mjs";
import { convByTaps, maxPoolByTaps } from "./jax-taps.mjs";
import { flatRows, hwio2oihw } from "./layout.mjs";

/** x -> x zero-padded as workload n says. */
export function padFunction(n) {
  return (x) => padBy(x, [vertical(n), vertical(n)], [horizontal(n), horizontal(n)]);
}

export function convFunction(n, taps) {
  const depthwise = n.type === "dwconv" || n.op === "dwconv";
  if (taps && (depthwise || n.N === 1)) return convByTaps(n, depthwise);

  const cin = depthwise ? 1 : n.C;
  const options = depthwise ? { featureGroupCount: n.C } : {};
  if (n.D > 1) options.rhsDilation = [n.D, n.D];
  const noPadding = [
    [0, 0],
    [0, 0],
  ];
  const conv = jit((x, w, b) => {
    const y = lax.convGeneralDilated(x, w, [n.S, n.S], noPadding, options).add(b);
    return activate(y, n.act);
  });
  const pad = vertical(n) || horizontal(n) ? jit(padFunction(n)) : (x) => x;
  const w = resident(hwio2oihw(n.w, n.KH, n.KW, cin, n.K), [n.K, cin, n.KH, n.KW]);
  return { fn: (x, w, b) => conv(pad(x), w, b), params: [w, resident(n.b, [1, n.K, 1, 1])] };
}

export function denseFunction(n) {
  const weights = n.flat ? flatRows(n.w, n.flat, n.Out) : n.w;
  const flatten = (x) => (n.flat ? x.reshape([n.N, n.In]) : x);
  const fn = jit((x, w, b) => activate(np.dot(flatten(x), w).add(b), n.act));
  return { fn, params: [resident(weights, [n.In, n.Out]), resident(n.b, [n.Out])] };
}

/** Max pooling of [N,C,H,W]. np.pad knows zeros only, so padding also adds a mask that is very low outside. */
export function poolFunction(n, [N, C, H, W], taps) {
  const [PY, PX] = [vertical(n), horizontal(n)];
  const [HP, WP] = [H + 2 * PY, W + 2 * PX];
  const window = taps
    ? maxPoolByTaps(n, [N, C, HP, WP])
    : jit((x) => lax.reduceWindow(x, np.max, [n.KH, n.KW], [n.S, n.S]));
  if (!PY && !PX) return { fn: window, params: [] };

  const pad = jit((x, mask) => padFunction(n)(x).add(mask));
  const mask = resident(lowOutside(HP, WP, PY, PX), [1, 1, HP, WP]);
  return { fn: (x, mask) => window(pad(x, mask)), params: [mask] };
}

function lowOutside(HP, WP, PY, PX) {
  const mask = new Float32Array(HP * WP).fill(-3e38);
  for (let y = PY; y < HP - PY; y++) mask.fill(0, y * WP + PX, (y + 1) * WP - PX);
  return mask;
}
