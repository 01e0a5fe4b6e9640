import { init, jit, lax, numpy as np } from "@jax-js/jax";

await init("wasm");
const conv = jit((x, w) => lax.convGeneralDilated(x, w, [1, 1], "SAME"));
const x = conv(np.ones([1, 16, 28, 28]), np.ones([16, 16, 3, 3]));
const y = lax.reduceWindow(x, np.max, [2, 2], [2, 2]);
console.log((await y.data())[0]);
