/** Names and layouts of PyTorch's weights: "conv1.weight" [O,I,KH,KW] is "conv1/kernel" [KH,KW,I,O] here. */
import type { Layer } from "../layers/layer.ts";
import type { Parameter } from "../tensor/parameter.ts";
import { type Shape, sizeOf } from "../tensor/shape.ts";
import type { Graph } from "./graph.ts";

/** What PyTorch calls a role, as in "kernel". */
const ROLES: Readonly<Record<string, string>> = {
  kernel: "weight",
  depthwise_kernel: "weight",
  gamma: "weight",
  alpha: "weight",
  bias: "bias",
  beta: "bias",
  moving_mean: "running_mean",
  moving_variance: "running_var",
};

/** What counts steps there and has no place here. */
export const NOT_A_WEIGHT: RegExp = /(^|\.)num_batches_tracked$/;

/** One parameter as PyTorch has it. */
export interface TorchWeight {
  /** "conv1.weight" for "conv1/kernel". */
  readonly name: string;
  readonly shape: Shape;
  /** For each element of ours, in its order, the place among theirs. */
  readonly place: (i: number) => number;
}

/** @param flattened the image [H,W,C] that the layer's input is the flattened form of, if it is */
export function torchWeight({ name, shape }: Parameter, flattened: Shape | undefined): TorchWeight {
  const at = name.lastIndexOf("/");
  const role = name.slice(at + 1);
  const torchName = `${name.slice(0, at)}.${ROLES[role] ?? role}`;
  if (role === "alpha") return { name: torchName, shape: [sizeOf(shape)], place: (i) => i };
  if (!role.endsWith("kernel")) return { name: torchName, shape, place: (i) => i };
  // Depthwise [KH,KW,C,M] is [KH,KW,1,C*M].
  const [c, m] = shape.slice(-2);
  const own = role === "depthwise_kernel" ? [...shape.slice(0, -2), 1, c * m] : shape;
  const cells = sizeOf(own.slice(0, -2));
  const [inputs, outputs] = own.slice(-2);
  const torchShape = [outputs, inputs, ...own.slice(0, -2)];
  if (flattened !== undefined && own.length === 2) {
    return { name: torchName, shape: torchShape, place: flattenedPlace(flattened, inputs, outputs) };
  }
  return {
    name: torchName,
    shape: torchShape,
    place: (i) => {
      const [cell, rest] = [Math.floor(i / (inputs * outputs)), i % (inputs * outputs)];
      return ((rest % outputs) * inputs + Math.floor(rest / outputs)) * cells + cell;
    },
  };
}

/** Rows of a matrix behind a flattened image: [H,W,C] here, [C,H,W] there. */
function flattenedPlace(image: Shape, inputs: number, outputs: number): (i: number) => number {
  const channels = image[image.length - 1];
  const cells = inputs / channels;
  return (i) => {
    const [row, output] = [Math.floor(i / outputs), i % outputs];
    return output * inputs + (row % channels) * cells + Math.floor(row / channels);
  };
}

/** The image whose flattened form a layer takes, looking through what leaves vectors as they are. */
export function flattenedInput({ nodes, shapes, inputs }: Graph, layer: Layer): Shape | undefined {
  let value = nodes.find((node) => node.layer === layer)?.inputs[0];
  while (value !== undefined && value >= inputs.length) {
    const { layer: made, inputs: from } = nodes[value - inputs.length];
    if (made.className === "Flatten") return shapes[from[0]].length > 1 ? shapes[from[0]] : undefined;
    if (!/Dropout|Noise|^Activation$/.test(made.className)) return undefined;
    [value] = from;
  }
  return undefined;
}
