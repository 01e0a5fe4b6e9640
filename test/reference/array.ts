/** What the naive twins compute with: doubles and a shape. */
export interface Array64 {
  readonly shape: readonly number[];
  readonly data: Float64Array;
}

export function array64(shape: readonly number[], data?: ArrayLike<number>): Array64 {
  const size = shape.reduce((a, b) => a * b, 1);
  return { shape, data: data === undefined ? new Float64Array(size) : Float64Array.from(data) };
}

/** The element at `index`; 0 outside, as zero padding has it. */
export function at({ shape, data }: Array64, ...index: number[]): number {
  let offset = 0;
  for (let i = 0; i < index.length; i++) {
    if (index[i] < 0 || index[i] >= shape[i]) return 0;
    offset = offset * shape[i] + index[i];
  }
  return data[offset];
}

/** Calls `visit` with every index of `shape` in row-major order and collects what it returns. */
export function build(shape: readonly number[], visit: (...index: number[]) => number): Array64 {
  const made = array64(shape);
  const index = shape.map(() => 0);
  for (let i = 0; i < made.data.length; i++) {
    made.data[i] = visit(...index);
    for (let axis = shape.length - 1; axis >= 0 && ++index[axis] === shape[axis]; axis--) index[axis] = 0;
  }
  return made;
}
