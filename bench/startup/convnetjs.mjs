import { createRequire } from "node:module";

const { Net, Vol } = createRequire(import.meta.url)("convnetjs");
const net = new Net();
net.makeLayers([
  { type: "input", out_sx: 28, out_sy: 28, out_depth: 16 },
  { type: "conv", sx: 3, filters: 16, stride: 1, pad: 1 },
  { type: "pool", sx: 2, stride: 2 },
  { type: "softmax", num_classes: 2 },
]);
const [, conv, pool] = net.layers;
const y = pool.forward(conv.forward(new Vol(28, 28, 16, 1)));
console.log(performance.now(), y.w[0]);
process.exit(0);
