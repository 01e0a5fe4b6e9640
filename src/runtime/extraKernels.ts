/** The exports of assembly/extra.ts, typed as those of assembly/index.ts are in kernels.ts. */
export interface ExtraKernels {
  /** linear 0 or 1. */
  resize(
    x: number,
    y: number,
    n: number,
    h: number,
    w: number,
    c: number,
    oh: number,
    ow: number,
    fromH: number,
    toH: number,
    fromW: number,
    toW: number,
    offset: number,
    shift: number,
    linear: number,
  ): void;
  resizeBackward(
    dy: number,
    dx: number,
    n: number,
    h: number,
    w: number,
    c: number,
    oh: number,
    ow: number,
    fromH: number,
    toH: number,
    fromW: number,
    toW: number,
    offset: number,
    shift: number,
    linear: number,
  ): void;

  /** fill: of FILL_MODES; linear 0 or 1. */
  affineTransform(
    x: number,
    y: number,
    h: number,
    w: number,
    c: number,
    oh: number,
    ow: number,
    a0: number,
    a1: number,
    a2: number,
    b0: number,
    b1: number,
    b2: number,
    fill: number,
    value: number,
    linear: number,
  ): void;
  affineTransformBackward(
    dy: number,
    dx: number,
    h: number,
    w: number,
    c: number,
    oh: number,
    ow: number,
    a0: number,
    a1: number,
    a2: number,
    b0: number,
    b1: number,
    b2: number,
    fill: number,
    linear: number,
  ): void;

  adjust(
    x: number,
    y: number,
    n: number,
    shifts: number,
    length: number,
    factor: number,
    low: number,
    high: number,
  ): void;
  adjustBackward(
    dy: number,
    x: number,
    dx: number,
    n: number,
    shifts: number,
    length: number,
    factor: number,
    low: number,
    high: number,
  ): void;
  move(
    x: number,
    y: number,
    n0: number,
    n1: number,
    n2: number,
    x0: number,
    x1: number,
    x2: number,
    y0: number,
    y1: number,
    y2: number,
  ): void;

  locallyConnected2d(x: number, w: number, bias: number, y: number, window: number): void;
  locallyConnected2dBackward(x: number, dy: number, w: number, dx: number, dw: number, window: number): void;

  prelu(x: number, alpha: number, y: number, m: number, k: number): void;
  /** dx, dalpha 0: not wanted. */
  preluBackward(dy: number, x: number, alpha: number, dx: number, dalpha: number, m: number, k: number): void;
  localResponseNorm(
    x: number,
    y: number,
    m: number,
    c: number,
    size: number,
    alpha: number,
    beta: number,
    k: number,
    scratch: number,
  ): void;
  localResponseNormBackward(
    dy: number,
    x: number,
    dx: number,
    m: number,
    c: number,
    size: number,
    alpha: number,
    beta: number,
    k: number,
    scratch: number,
  ): void;

  unitNorm(x: number, y: number, m: number, c: number): void;
  unitNormBackward(dy: number, x: number, dx: number, m: number, c: number): void;

  groupNorm(
    x: number,
    gamma: number,
    beta: number,
    y: number,
    mean: number,
    invStd: number,
    n: number,
    p: number,
    c: number,
    g: number,
    epsilon: number,
    scratch: number,
  ): void;
  groupNormBackward(
    dy: number,
    x: number,
    gamma: number,
    mean: number,
    invStd: number,
    dx: number,
    dgamma: number,
    dbeta: number,
    n: number,
    p: number,
    c: number,
    g: number,
    scratch: number,
  ): void;
}
