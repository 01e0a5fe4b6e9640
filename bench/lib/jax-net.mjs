// A network of nets.mjs on jax-js: one jitted function per node.
import { jit, numpy as np } from "@jax-js/jax";
import { activate } from "./jax-common.mjs";
import { convFunction, denseFunction, poolFunction } from "./jax-ops.mjs";

/** { fn, params }: fn(x, ...params) -> y. Each value is consumed by its last use. */
export function netFunction(graph, taps) {
  const [N, H, W, C] = graph.inputShape;
  const shapes = new Map([["x", [N, C, H, W]]]);
  const lastUse = new Map();
  const params = [];
  const steps = graph.nodes.map((node, i) => {
    const step = { node, first: params.length, ...nodeFunction(node, shapes, taps) };
    params.push(...step.params);
    shapes.set(node.id, nchwShape(node.shape));
    for (const id of node.in) lastUse.set(id, i);
    return step;
  });

  const take = (values, node, i) =>
    node.in.map((id, slot) => {
      const last = lastUse.get(id) === i && node.in.lastIndexOf(id) === slot;
      return last ? values.get(id) : values.get(id).ref;
    });
  const fn = (x, ...all) => {
    const values = new Map([["x", x]]);
    steps.forEach((step, i) => {
      const own = all.slice(step.first, step.first + step.params.length);
      values.set(step.node.id, step.fn(...take(values, step.node, i), ...own));
    });
    return values.get(graph.output);
  };
  return { fn, params };
}

const nchwShape = (shape) => (shape.length === 4 ? [shape[0], shape[3], shape[1], shape[2]] : shape);

function nodeFunction(n, shapes, taps) {
  const plain = (fn) => ({ fn: jit(fn), params: [] });
  switch (n.op) {
    case "conv":
    case "dwconv":
      return convFunction(n, taps);
    case "dense":
      return denseFunction(n);
    case "maxpool":
      return poolFunction(n, shapes.get(n.in[0]), taps);
    case "add":
      return plain((a, b) => activate(a.add(b), n.act));
    case "concat":
      return plain((...xs) => np.concatenate(xs, 1));
    case "upsample":
      return plain((x) => np.repeat(np.repeat(x, 2, 2), 2, 3));
    case "gap":
      return plain((x) => x.mean([2, 3]));
    default:
      throw new Error(`no jax-js op for node ${n.op}`);
  }
}
