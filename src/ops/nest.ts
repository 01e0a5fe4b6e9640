/**
 * Loops over tensors that are walked in strides: three axes for the kernel, and a list of starts for what lies around them.
 * Shared by ops that move elements and by those that broadcast.
 */
import type { Shape } from "../tensor/shape.ts";

export interface Nest {
  /** Sizes of the inner three axes. */
  readonly sizes: readonly [number, number, number];
  /** For each tensor its strides along these, in floats. */
  readonly strides: readonly (readonly [number, number, number])[];
  /** For each pass over the three axes where each tensor's begins, in floats. */
  readonly starts: readonly (readonly number[])[];
}

interface Axis {
  readonly size: number;
  readonly strides: readonly number[];
}

/** The strides of a tensor in row-major order. */
export function stridesOf(shape: Shape): number[] {
  const strides = shape.map(() => 1);
  for (let axis = shape.length - 2; axis >= 0; axis--) strides[axis] = strides[axis + 1] * shape[axis + 1];
  return strides;
}

/** @param strides for each tensor one stride an axis, @param offsets where each begins. */
export function nest(sizes: Shape, strides: readonly (readonly number[])[], offsets: readonly number[]): Nest {
  const axes = merge(sizes.map((size, i) => ({ size, strides: strides.map((s) => s[i]) })));
  while (axes.length < 3) axes.unshift({ size: 1, strides: strides.map(() => 0) });
  const [a, b, c] = axes.slice(-3);
  let starts: (readonly number[])[] = [offsets];
  for (const axis of axes.slice(0, -3)) {
    starts = starts.flatMap((start) =>
      Array.from({ length: axis.size }, (_, i) => start.map((at, t) => at + i * axis.strides[t])),
    );
  }
  return {
    sizes: [a.size, b.size, c.size],
    strides: strides.map((_, t) => [a, b, c].map((x) => x.strides[t])) as never,
    starts,
  };
}

/** Leaves out axes of one element, and makes one of two that all tensors walk as one. */
function merge(axes: readonly Axis[]): Axis[] {
  const merged: Axis[] = [];
  for (const axis of axes) {
    if (axis.size === 1) continue;
    const last = merged.at(-1);
    if (last?.strides.every((s, t) => s === axis.strides[t] * axis.size)) {
      merged[merged.length - 1] = { size: last.size * axis.size, strides: axis.strides };
    } else {
      merged.push(axis);
    }
  }
  return merged;
}
