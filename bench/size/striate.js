import { init, ops, tensor, zeros } from "striate";

await init();
const x = tensor(new Float32Array(28 * 28 * 16), [1, 28, 28, 16]);
const w = zeros([3, 3, 16, 16]);
const y = ops.maxPool2d(ops.conv2d(x, w, null, { padding: "same" }), { poolSize: 2 });
console.log(y.data[0]);
