// @tensorflow/tfjs-backend-wasm (XNNPACK, tfjs-backend-wasm-simd.wasm; tfjs itself switches threads off in Node).
import { createRequire } from "node:module";
import path from "node:path";
import { tfjsContender } from "../lib/tfjs-adapter.mjs";

const require = createRequire(import.meta.url);
const tf = require("@tensorflow/tfjs-core");
const wasm = require("@tensorflow/tfjs-backend-wasm");

async function init() {
  wasm.setWasmPaths(`${path.dirname(require.resolve("@tensorflow/tfjs-backend-wasm"))}/`);
  await tf.setBackend("wasm");
  await tf.ready();
}

export default tfjsContender(tf, { name: "tfjs-wasm", backend: "wasm", init });
