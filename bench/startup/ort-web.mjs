import fs from "node:fs";
import * as ort from "onnxruntime-web";

ort.env.wasm.numThreads = 1;
const model = fs.readFileSync(new URL("../out/startup.onnx", import.meta.url));
const session = await ort.InferenceSession.create(new Uint8Array(model), { intraOpNumThreads: 1 });
const X = new ort.Tensor("float32", new Float32Array(16 * 28 * 28).fill(1), [1, 16, 28, 28]);
const { Y } = await session.run({ X });
console.log(performance.now(), Y.data[0]);
process.exit(0);
