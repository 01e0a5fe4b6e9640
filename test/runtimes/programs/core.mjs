import * as striate from "striate/core";
import { report } from "./report.js";
import { smoke } from "./smoke.js";

report(smoke(striate, { module: (file) => new URL(import.meta.resolve(`striate/${file}.wasm`)) }));
