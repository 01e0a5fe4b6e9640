// onnxruntime-web (MLAS, ort-wasm-simd-threaded.wasm), compute only.
import * as ort from "onnxruntime-web";
import { ortContender } from "../lib/ort-adapter.mjs";

ort.env.wasm.numThreads = Number(process.env.BENCH_THREADS ?? 1);
ort.env.logLevel = "error";

export default ortContender(ort, { name: "ort-web", mode: "compute", bakeInput: true });
