/**
 * The geometry of an op that slides a window over an image; src/ops/window.ts writes these fields in this order.
 * Window (ky, kx) of output (oy, ox) sees input (oy*SH - PT + ky*DH, ox*SW - PL + kx*DW).
 */
@unmanaged
export class Window {
  N: i32; // images
  H: i32; // input height, width, channels
  W: i32;
  C: i32;
  OH: i32; // output height, width, channels
  OW: i32;
  O: i32;
  KH: i32; // window height, width
  KW: i32;
  SH: i32; // stride
  SW: i32;
  PT: i32; // padding above and to the left (what is needed below and to the right follows from the rest)
  PL: i32;
  DH: i32; // dilation
  DW: i32;
  G: i32; // groups
  P: i32; // floats from output pixel to output pixel: O, or more where y is part of wider pixels (dense convolutions only)
}

/** The first output column whose windows see only columns of the input. */
@inline
export function insideBegin(s: Window): i32 {
  return (s.PL + s.SW - 1) / s.SW;
}

/** Behind the last one; not above `insideBegin` where there is none. Dilation is 1. */
@inline
export function insideEnd(s: Window): i32 {
  const room = s.W - s.KW + s.PL;
  return room < 0 ? 0 : min(room / s.SW + 1, s.OW);
}
