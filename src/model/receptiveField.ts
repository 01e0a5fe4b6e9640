/** How much of the input one output of a layer sees. */
import type { LayerWindow } from "../layers/layer.ts";
import type { Graph } from "./graph.ts";

/** In cells of the model's input, [vertical, horizontal]. */
export interface ReceptiveField {
  /** Its name. */
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
 * A layer with several inputs sees what any of them sees. Ends where a layer looks at everything (dense): undefined from
 * there on.
 */
export function receptiveFields({ inputs, nodes, shapes }: Graph): (ReceptiveField | undefined)[] {
  const extents: (readonly [Extent, Extent] | undefined)[] = inputs.map(() => [AT_INPUT, AT_INPUT]);
  return nodes.map(({ layer, inputs: taken }, i) => {
    const found = taken.map((value) => extents[value]).filter((extent) => extent !== undefined);
    const window = shapes[inputs.length + i].length === 3 ? layer.windowOver(shapes[taken[0]]) : undefined;
    const ends = shapes[inputs.length + i].length !== 3 || found.length < taken.length;
    const axis = (a: 0 | 1) => through(window, a, found.map((extent) => extent[a]).reduce(union));
    const extent = ends ? undefined : ([axis(0), axis(1)] as const);
    extents.push(extent);
    if (extent === undefined) return undefined;
    const [vertical, horizontal] = extent;
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

function union(a: Extent, b: Extent): Extent {
  const start = Math.min(a.start, b.start);
  const end = Math.max(a.start + a.size, b.start + b.size);
  return { size: end - start, stride: Math.max(a.stride, b.stride), start };
}

function through(window: LayerWindow | undefined, axis: 0 | 1, { size, stride, start }: Extent): Extent {
  if (window === undefined) return { size, stride, start };
  return {
    size: size + (window.kernel[axis] - 1) * window.dilation[axis] * stride,
    stride: stride * window.stride[axis],
    start: start - window.padding[axis] * stride,
  };
}
