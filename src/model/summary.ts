/** What a model is made of and what it costs, as a table. */
import type { Layer } from "../layers/layer.ts";
import { sizeOf } from "../tensor/shape.ts";
import { type Graph, isChain } from "./graph.ts";
import { type ReceptiveField, receptiveFields } from "./receptiveField.ts";

/** Bytes that a model takes from the heap for a batch, beside the tensors that go in and come out. */
export interface ModelMemory {
  /** Parameters, from the start; 0 where it is prepared for inference only. */
  readonly parameters: number;
  /** A prediction: packed weights, and the arena with activations and scratch. */
  readonly predict: number;
  /**
   * A training step: the same, gradients and the optimizer's state; 0 before compile. Weights that are packed alike are shared
   * with predictions.
   */
  readonly train: number;
}

const HEADER = ["layer", "output", "parameters", "multiply-adds", "receptive field", "bytes"];
/** Columns that are text. */
const LEFT = new Set(["layer", "output", "inputs"]);

/**
 * One line a layer, or a use of one; multiply-adds and bytes (of the output) are those of one sample. Where the layers are
 * no chain, a column tells what each takes.
 */
export function summaryText(graph: Graph): string {
  const { nodes, layers } = graph;
  const fields = receptiveFields(graph);
  const header = isChain(graph) ? HEADER : [...HEADER, "inputs"];
  const names = valueNames(graph);
  const rows = nodes.map(({ layer, inputs }, i) => {
    const isFirst = nodes.findIndex((node) => node.layer === layer) === i;
    const taken = isChain(graph) ? [] : [inputs.map((value) => names[value]).join(", ")];
    return [...cells(graph, i, isFirst, fields[i]), ...taken];
  });
  const table = [header, ...rows];
  const widths = header.map((_, column) => Math.max(...table.map((row) => row[column].length)));
  const lines = table.map((row) =>
    row
      .map((cell, i) => (LEFT.has(header[i]) ? cell.padEnd(widths[i]) : cell.padStart(widths[i])))
      .join("  ")
      .trimEnd(),
  );
  const rule = "-".repeat(Math.max(...lines.map((line) => line.length)));
  return [lines[0], rule, ...lines.slice(1), rule, totals(layers, multiplyAdds(graph))].join("\n");
}

function valueNames({ inputs, nodes }: Graph): string[] {
  return [...inputs.map(({ name }) => name), ...nodes.map(({ layer }) => layer.name)];
}

/** Parameters of a shared layer count at its first use. */
function cells({ nodes, shapes, inputs }: Graph, i: number, isFirst: boolean, field?: ReceptiveField): string[] {
  const { layer } = nodes[i];
  const shape = shapes[inputs.length + i];
  const count = layer.parameters.reduce((sum, p) => sum + p.size, 0);
  return [
    layer.trainable ? layer.name : `${layer.name} (frozen)`,
    `[${shape.join(",")}]`,
    isFirst ? grouped(count) : "shared",
    grouped(layer.countMultiplyAdds(shape)),
    field === undefined ? "" : `${field.size[0]}x${field.size[1]}`,
    grouped(sizeOf(shape) * 4),
  ];
}

function multiplyAdds({ nodes, shapes, inputs }: Graph): number {
  return nodes.reduce((sum, { layer }, i) => sum + layer.countMultiplyAdds(shapes[inputs.length + i]), 0);
}

function totals(layers: readonly Layer[], work: number): string {
  const parameters = layers.flatMap((layer) => layer.parameters.map((p) => ({ layer, p })));
  const all = parameters.reduce((sum, { p }) => sum + p.size, 0);
  const learned = parameters.reduce((sum, { layer, p }) => sum + (layer.trainable && p.learned ? p.size : 0), 0);
  return `${grouped(all)} parameters (${grouped(learned)} learned), ${grouped(work)} multiply-adds a sample`;
}

/** 1234567 as 1,234,567. */
function grouped(n: number): string {
  return String(n).replace(/\B(?=(\d{3})+$)/g, ",");
}
