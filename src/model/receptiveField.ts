/** How much of the input one output of a layer sees. */
import type { Layer } from "../layers/layer.ts";

/** In cells of the model's input, [vertical, horizontal]. */
export interface ReceptiveField {
  readonly layer: string;
  /** Height and width of the patch that one output sees. */
  readonly size: readonly [number, number];
  /** The distance between the patches of neighbouring outputs ("jump"). */
  readonly stride: readonly [number, number];
  /** Where the patch of the first output begins; below 0 it begins in the padding. */
  readonly start: readonly [number, number];
}

/**
 * Layer by layer (Dumoulin & Visin 2016, arXiv 1603.07285), from size 1, stride 1 and start 0 at the input:
 *
 *     start  -= padding * stride
 *     size   += (kernel - 1) * dilation * stride
 *     stride *= stride of the layer
 *
 * Ends where a layer looks at everything (dense): undefined from there on.
 */
export function receptiveFields(layers: readonly Layer[]): (ReceptiveField | undefined)[] {
  let [vertical, horizontal] = [AT_INPUT, AT_INPUT];
  let ended = false;
  return layers.map((layer) => {
    ended ||= layer.outputShape.length !== 3;
    if (ended) return undefined;
    vertical = through(layer, 0, vertical);
    horizontal = through(layer, 1, horizontal);
    return {
      layer: layer.name,
      size: [vertical.size, horizontal.size],
      stride: [vertical.stride, horizontal.stride],
      start: [vertical.start, horizontal.start],
    };
  });
}

interface Extent {
  readonly size: number;
  readonly stride: number;
  readonly start: number;
}

const AT_INPUT: Extent = { size: 1, stride: 1, start: 0 };

function through({ window }: Layer, axis: 0 | 1, { size, stride, start }: Extent): Extent {
  if (window === undefined) return { size, stride, start };
  return {
    size: size + (window.kernel[axis] - 1) * window.dilation[axis] * stride,
    stride: stride * window.stride[axis],
    start: start - window.padding[axis] * stride,
  };
}
