import * as striate from "striate/core";
import relaxed from "striate/relaxed.wasm";
import simd from "striate/simd.wasm";
import { smoke } from "./smoke.js";

const modules = { simd, relaxed };

export default {
  fetch: async () => Response.json(await smoke(striate, { module: (binary) => modules[binary] })),
};
