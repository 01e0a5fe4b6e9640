// striate through its public API: a model of one layer, or of a whole network, whose predict reads a resident tensor and
// writes a resident one.
import { init, input, layers, model, sequential, tensor, zeros } from "striate";
import { convOptions, horizontal, netModel, vertical, windowOptions } from "../lib/striate-net.mjs";

export default {
  name: "striate",
  layout: "NHWC",
  init: () => init(),
  supports: (w) => ["net", "add"].includes(w.type) || Object.hasOwn(MODELS, w.type),
  create,
};

/** { input, layer } of each type; shapes with the batch axis. */
const MODELS = {
  conv: (w) => imageModel(w, layers.conv2d({ filters: w.K, ...convOptions(w) })),
  dwconv: (w) => imageModel(w, layers.depthwiseConv2d(convOptions(w))),
  maxpool: (w) => imageModel(w, layers.maxPool2d({ poolSize: [w.KH, w.KW], ...windowOptions(w) })),
  avgpool: (w) => (isGlobal(w) ? globalAverageModel(w) : imageModel(w, averagePool(w))),
  pad: (w) => imageModel(w, layers.zeroPadding2d({ padding: [vertical(w), horizontal(w)] })),
  dense: (w) => ({ input: [w.N, w.In], layer: layers.dense({ units: w.Out }) }),
  activation: (w) => imageModel(w, layers.activation(w.act)),
  batchnorm: (w) => imageModel(w, layers.batchNormalization({ epsilon: w.epsilon })),
  softmax: (w) => ({ input: [w.N, w.C], layer: layers.activation("softmax") }),
};

function imageModel(w, layer) {
  return { input: [w.N, w.H, w.W, w.C], layer };
}

function isGlobal(w) {
  return w.KH === w.H && w.KW === w.W && vertical(w) === 0 && horizontal(w) === 0;
}

function globalAverageModel(w) {
  return { input: [w.N, w.H, w.W, w.C], layer: layers.globalAveragePool2d() };
}

/** The mean over the elements inside the image. */
function averagePool(w) {
  return layers.averagePool2d({ poolSize: [w.KH, w.KW], ...windowOptions(w), countIncludePad: false });
}

function create(w, d) {
  if (w.type === "net") {
    return contender(netModel(d.graph).prepare({ inferenceOnly: true }), [d.x], d.graph.inputShape);
  }
  if (w.type === "add") return contender(sumModel([w.H, w.W, w.C]), [d.x, d.x2], [w.N, w.H, w.W, w.C]);
  const { input: shape, layer } = MODELS[w.type](w);
  const net = sequential({ inputShape: shape.slice(1) }, [layer]);
  if (d.w) net.setWeights([d.w, d.b]);
  if (w.type === "batchnorm") net.setWeights([d.gamma, d.beta, d.mean, d.variance]);
  return contender(net, [d.x], shape);
}

function sumModel(shape) {
  const inputs = [input({ shape }), input({ shape })];
  return model({ inputs, outputs: layers.add()(inputs) });
}

/** @param values of each input; all inputs have this shape. */
function contender(net, values, shape) {
  const xs = values.map((each) => tensor(each, shape));
  const y = zeros([shape[0], ...net.outputShape]);
  const destination = { into: [y] };
  return {
    run() {
      net.predictAll(xs, destination);
    },
    output() {
      net.predictAll(xs, destination);
      return y.data.slice();
    },
    memory() {
      const { parameters, predict } = net.memory({ batchSize: shape[0] });
      return parameters + predict;
    },
    dispose() {
      for (const each of [net, y, ...xs]) each.dispose();
    },
  };
}
