// Weights as tiles read them (gemm.ts): a panel holds 8 output columns, [8 biases][K][8], columns past the end zero.

/** Output columns of a panel. */
export const PANEL: i32 = 8;

/** Bytes of a panel of K rows. */
@inline
export function panelBytes(K: i32): usize {
  return <usize>(K + 1) << 5;
}

/** Panels that `columns` columns need. */
@inline
export function panelsOf(columns: i32): i32 {
  return (columns + 7) >> 3;
}

// w [K][row stride ldw floats] (columns from w) -> panel rows [K][8]; columns past the end become zero
export function packRows(w: usize, ldw: i32, K: i32, columns: i32, out: usize): usize {
  const step = <usize>ldw << 2;
  if (columns >= 8) {
    for (let k = 0; k < K; k++, w += step, out += 32) {
      v128.store(out, v128.load(w));
      v128.store(out, v128.load(w, 16), 16);
    }
  } else {
    memory.fill(out, 0, <usize>K << 5);
    for (let k = 0; k < K; k++, w += step, out += 32) memory.copy(out, w, <usize>columns << 2);
  }
  return out;
}

// w [columns][row stride ldw floats] (K from w) -> panel rows [K][8], that is, transposed
export function packColumns(w: usize, ldw: i32, K: i32, columns: i32, out: usize): usize {
  const end = out + (<usize>K << 5);
  memory.fill(out, 0, <usize>K << 5);
  for (let j = 0; j < min(columns, 8); j++) {
    let from = w + (<usize>(j * ldw) << 2);
    for (let to = out + (<usize>j << 2); to < end; to += 32, from += 4) store<f32>(to, load<f32>(from));
  }
  return end;
}

// bias [columns] or null -> panel biases [8]
export function packBias(bias: usize, columns: i32, out: usize): usize {
  memory.fill(out, 0, 32);
  if (bias) memory.copy(out, bias, <usize>min(columns, 8) << 2);
  return out + 32;
}
