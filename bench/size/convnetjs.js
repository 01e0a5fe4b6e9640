import convnetjs from "convnetjs";

const net = new convnetjs.Net();
net.makeLayers([
  { type: "input", out_sx: 28, out_sy: 28, out_depth: 16 },
  { type: "conv", sx: 3, filters: 16, stride: 1, pad: 1 },
  { type: "pool", sx: 2, stride: 2 },
  { type: "softmax", num_classes: 2 },
]);
console.log(net.forward(new convnetjs.Vol(28, 28, 16)).w[0]);
