import { type Array64, array64, at } from "./array.ts";

/** The elements of each axis from start up to end, every step-th, as Python's x[start:end:step] has them. */
export function slice(
  x: Array64,
  { start = [], end = [], step = [] }: { start?: readonly number[]; end?: readonly number[]; step?: readonly number[] },
): Array64 {
  const kept = x.shape.map((n, axis) => {
    const by = step[axis] ?? 1;
    const from = start[axis] ?? (by > 0 ? 0 : n - 1);
    const to = end[axis];
    const places: number[] = [];
    let i = from < 0 ? from + n : from;
    if (by < 0) i = Math.min(i, n - 1);
    const last = to === undefined ? (by > 0 ? n : -1) : to < 0 ? to + n : to;
    for (; by > 0 ? i < last : i > last; i += by) if (i >= 0 && i < n) places.push(i);
    return places;
  });
  const y = array64(kept.map((places) => places.length));
  let n = 0;
  const visit = (index: number[]) => {
    if (index.length === kept.length) y.data[n++] = at(x, ...index);
    else for (const i of kept[index.length]) visit([...index, i]);
  };
  visit([]);
  return y;
}
