// Conversions between the canonical layouts (NHWC, HWIO) and those of the NCHW contenders; never timed.

export function nhwc2nchw(x, N, H, W, C) {
  const y = new Float32Array(x.length);
  const pixels = H * W;
  for (let n = 0; n < N; n++) {
    for (let c = 0; c < C; c++) {
      for (let i = 0; i < pixels; i++) y[(n * C + c) * pixels + i] = x[(n * pixels + i) * C + c];
    }
  }
  return y;
}

export function nchw2nhwc(x, N, H, W, C) {
  const y = new Float32Array(x.length);
  const pixels = H * W;
  for (let n = 0; n < N; n++) {
    for (let c = 0; c < C; c++) {
      for (let i = 0; i < pixels; i++) y[(n * pixels + i) * C + c] = x[(n * C + c) * pixels + i];
    }
  }
  return y;
}

/** Convolution weights [KH,KW,I,O] -> [O,I,KH,KW]. */
export function hwio2oihw(w, KH, KW, I, O) {
  const taps = KH * KW;
  const y = new Float32Array(w.length);
  for (let t = 0; t < taps; t++) {
    for (let i = 0; i < I; i++) {
      for (let o = 0; o < O; o++) y[(o * I + i) * taps + t] = w[(t * I + i) * O + o];
    }
  }
  return y;
}

/** Convolution weights [O,I,KH,KW] -> [KH,KW,I,O]. */
export function oihw2hwio(w, KH, KW, I, O) {
  const taps = KH * KW;
  const y = new Float32Array(w.length);
  for (let o = 0; o < O; o++) {
    for (let i = 0; i < I; i++) {
      for (let t = 0; t < taps; t++) y[(t * I + i) * O + o] = w[(o * I + i) * taps + t];
    }
  }
  return y;
}

/** Weights [H*W*C, Out] of a dense layer after an NHWC flatten -> rows in NCHW order. */
export function flatRows(w, [H, W, C], Out) {
  const y = new Float32Array(w.length);
  for (let i = 0; i < H * W; i++) {
    for (let c = 0; c < C; c++) y.set(row(w, i * C + c, Out), (c * H * W + i) * Out);
  }
  return y;
}

/** The way back: rows in NCHW order -> rows in NHWC order. */
export function unflatRows(w, [H, W, C], Out) {
  const y = new Float32Array(w.length);
  for (let i = 0; i < H * W; i++) {
    for (let c = 0; c < C; c++) y.set(row(w, c * H * W + i, Out), (i * C + c) * Out);
  }
  return y;
}

function row(w, index, length) {
  return w.subarray(index * length, (index + 1) * length);
}
