// onnxruntime-node (native MLAS), graph optimisation "all" (may use the NCHWc kernels, with reorders).
import ort from "onnxruntime-node";
import { ortContender } from "../lib/ort-adapter.mjs";

const intraOpNumThreads = Number(process.env.BENCH_THREADS ?? 1);

export default ortContender(ort, {
  name: "ort-node",
  mode: "compute",
  level: "all",
  sessionOptions: { intraOpNumThreads },
});
