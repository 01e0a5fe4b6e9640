import { conv2d, maxPool, setBackend, tensor4d } from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";

await setBackend("cpu");
const x = tensor4d(new Float32Array(28 * 28 * 16), [1, 28, 28, 16]);
const w = tensor4d(new Float32Array(9 * 256), [3, 3, 16, 16]);
const y = maxPool(conv2d(x, w, 1, "same"), 2, 2, "valid");
console.log(y.dataSync()[0]);
