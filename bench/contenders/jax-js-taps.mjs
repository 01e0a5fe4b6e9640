// The best we could write on top of @jax-js/jax: convolutions as sums of np.dot over shifted views.
import { jaxContender } from "../lib/jax-adapter.mjs";

const TYPES = ["conv", "dwconv", "maxpool"];

export default jaxContender({
  name: "jax-js-taps",
  taps: true,
  supports: (w) => w.type === "net" || (w.N === 1 && TYPES.includes(w.type)),
});
