// A neutral description of whole networks: nodes in topological order, batch norm folded, activations named.
//
//   node = { op, id, in: [ids], shape, ... }; the input's id is "x"
//   conv, dwconv     N H W C -> K, kernel KH x KW, stride S, padding P, OH x OW; w, b; act
//   dense            In -> Out; w, b; act; flat: [H,W,C] where the input is an image, read in the order H, W, C
//   add              act
//   maxpool          KH KW S P
//   gap              global average, [N,H,W,C] -> [N,C]
//
// w and b are in the canonical layouts (workloads.mjs); act is "linear" | "relu" | "relu6".
import { hashName, uniform } from "./rng.mjs";

const outputSize = (size, k, s, p) => Math.floor((size + 2 * p - k) / s) + 1;

/** Appends nodes to a graph; every method takes and returns node ids. Other lists of networks may extend it. */
export class Builder {
  /**
   * @param {string} name seeds the parameters
   * @param {number[]} shape of the input, [N,H,W,C]
   * @param {boolean} withParams false: shapes and counts only
   */
  constructor(name, shape, withParams) {
    this.g = { name, inputShape: shape, nodes: [], macs: 0, params: 0 };
    this.shapes = { x: shape };
    this.n = 0; // nodes so far
    this.wp = withParams;
  }

  push(node, shape) {
    node.id = `t${this.n++}`;
    node.shape = shape;
    this.g.nodes.push(node);
    this.shapes[node.id] = shape;
    return node.id;
  }

  /** n uniform parameters in [-scale, scale). */
  par(n, scale) {
    this.g.params += n;
    const seed = hashName(this.g.name) + this.n * 7 + (n & 3);
    return this.wp ? uniform(n, seed, scale) : null;
  }

  /** `gain` below 1 keeps the sum of a residual branch from growing with depth. */
  conv(x, K, k, s, p, act, gain = 1) {
    const [N, H, W, C] = this.shapes[x];
    const o = outputSize(H, k, s, p);
    this.g.macs += o * o * k * k * C * K;
    const w = this.par(k * k * C * K, gain * Math.sqrt(6 / (k * k * C)));
    const b = this.par(K, 0.1);
    const node = { op: "conv", in: [x], N, H, W, C, K, KH: k, KW: k, S: s, P: p, OH: o, OW: o, act, w, b };
    return this.push(node, [N, o, o, K]);
  }

  /** Depthwise 3x3, padding 1. */
  dw(x, s, act) {
    const [N, H, W, C] = this.shapes[x];
    const o = outputSize(H, 3, s, 1);
    this.g.macs += o * o * 9 * C;
    const w = this.par(9 * C, Math.sqrt(6 / 9));
    const b = this.par(C, 0.1);
    const node = { op: "dwconv", in: [x], N, H, W, C, K: C, KH: 3, KW: 3, S: s, P: 1, OH: o, OW: o, act, w, b };
    return this.push(node, [N, o, o, C]);
  }

  add(a, b, act) {
    return this.push({ op: "add", in: [a, b], act }, this.shapes[a]);
  }

  maxpool(x, k, s, p) {
    const [N, H, , C] = this.shapes[x];
    const o = outputSize(H, k, s, p);
    return this.push({ op: "maxpool", in: [x], KH: k, KW: k, S: s, P: p }, [N, o, o, C]);
  }

  gap(x) {
    const [N, , , C] = this.shapes[x];
    return this.push({ op: "gap", in: [x] }, [N, C]);
  }

  dense(x, Out, act = "linear") {
    const [N, ...sample] = this.shapes[x];
    const In = sample.reduce((a, b) => a * b);
    this.g.macs += In * Out;
    const w = this.par(In * Out, Math.sqrt(3 / In));
    const b = this.par(Out, 0.1);
    const flat = sample.length > 1 ? { N, flat: sample } : {};
    return this.push({ op: "dense", in: [x], In, Out, act, w, b, ...flat }, [N, Out]);
  }
}

/** MobileNetV2 (Sandler et al. 2018, table 2). Stages: [expansion, channels, blocks, stride of the first]. */
function mobilenetv2(B) {
  const stages = [
    [1, 16, 1, 1],
    [6, 24, 2, 2],
    [6, 32, 3, 2],
    [6, 64, 4, 2],
    [6, 96, 3, 1],
    [6, 160, 3, 2],
    [6, 320, 1, 1],
  ];
  let x = B.conv("x", 32, 3, 2, 1, "relu6");
  for (const [expansion, channels, blocks, stride] of stages) {
    for (let i = 0; i < blocks; i++) x = invertedResidual(B, x, expansion, channels, i === 0 ? stride : 1);
  }
  x = B.conv(x, 1280, 1, 1, 0, "relu6");
  return B.dense(B.gap(x), 1000);
}

function invertedResidual(B, x, expansion, channels, stride) {
  const cin = B.shapes[x][3];
  let y = expansion > 1 ? B.conv(x, cin * expansion, 1, 1, 0, "relu6") : x;
  y = B.dw(y, stride, "relu6");
  y = B.conv(y, channels, 1, 1, 0, "linear", 0.7);
  return stride === 1 && cin === channels ? B.add(x, y, "linear") : y;
}

/** ResNet-50 v1.5 (He et al. 2015; the stride sits in the 3x3). Stages: [channels, blocks, stride of the first]. */
function resnet50(B) {
  const stages = [
    [64, 3, 1],
    [128, 4, 2],
    [256, 6, 2],
    [512, 3, 2],
  ];
  let x = B.maxpool(B.conv("x", 64, 7, 2, 3, "relu"), 3, 2, 1);
  for (const [channels, blocks, stride] of stages) {
    for (let i = 0; i < blocks; i++) x = bottleneck(B, x, channels, i === 0 ? stride : 1, i === 0);
  }
  return B.dense(B.gap(x), 1000);
}

function bottleneck(B, x, channels, stride, project) {
  let y = B.conv(x, channels, 1, 1, 0, "relu");
  y = B.conv(y, channels, 3, stride, 1, "relu");
  y = B.conv(y, 4 * channels, 1, 1, 0, "linear", 0.4);
  const shortcut = project ? B.conv(x, 4 * channels, 1, stride, 0, "linear", 0.7) : x;
  return B.add(shortcut, y, "relu");
}

/** VGG-16 (Simonyan & Zisserman 2014, configuration D). Stages: [channels, convolutions]. */
function vgg16(B) {
  const stages = [
    [64, 2],
    [128, 2],
    [256, 3],
    [512, 3],
    [512, 3],
  ];
  let x = "x";
  for (const [channels, count] of stages) {
    for (let i = 0; i < count; i++) x = B.conv(x, channels, 3, 1, 1, "relu");
    x = B.maxpool(x, 2, 2, 0);
  }
  return B.dense(B.dense(B.dense(x, 4096, "relu"), 4096, "relu"), 1000);
}

export const NETS = { "mobilenetv2-224": mobilenetv2, "resnet50-224": resnet50, "vgg16-224": vgg16 };

/** The graph { name, inputShape, nodes, output, macs, params } of a network of NETS. */
export function buildNet(name, withParams = false) {
  const builder = new Builder(name, [1, 224, 224, 3], withParams);
  builder.g.output = NETS[name](builder);
  return builder.g;
}
