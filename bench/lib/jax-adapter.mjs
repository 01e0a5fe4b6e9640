// Shared by jax-js and jax-js-taps (@jax-js/jax 0.1.x, wasm device; NCHW / OIHW). Weights and input are resident
// arrays, every op is jitted. jax-js counts references: a function consumes its arguments, `.ref` keeps one alive.
import { defaultDevice, init, jit, lax, nn, numpy as np } from "@jax-js/jax";
import { resident } from "./jax-common.mjs";
import { netFunction } from "./jax-net.mjs";
import { convFunction, denseFunction, padFunction, poolFunction } from "./jax-ops.mjs";
import { nchw2nhwc, nhwc2nchw } from "./layout.mjs";

/**
 * @param {{ name: string, taps: boolean, supports: (w) => boolean }} options
 *   taps false: lax.convGeneralDilated and lax.reduceWindow;
 *   true: written by hand on top of the library, as sums over shifted views (jax-taps.mjs)
 */
export function jaxContender({ name, taps, supports }) {
  return {
    name,
    layout: "NCHW",
    supports,
    async init() {
      await init("wasm");
      defaultDevice("wasm");
    },
    async create(w, d) {
      const x = await inputArray(w, d).blockUntilReady();
      const { fn, params } = w.type === "net" ? netFunction(d.graph, taps) : opFunction({ ...w, w: d.w, b: d.b }, taps);
      for (const param of params) await param.blockUntilReady();
      const call = () => fn(x.ref, ...params.map((param) => param.ref));
      return {
        async run() {
          const y = call();
          await y.blockUntilReady();
          y.dispose();
        },
        async output() {
          const y = call();
          const shape = y.shape;
          return toCanonical(await y.data(), shape);
        },
        dispose() {
          x.dispose();
          for (const param of params) param.dispose();
        },
      };
    },
  };
}

function inputArray(w, d) {
  if (w.type === "dense") return resident(d.x, [w.N, w.In]);
  if (w.type === "softmax") return resident(d.x, [w.N, w.C]);
  const [N, H, W, C] = w.type === "net" ? d.graph.inputShape : [w.N, w.H, w.W, w.C];
  return resident(nhwc2nchw(d.x, N, H, W, C), [N, C, H, W]);
}

function toCanonical(values, shape) {
  if (shape.length !== 4) return Float32Array.from(values);
  const [N, C, H, W] = shape;
  return nchw2nhwc(values, N, H, W, C);
}

/** { fn, params } of a single op: fn(x, ...params) -> y. */
function opFunction(n, taps) {
  switch (n.type) {
    case "conv":
    case "dwconv":
      return convFunction(n, taps);
    case "dense":
      return denseFunction(n);
    case "maxpool":
      return poolFunction(n, [n.N, n.C, n.H, n.W], taps);
    case "avgpool":
      return { fn: averagePool(n), params: [] };
    case "pad":
      return { fn: jit(padFunction(n)), params: [] };
    case "softmax":
      return { fn: jit((x) => nn.softmax(x, -1)), params: [] };
    default:
      throw new Error(`no jax-js op for type ${n.type}`);
  }
}

function averagePool(n) {
  if (n.OH === 1 && n.OW === 1) return jit((x) => x.mean([2, 3]).reshape([n.N, n.C, 1, 1]));
  return jit((x) => lax.reduceWindow(x, np.mean, [n.KH, n.KW], [n.S, n.S]));
}
