import { init, lax, numpy as np } from "@jax-js/jax";

await init("wasm");
const x = np.array(new Float32Array(16 * 28 * 28).fill(1)).reshape([1, 16, 28, 28]);
const w = np.array(new Float32Array(9 * 256).fill(1)).reshape([16, 16, 3, 3]);
const padding = [
  [1, 1],
  [1, 1],
];
const conv = lax.convGeneralDilated(x, w, [1, 1], padding);
const y = await conv.reshape([1, 16, 14, 2, 14, 2]).max([3, 5]).data();
console.log(performance.now(), y[0]);
process.exit(0);
