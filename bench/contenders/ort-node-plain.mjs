// onnxruntime-node, graph optimisation off: the im2col + GEMM kernels without the NCHWc layout change.
import ort from "onnxruntime-node";
import { ortContender } from "../lib/ort-adapter.mjs";

const intraOpNumThreads = Number(process.env.BENCH_THREADS ?? 1);

export default ortContender(ort, {
  name: "ort-node-plain",
  mode: "compute",
  bakeInput: true,
  sessionOptions: { intraOpNumThreads },
});
