import { init, ops, tensor } from "striate";

await init();
const x = tensor(new Float32Array(28 * 28 * 16).fill(1), [1, 28, 28, 16]);
const w = tensor(new Float32Array(9 * 256).fill(1), [3, 3, 16, 16]);
const y = ops.maxPool2d(ops.conv2d(x, w, null, { padding: "same" }), { poolSize: 2 });
console.log(performance.now(), y.data[0]);
process.exit(0);
