import * as ort from "onnxruntime-web/wasm";

const session = await ort.InferenceSession.create("/model.onnx");
const X = new ort.Tensor("float32", new Float32Array(16 * 28 * 28), [1, 16, 28, 28]);
const { Y } = await session.run({ X });
console.log(Y.data[0]);
