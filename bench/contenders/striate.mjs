// striate through its public API: a model of one layer, or of a whole network, whose predict reads a resident tensor and
// writes a resident one.
import { init, input, layers, model, sequential, tensor, zeros } from "striate";

export default {
  name: "striate",
  layout: "NHWC",
  init: () => init(),
  supports: (w) => w.type === "net" || Object.hasOwn(MODELS, w.type),
  create,
};

const vertical = (w) => w.PY ?? w.P ?? 0;
const horizontal = (w) => w.PX ?? w.P ?? 0;

/** The options that every window op shares. */
const windowOptions = (w) => ({ strides: w.S, padding: [vertical(w), horizontal(w)] });

/** { input, layer } of each type; shapes with the batch axis. */
const MODELS = {
  conv: (w) => imageModel(w, layers.conv2d({ filters: w.K, ...convOptions(w) })),
  dwconv: (w) => imageModel(w, layers.depthwiseConv2d(convOptions(w))),
  maxpool: (w) => imageModel(w, layers.maxPool2d({ poolSize: [w.KH, w.KW], ...windowOptions(w) })),
  avgpool: (w) => (isGlobal(w) ? globalAverageModel(w) : imageModel(w, averagePool(w))),
  pad: (w) => imageModel(w, layers.zeroPadding2d({ padding: [vertical(w), horizontal(w)] })),
  dense: (w) => ({ input: [w.N, w.In], layer: layers.dense({ units: w.Out }) }),
  softmax: (w) => ({ input: [w.N, w.C], layer: layers.activation("softmax") }),
};

function convOptions(w) {
  return { kernelSize: [w.KH, w.KW], dilationRate: w.D ?? 1, ...windowOptions(w) };
}

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
  if (w.type === "net") return contender(netModel(d.graph), d.x, d.graph.inputShape);
  const { input: shape, layer } = MODELS[w.type](w);
  const net = sequential({ inputShape: shape.slice(1) }, [layer]);
  if (d.w) net.setWeights([d.w, d.b]);
  return contender(net, d.x, shape);
}

function contender(net, values, shape) {
  const x = tensor(values, shape);
  const y = zeros([shape[0], ...net.outputShape]);
  const destination = { into: y };
  return {
    run() {
      net.predict(x, destination);
    },
    output() {
      net.predict(x, destination);
      return y.data.slice();
    },
    memory: () => net.memory({ batchSize: shape[0] }),
    dispose() {
      net.dispose();
      x.dispose();
      y.dispose();
    },
  };
}

/** A node of a network (lib/nets.mjs) as layers applied to what its inputs made. */
const NODES = {
  conv: (n, [x]) => layers.conv2d({ filters: n.K, activation: n.act, name: n.id, ...convOptions(n) })(x),
  dwconv: (n, [x]) => layers.depthwiseConv2d({ activation: n.act, name: n.id, ...convOptions(n) })(x),
  maxpool: (n, [x]) => layers.maxPool2d({ poolSize: [n.KH, n.KW], ...windowOptions(n) })(x),
  gap: (_, [x]) => layers.globalAveragePool2d()(x),
  concat: (_, xs) => layers.concatenate()(xs),
  upsample: (_, [x]) => layers.upSampling2d({ size: 2 })(x),
  add: (n, xs) => layers.activation(n.act)(layers.add()(xs)),
  dense: (n, [x]) => {
    const rows = x.shape.length > 1 ? layers.flatten()(x) : x;
    return layers.dense({ units: n.Out, activation: n.act, name: n.id })(rows);
  },
};

function netModel({ nodes, inputShape, output }) {
  const values = { x: input({ shape: inputShape.slice(1) }) };
  for (const node of nodes)
    values[node.id] = NODES[node.op](
      node,
      node.in.map((id) => values[id]),
    );
  const net = model({ inputs: values.x, outputs: values[output] });
  const byName = new Map(nodes.map((node) => [node.id, node]));
  net.setWeights(net.layers.flatMap(({ name, parameters }) => parameters.map((_, i) => byName.get(name)["wb"[i]])));
  return net;
}
