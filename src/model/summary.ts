/** What a model is made of and what it costs, as a table. */
import type { Layer } from "../layers/layer.ts";
import type { Shape } from "../tensor/shape.ts";
import { type ReceptiveField, receptiveFields } from "./receptiveField.ts";

/** Bytes that a model takes from the heap for a batch, beside the tensors that go in and come out. */
export interface MemoryReport {
  /** Parameters, from the start. */
  readonly parameters: number;
  /** A prediction: the arena with activations, packed weights and scratch. */
  readonly predict: number;
  /** A training step: its arena, gradients and the optimizer's state; 0 before compile. */
  readonly train: number;
}

export interface Described {
  readonly layers: readonly Layer[];
  readonly inputShape: Shape;
}

interface Row {
  readonly cells: readonly string[];
}

const HEADER = ["layer", "output", "parameters", "multiply-adds", "receptive field", "bytes"];

/** One line a layer; multiply-adds and bytes (of the output) are those of one sample. */
export function summaryText(model: Described): string {
  const fields = receptiveFields(model.layers);
  const rows: Row[] = [{ cells: HEADER }, ...model.layers.map((layer, i) => row(layer, fields[i]))];
  const widths = HEADER.map((_, column) => Math.max(...rows.map(({ cells }) => cells[column].length)));
  const lines = rows.map(({ cells }) =>
    cells
      .map((cell, i) => (i < 2 ? cell.padEnd(widths[i]) : cell.padStart(widths[i])))
      .join("  ")
      .trimEnd(),
  );
  const rule = "-".repeat(Math.max(...lines.map((line) => line.length)));
  return [lines[0], rule, ...lines.slice(1), rule, totals(model)].join("\n");
}

function row(layer: Layer, field: ReceptiveField | undefined): Row {
  const size = layer.outputShape.reduce((a, b) => a * b, 1);
  const count = layer.parameters.reduce((sum, p) => sum + p.size, 0);
  return {
    cells: [
      layer.trainable ? layer.name : `${layer.name} (frozen)`,
      `[${layer.outputShape.join(",")}]`,
      grouped(count),
      grouped(layer.multiplyAdds),
      field === undefined ? "" : `${field.size[0]}x${field.size[1]}`,
      grouped(size * 4),
    ],
  };
}

function totals({ layers }: Described): string {
  const parameters = layers.flatMap((layer) => layer.parameters.map((p) => ({ layer, p })));
  const all = parameters.reduce((sum, { p }) => sum + p.size, 0);
  const learned = parameters.reduce((sum, { layer, p }) => sum + (layer.trainable && p.learned ? p.size : 0), 0);
  const work = layers.reduce((sum, layer) => sum + layer.multiplyAdds, 0);
  return `${grouped(all)} parameters (${grouped(learned)} learned), ${grouped(work)} multiply-adds a sample`;
}

/** 1234567 as 1,234,567. */
function grouped(n: number): string {
  return String(n).replace(/\B(?=(\d{3})+$)/g, ",");
}
