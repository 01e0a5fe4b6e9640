/** An IDX file of bytes. */
export function idxBytes(shape: readonly number[], elements: Uint8Array): Uint8Array {
  const file = new Uint8Array(4 + 4 * shape.length + elements.length);
  const view = new DataView(file.buffer);
  view.setUint32(0, 0x0800 + shape.length);
  shape.forEach((size, axis) => view.setUint32(4 + 4 * axis, size));
  file.set(elements, 4 + 4 * shape.length);
  return file;
}
