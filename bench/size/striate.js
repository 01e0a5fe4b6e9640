import { init, tensor, zeros } from "striate";
import { conv2d, maxPool2d } from "striate/ops";

await init();
const x = tensor(new Float32Array(28 * 28 * 16), [1, 28, 28, 16]);
const w = zeros([3, 3, 16, 16]);
const y = maxPool2d(conv2d(x, w, null, { padding: "same" }), { poolSize: 2 });
console.log(y.data[0]);
