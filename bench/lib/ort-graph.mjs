// A workload as an ONNX graph: NCHW activations, OIHW weights, opset 13.
import { flatRows, hwio2oihw, nhwc2nchw } from "./layout.mjs";
import * as onnx from "./onnx.mjs";

/**
 * Collects nodes and initializers.
 * @returns {{ nodes, inits, xDims, yDims, xData }} shapes and input in NCHW; the input is "X", the output "Y"
 */
export function buildGraph(w, d) {
  const graph = { nodes: [], inits: [] };
  if (w.type === "net") return { ...graph, ...addNet(graph, d) };
  if (w.type === "dense") {
    addDense(graph, { ...w, w: d.w, b: d.b }, "X", "Y");
    return { ...graph, xDims: [w.N, w.In], yDims: [w.N, w.Out], xData: d.x };
  }
  if (w.type === "softmax") {
    graph.nodes.push(onnx.node("Softmax", ["X"], ["Y"], { axis: 1 }));
    return { ...graph, xDims: [w.N, w.C], yDims: [w.N, w.C], xData: d.x };
  }
  addImageOp(graph, w, d);
  return {
    ...graph,
    xDims: [w.N, w.C, w.H, w.W],
    yDims: [w.N, w.K, w.OH, w.OW],
    xData: nhwc2nchw(d.x, w.N, w.H, w.W, w.C),
  };
}

function addImageOp(graph, w, d) {
  switch (w.type) {
    case "conv":
    case "dwconv":
      return addConv(graph, { ...w, w: d.w, b: d.b }, "X", "Y");
    case "maxpool":
      return graph.nodes.push(onnx.node("MaxPool", ["X"], ["Y"], windowAttributes(w)));
    case "avgpool":
      return graph.nodes.push(averagePool(w));
    case "activation":
      return graph.nodes.push(...activationNodes(graph, w.act, "X", "Y"));
    case "add":
      graph.inits.push(onnx.tensor("X2", [w.N, w.C, w.H, w.W], nhwc2nchw(d.x2, w.N, w.H, w.W, w.C)));
      return graph.nodes.push(onnx.node("Add", ["X", "X2"], ["Y"]));
    case "batchnorm": {
      const names = ["gamma", "beta", "mean", "variance"];
      graph.inits.push(...names.map((name) => onnx.tensor(name, [w.C], d[name])));
      return graph.nodes.push(onnx.node("BatchNormalization", ["X", ...names], ["Y"], { epsilon: w.epsilon }));
    }
    case "pad": {
      const pads = [0, 0, vertical(w), horizontal(w), 0, 0, vertical(w), horizontal(w)];
      graph.inits.push(onnx.tensor("pads", [8], onnx.i64(pads)));
      return graph.nodes.push(onnx.node("Pad", ["X", "pads"], ["Y"], { mode: "constant" }));
    }
    default:
      throw new Error(`no ONNX graph for type ${w.type}`);
  }
}

function activationNodes(graph, act, x, y) {
  switch (act) {
    case "relu":
    case "sigmoid":
    case "tanh":
      return [onnx.node(act[0].toUpperCase() + act.slice(1), [x], [y])];
    case "relu6":
      graph.inits.push(onnx.tensor("zero", [], new Float32Array([0])), onnx.tensor("six", [], new Float32Array([6])));
      return [onnx.node("Clip", [x, "zero", "six"], [y])];
    case "swish":
      return [onnx.node("Sigmoid", [x], [`${y}_s`]), onnx.node("Mul", [x, `${y}_s`], [y])];
    default:
      throw new Error(`no ONNX node for activation ${act}`);
  }
}

function averagePool(w) {
  const global = w.OH === 1 && w.OW === 1;
  return global
    ? onnx.node("GlobalAveragePool", ["X"], ["Y"])
    : onnx.node("AveragePool", ["X"], ["Y"], windowAttributes(w));
}

const vertical = (n) => n.PY ?? n.P;
const horizontal = (n) => n.PX ?? n.P;

function windowAttributes(n) {
  const pads = [vertical(n), horizontal(n), vertical(n), horizontal(n)];
  return { kernel_shape: [n.KH, n.KW], strides: [n.S, n.S], pads };
}

function addConv(graph, n, x, y) {
  const depthwise = n.type === "dwconv" || n.op === "dwconv";
  const cin = depthwise ? 1 : n.C;
  const attributes = { ...windowAttributes(n), group: depthwise ? n.C : 1 };
  if (n.D > 1) attributes.dilations = [n.D, n.D];
  graph.inits.push(onnx.tensor(`${y}_w`, [n.K, cin, n.KH, n.KW], hwio2oihw(n.w, n.KH, n.KW, cin, n.K)));
  graph.inits.push(onnx.tensor(`${y}_b`, [n.K], n.b));
  graph.nodes.push(onnx.node("Conv", [x, `${y}_w`, `${y}_b`], [y], attributes));
}

function addDense(graph, n, x, y) {
  let input = x;
  if (n.flat) {
    input = `${y}_f`;
    graph.nodes.push(onnx.node("Flatten", [x], [input], { axis: 1 }));
  }
  const weights = n.flat ? flatRows(n.w, n.flat, n.Out) : n.w;
  graph.inits.push(onnx.tensor(`${y}_w`, [n.In, n.Out], weights), onnx.tensor(`${y}_b`, [n.Out], n.b));
  graph.nodes.push(onnx.node("Gemm", [input, `${y}_w`, `${y}_b`], [y]));
}

function addNet(graph, d) {
  const net = d.graph;
  const [N, H, W, C] = net.inputShape;
  const rename = (id) => (id === "x" ? "X" : id === net.output ? "Y" : id);
  graph.inits.push(onnx.tensor("zero", [], new Float32Array([0])), onnx.tensor("six", [], new Float32Array([6])));
  for (const n of net.nodes) addNetNode(graph, n, n.in.map(rename), rename(n.id));
  const { shape } = net.nodes.find((n) => n.id === net.output);
  return { xDims: [N, C, H, W], yDims: nchwShape(shape), xData: nhwc2nchw(d.x, N, H, W, C) };
}

const nchwShape = (shape) => (shape.length === 4 ? [shape[0], shape[3], shape[1], shape[2]] : shape);

function addNetNode(graph, n, inputs, y) {
  const activated = n.act === "relu" || n.act === "relu6";
  addNetOp(graph, n, inputs, activated ? `${y}_pre` : y);
  if (n.act === "relu") graph.nodes.push(onnx.node("Relu", [`${y}_pre`], [y]));
  if (n.act === "relu6") graph.nodes.push(onnx.node("Clip", [`${y}_pre`, "zero", "six"], [y]));
}

function addNetOp(graph, n, inputs, y) {
  const push = (...nodes) => graph.nodes.push(...nodes);
  switch (n.op) {
    case "conv":
    case "dwconv":
      return addConv(graph, n, inputs[0], y);
    case "dense":
      return addDense(graph, n, inputs[0], y);
    case "add":
      return push(onnx.node("Add", inputs, [y]));
    case "concat":
      return push(onnx.node("Concat", inputs, [y], { axis: 1 }));
    case "maxpool":
      return push(onnx.node("MaxPool", inputs, [y], windowAttributes(n)));
    case "gap":
      push(onnx.node("GlobalAveragePool", inputs, [`${y}_g`]));
      return push(onnx.node("Flatten", [`${y}_g`], [y], { axis: 1 }));
    case "upsample": {
      const attributes = { mode: "nearest", coordinate_transformation_mode: "asymmetric", nearest_mode: "floor" };
      graph.inits.push(onnx.tensor(`${y}_s`, [4], new Float32Array([1, 1, 2, 2])));
      return push(onnx.node("Resize", [inputs[0], "", `${y}_s`], [y], attributes));
    }
    default:
      throw new Error(`no ONNX node for ${n.op}`);
  }
}
