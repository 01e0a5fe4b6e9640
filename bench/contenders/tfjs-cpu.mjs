// @tensorflow/tfjs-backend-cpu (plain JS). Only for the small workloads: it takes seconds on the large ones.
import { createRequire } from "node:module";
import { tfjsContender } from "../lib/tfjs-adapter.mjs";

const require = createRequire(import.meta.url);
const tf = require("@tensorflow/tfjs-core");
require("@tensorflow/tfjs-backend-cpu");

export default tfjsContender(tf, {
  name: "tfjs-cpu",
  backend: "cpu",
  init: () => tf.setBackend("cpu"),
  supports: (w) => w.macs < 60e6,
});
