// tfjs-wasm as it comes: it has no Conv2DBackpropFilter kernel, so this is expected to fail.
import { createRequire } from "node:module";
import path from "node:path";
import { tfjsTrain } from "../lib/tfjs-train.mjs";

const require = createRequire(import.meta.url);
const tf = require("@tensorflow/tfjs"); // the union package: tfjs-core alone does not register the gradients
const wasm = require("@tensorflow/tfjs-backend-wasm");

async function init() {
  wasm.setWasmPaths(`${path.dirname(require.resolve("@tensorflow/tfjs-backend-wasm"))}/`);
  await tf.setBackend("wasm");
}

export default tfjsTrain(tf, { name: "tfjs-wasm", backend: "wasm", init });
