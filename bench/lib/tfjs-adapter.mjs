// Shared by the tfjs backends: fused ops (conv + bias + activation), tensors resident in the backend, results disposed.

/**
 * @param tf the tfjs-core module
 * @param {{ name, backend: string, init: () => Promise<void>, supports?: (w) => boolean }} options
 */
export function tfjsContender(tf, { name, backend, init, supports = () => true }) {
  return {
    name,
    layout: "NHWC",
    supports,
    init,
    activate: () => tf.setBackend(backend),
    async create(w, d) {
      await tf.setBackend(backend);
      const x = tf.tensor(d.x, inputShape(w, d));
      const { fn, params } = w.type === "net" ? netFunction(tf, d.graph) : opFunction(tf, { ...w, ...d });
      return {
        run() {
          fn(x).dispose();
        },
        output() {
          const y = fn(x);
          const values = y.dataSync().slice();
          y.dispose();
          return values;
        },
        dispose() {
          x.dispose();
          for (const param of params) param.dispose();
        },
      };
    },
  };
}

function inputShape(w, d) {
  if (w.type === "dense") return [w.N, w.In];
  if (w.type === "softmax") return [w.N, w.C];
  if (w.type === "net") return d.graph.inputShape;
  return [w.N, w.H, w.W, w.C];
}

const vertical = (n) => n.PY ?? n.P;
const horizontal = (n) => n.PX ?? n.P;
const explicitPadding = (n) => [
  [0, 0],
  [vertical(n), vertical(n)],
  [horizontal(n), horizontal(n)],
  [0, 0],
];

/** { fn, params } of a single op; fn(x) -> y. */
function opFunction(tf, n) {
  const plain = (fn) => ({ fn, params: [] });
  switch (n.type) {
    case "conv":
    case "dwconv":
      return convFunction(tf, n);
    case "dense":
      return denseFunction(tf, n);
    case "maxpool":
      return plain((x) => tf.maxPool(x, [n.KH, n.KW], n.S, poolPadding(n), "floor"));
    case "avgpool":
      return plain((x) => tf.avgPool(x, [n.KH, n.KW], n.S, poolPadding(n), "floor"));
    case "softmax":
      return plain((x) => tf.softmax(x));
    case "pad":
      return plain((x) => tf.pad(x, explicitPadding(n)));
    case "activation":
      return plain(n.act === "swish" ? (x) => swish(tf, x) : (x) => tf[n.act](x));
    case "add": {
      const other = tf.tensor(n.x2, [n.N, n.H, n.W, n.C]);
      return { fn: (x) => tf.add(x, other), params: [other] };
    }
    case "batchnorm": {
      const params = [n.mean, n.variance, n.beta, n.gamma].map((values) => tf.tensor(values));
      return { fn: (x) => tf.batchNorm(x, ...params, n.epsilon), params };
    }
    default:
      throw new Error(`no tfjs op for type ${n.type}`);
  }
}

/** There is no op of that name. */
function swish(tf, x) {
  return tf.tidy(() => tf.mul(x, tf.sigmoid(x)));
}

function convFunction(tf, n) {
  const depthwise = n.type === "dwconv" || n.op === "dwconv";
  const filter = tf.tensor(n.w, [n.KH, n.KW, n.C, depthwise ? 1 : n.K]);
  const bias = tf.tensor(n.b, [n.K]);
  const op = depthwise ? tf.fused.depthwiseConv2d : tf.fused.conv2d;
  const pad = vertical(n) || horizontal(n) ? explicitPadding(n) : 0;
  const options = { filter, bias, strides: n.S, pad, dimRoundingMode: "floor", activation: n.act || "linear" };
  if (n.D > 1) options.dilations = n.D;
  return { fn: (x) => op({ x, ...options }), params: [filter, bias] };
}

function denseFunction(tf, n) {
  const b = tf.tensor(n.w, [n.In, n.Out]);
  const bias = tf.tensor(n.b, [n.Out]);
  const activation = n.act || "linear";
  const flatten = (x) => (n.flat ? tf.reshape(x, [n.N, n.In]) : x);
  return { fn: (x) => tf.fused.matMul({ a: flatten(x), b, bias, activation }), params: [b, bias] };
}

/** A pool takes one number or all four sides; only the number reaches XNNPACK. */
function poolPadding(n) {
  return vertical(n) === horizontal(n) ? vertical(n) : explicitPadding(n);
}

/** { fn, params } of a node of a network; fn takes the node's inputs. */
function nodeFunction(tf, n) {
  const plain = (fn) => ({ fn, params: [] });
  switch (n.op) {
    case "conv":
    case "dwconv":
      return convFunction(tf, n);
    case "dense":
      return denseFunction(tf, n);
    case "add":
      return plain(n.act === "relu" ? (a, b) => tf.relu(tf.add(a, b)) : (a, b) => tf.add(a, b));
    case "maxpool":
      return plain((x) => tf.maxPool(x, [n.KH, n.KW], n.S, poolPadding(n), "floor"));
    case "gap":
      return plain((x) => tf.mean(x, [1, 2]));
    case "concat":
      return plain((...xs) => tf.concat(xs, 3));
    case "upsample":
      return plain((x) => tf.image.resizeNearestNeighbor(x, [2 * n.H, 2 * n.W]));
    default:
      throw new Error(`no tfjs op for node ${n.op}`);
  }
}

/** Runs the nodes in order and frees an intermediate as soon as it is dead, as tfjs's own GraphModel does. */
function netFunction(tf, graph) {
  const steps = graph.nodes.map((n) => ({ node: n, ...nodeFunction(tf, n) }));
  const lastUse = new Map();
  steps.forEach(({ node }, i) => node.in.forEach((id) => lastUse.set(id, i)));

  const forward = (x) => {
    const values = new Map([["x", x]]);
    steps.forEach(({ node, fn }, i) => {
      values.set(node.id, fn(...node.in.map((id) => values.get(id))));
      for (const id of new Set(node.in)) {
        if (id !== "x" && lastUse.get(id) === i) values.get(id).dispose();
      }
    });
    return values.get(graph.output);
  };
  return { fn: (x) => tf.tidy(() => forward(x)), params: steps.flatMap((step) => step.params) };
}
