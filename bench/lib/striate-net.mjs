// Workloads and networks (nets.mjs) as layers of striate.
import { input, layers, model } from "striate";

export const vertical = (w) => w.PY ?? w.P ?? 0;
export const horizontal = (w) => w.PX ?? w.P ?? 0;

/** The options that every window op shares. */
export const windowOptions = (w) => ({ strides: w.S, padding: [vertical(w), horizontal(w)] });

export function convOptions(w) {
  return { kernelSize: [w.KH, w.KW], dilationRate: w.D ?? 1, ...windowOptions(w) };
}

/** A node of a network (lib/nets.mjs) as layers applied to what its inputs made. */
const NODES = {
  conv: (n, [x]) => layers.conv2d({ filters: n.K, activation: n.act, name: n.id, ...convOptions(n) })(x),
  dwconv: (n, [x]) => layers.depthwiseConv2d({ activation: n.act, name: n.id, ...convOptions(n) })(x),
  maxpool: (n, [x]) => layers.maxPool2d({ poolSize: [n.KH, n.KW], ...windowOptions(n) })(x),
  gap: (_, [x]) => layers.globalAveragePool2d()(x),
  concat: (_, xs) => layers.concatenate()(xs),
  upsample: (_, [x]) => layers.upSampling2d({ size: 2 })(x),
  add: (n, xs) => layers.activation(n.act ?? "linear")(layers.add()(xs)),
  dense: (n, [x]) => {
    const rows = x.shape.length > 1 ? layers.flatten()(x) : x;
    return layers.dense({ units: n.Out, activation: n.act, name: n.id })(rows);
  },
};

/** The whole network, its weights set. */
export function netModel({ nodes, inputShape, output }) {
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
