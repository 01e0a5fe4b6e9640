import * as striate from "striate/core";
import relaxed from "striate/relaxed.wasm";
import relaxedExtra from "striate/relaxed-extra.wasm";
import simd from "striate/simd.wasm";
import simdExtra from "striate/simd-extra.wasm";
import { smoke } from "./smoke.js";

const modules = { simd, "simd-extra": simdExtra, relaxed, "relaxed-extra": relaxedExtra };

export default {
  fetch: async () => Response.json(await smoke(striate, { module: (file) => modules[file] })),
};
