/** Part of a trained network under new layers: transfer learning. */
import { ArgumentError, nearest, show } from "../errors.ts";
import { SymbolicTensor } from "../layers/symbolic.ts";
import { type Block, chained } from "./chain.ts";
import { type Graph, LayerNames, nodeNames, traceGraph } from "./graph.ts";

/** The graph up to and including the layer `after`, whose layers stay as they are, and new layers behind it. */
export function graphWithHead(graph: Graph, after: string, head: readonly Block[]): Graph {
  const names = nodeNames(graph);
  const last = names.indexOf(after);
  if (last < 0) {
    const near = nearest(String(after), names);
    const hint = near === undefined ? "" : `; did you mean ${show(near)}?`;
    throw new ArgumentError(`withHead: after must be the name of a layer of the model, got ${show(after)}${hint}`);
  }
  const inputs = graph.inputs.map(({ shape, name }) => new SymbolicTensor(shape, undefined, name));
  const values = [...inputs];
  for (const { layer, inputs: taken } of graph.nodes.slice(0, last + 1)) {
    values.push(layer.connect(taken.map((value) => values[value])));
  }
  const layerNames = new LayerNames("withHead");
  const kept = new Set(graph.nodes.slice(0, last + 1).map(({ layer }) => layer));
  for (const layer of kept) layerNames.give(layer);
  const y = chained("withHead", head, values[values.length - 1], layerNames);
  return traceGraph("withHead", inputs, [y], kept);
}
