/** How much of the input one output of a layer sees. */
import type { Layer } from "../layers/layer.ts";

/** In cells of the model's input, [vertical, horizontal]. */
export interface ReceptiveField {
  readonly layer: string;
  /** Height and width of the patch that one output sees. */
  readonly size: readonly [number, number];
  /** The distance between the patches of neighbouring outputs ("jump"). */
  readonly stride: readonly [number, number];
}

/**
 * Layer by layer: size += (kernel - 1) * dilation * stride so far; stride *= the layer's stride (Dumoulin & Visin 2016,
 * arXiv 1603.07285). Ends where a layer looks at everything (dense): undefined from there on.
 */
export function receptiveFields(layers: readonly Layer[]): (ReceptiveField | undefined)[] {
  let size: readonly [number, number] = [1, 1];
  let stride: readonly [number, number] = [1, 1];
  let ended = false;
  return layers.map((layer) => {
    ended ||= layer.outputShape.length !== 3;
    if (ended) return undefined;
    const { window } = layer;
    if (window !== undefined) {
      const { kernel, dilation } = window;
      const reach = (i: 0 | 1) => size[i] + (kernel[i] - 1) * dilation[i] * stride[i];
      size = [reach(0), reach(1)];
      stride = [stride[0] * window.stride[0], stride[1] * window.stride[1]];
    }
    return { layer: layer.name, size, stride };
  });
}
