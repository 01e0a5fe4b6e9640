/** Windows of pools by tables: which rows and columns each output sees. The counterpart of assembly/poolCells.ts. */
import { type Window, windowFields } from "./window.ts";

/** Numbers as in assembly/poolCells.ts. */
export const CELL_KINDS = { max: 0, min: 1, avg: 2, norm1: 5, norm2: 6 } as const;

/** The first cell that an output sees along an axis, and how many. */
export type Span = readonly [first: number, count: number];

/** Window, rows and columns, as kernels read them. */
export function cellGeometry(window: Window, rows: readonly Span[], columns: readonly Span[]): readonly number[] {
  return [...windowFields(window), ...rows.flat(), ...columns.flat()];
}

/** Of windows at equal steps: rows and columns, without what is padding. */
export function steppedSpans(s: Window): readonly [Span[], Span[]] {
  return [spans(s.oh, s.h, s.kh, s.sh, s.pt, s.dh), spans(s.ow, s.w, s.kw, s.sw, s.pl, s.dw)];
}

function spans(outputs: number, n: number, kernel: number, stride: number, pad: number, dilation: number): Span[] {
  return Array.from({ length: outputs }, (_, i) => {
    const begin = i * stride - pad;
    const skipped = Math.max(0, Math.ceil(-begin / dilation));
    const end = Math.min(kernel, Math.ceil((n - begin) / dilation));
    return [begin + skipped * dilation, Math.max(0, end - skipped)];
  });
}

/** Of windows that divide n cells as evenly as can be, and overlap where they must: floor(i n / m) to ceil((i + 1) n / m). */
export function evenSpans(outputs: number, n: number): Span[] {
  return Array.from({ length: outputs }, (_, i) => {
    const first = Math.floor((i * n) / outputs);
    return [first, Math.ceil(((i + 1) * n) / outputs) - first];
  });
}
