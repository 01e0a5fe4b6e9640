/** A model as a picture, in the languages of Mermaid (https://mermaid.js.org) and Graphviz (https://graphviz.org). */
import type { Shape } from "../tensor/shape.ts";
import { type Graph, nodeNames } from "./graph.ts";

/** A box of the picture. */
interface Box {
  readonly id: string;
  readonly lines: readonly string[];
  /** Inputs and outputs are round. */
  readonly round: boolean;
}

interface Picture {
  readonly boxes: readonly Box[];
  readonly arrows: readonly (readonly [from: string, to: string])[];
}

function sizes(shape: Shape): string {
  return shape.join(" x ");
}

function pictureOf(graph: Graph): Picture {
  const { inputs, nodes, outputs, shapes } = graph;
  const names = nodeNames(graph);
  const ids = [...inputs.map((_, i) => `input${i}`), ...nodes.map((_, i) => `layer${i}`)];
  const boxes = [
    ...inputs.map(({ name, shape }, i) => ({ id: ids[i], lines: [name, sizes(shape)], round: true })),
    ...nodes.map(({ layer }, i) => ({
      id: ids[inputs.length + i],
      lines: [names[i], layer.className, sizes(shapes[inputs.length + i])],
      round: false,
    })),
    ...outputs.map((value, i) => ({ id: `output${i}`, lines: ["output", sizes(shapes[value])], round: true })),
  ];
  const arrows = [
    ...nodes.flatMap((node, i) => node.inputs.map((value) => [ids[value], ids[inputs.length + i]] as const)),
    ...outputs.map((value, i) => [ids[value], `output${i}`] as const),
  ];
  return { boxes, arrows };
}

/** Names may hold what ends a label. */
function escapedForMermaid(text: string): string {
  return text.replace(/[#"<>&]/g, (c) => `#${c.charCodeAt(0)};`);
}

export function mermaidOf(graph: Graph): string {
  const { boxes, arrows } = pictureOf(graph);
  const drawn = boxes.map(({ id, lines, round }) => {
    const label = `"${lines.map(escapedForMermaid).join("<br>")}"`;
    return `  ${id}${round ? `([${label}])` : `[${label}]`}`;
  });
  return ["flowchart TD", ...drawn, ...arrows.map(([from, to]) => `  ${from} --> ${to}`), ""].join("\n");
}

export function dotOf(graph: Graph): string {
  const { boxes, arrows } = pictureOf(graph);
  const drawn = boxes.map(({ id, lines, round }) => {
    const label = lines.map((line) => line.replace(/["\\]/g, "\\$&")).join("\\n");
    return `  ${id} [label="${label}"${round ? ", shape=oval" : ""}];`;
  });
  const drawnArrows = arrows.map(([from, to]) => `  ${from} -> ${to};`);
  return ["digraph model {", "  node [shape=box];", ...drawn, ...drawnArrows, "}", ""].join("\n");
}
