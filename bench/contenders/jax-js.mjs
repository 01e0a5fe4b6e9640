// @jax-js/jax, wasm device: lax.convGeneralDilated + bias in jit(). One thread in Node (there is no global Worker).
// Relaxed SIMD is used where the engine has it (Node >= 22); Node 20 multiplies and adds.
import { jaxContender } from "../lib/jax-adapter.mjs";

export default jaxContender({ name: "jax-js", taps: false, supports: (w) => w.type !== "avgpool" || !padded(w) });

const padded = (w) => Boolean(w.P || w.PY || w.PX);
