// onnxruntime-web, session.run() as a user calls it: copies of input and output included.
import * as ort from "onnxruntime-web";
import { ortContender } from "../lib/ort-adapter.mjs";

ort.env.wasm.numThreads = Number(process.env.BENCH_THREADS ?? 1);
ort.env.logLevel = "error";

export default ortContender(ort, { name: "ort-web-api", mode: "api", level: "all" });
