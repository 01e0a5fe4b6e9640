// Shared by onnxruntime-web and onnxruntime-node. Two modes:
//  "compute"  what the kernel costs. ort-web copies every input from JS into the WASM heap and every output back on
//             each run(), so the activation is put into the model as an initializer (graph optimisation off, so nothing
//             is constant-folded) and the output is cut to one element by a Slice: no activation crosses the boundary.
//  "api"      session.run(feeds) as a user would call it, copies included. Networks always go this way, optimised.
import { nchw2nhwc } from "./layout.mjs";
import * as onnx from "./onnx.mjs";
import { buildGraph } from "./ort-graph.mjs";

/**
 * @param ort the module
 * @param {{ name, mode: "compute" | "api", level?: string, bakeInput?: boolean, sessionOptions?: object }} options
 *   level: graphOptimizationLevel of single ops; bakeInput: the activation is an initializer of the model
 */
export function ortContender(ort, { name, mode, level = "disabled", bakeInput = false, sessionOptions = {} }) {
  const base = {
    graphOptimizationLevel: level,
    executionMode: "sequential",
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    logSeverityLevel: 3,
    ...sessionOptions,
  };
  return {
    name,
    layout: "NCHW",
    supports: () => true,
    async create(w, d) {
      const net = w.type === "net";
      const graph = buildGraph(w, d);
      const options = net ? { ...base, graphOptimizationLevel: "all" } : base;
      const X = new ort.Tensor("float32", graph.xData, graph.xDims);
      const open = (model) => ort.InferenceSession.create(onnx.model(model), options);

      const whole = mode === "api" || net;
      const baked = bakeInput && !whole;
      const session = await open(whole ? wholeModel(graph) : slicedModel(graph, baked));
      const feeds = baked ? {} : { X };
      return {
        run: () => session.run(feeds),
        async output() {
          const full = whole ? session : await open(wholeModel(graph));
          const { Y } = await full.run({ X });
          const y = toCanonical(Y.data, graph.yDims);
          if (!whole) await full.release();
          return y;
        },
        dispose: () => session.release(),
      };
    },
  };
}

function wholeModel(graph) {
  return { nodes: graph.nodes, inits: graph.inits, inputs: [["X", graph.xDims]], outputs: [["Y", graph.yDims]] };
}

/** The model with its output cut to the first element and, if `baked`, its input inside. */
function slicedModel(graph, baked) {
  const rank = graph.yDims.length;
  const axes = [...Array(rank).keys()];
  const ones = Array(rank).fill(1);
  const inits = [
    ...graph.inits,
    onnx.tensor("s0", [rank], onnx.i64(Array(rank).fill(0))),
    onnx.tensor("s1", [rank], onnx.i64(ones)),
    onnx.tensor("sa", [rank], onnx.i64(axes)),
  ];
  if (baked) inits.push(onnx.tensor("X", graph.xDims, graph.xData));
  return {
    nodes: [...graph.nodes, onnx.node("Slice", ["Y", "s0", "s1", "sa"], ["Z"])],
    inits,
    inputs: baked ? [] : [["X", graph.xDims]],
    outputs: [["Z", ones]],
  };
}

function toCanonical(y, dims) {
  if (dims.length !== 4) return Float32Array.from(y);
  const [N, C, H, W] = dims;
  return nchw2nhwc(y, N, H, W, C);
}
