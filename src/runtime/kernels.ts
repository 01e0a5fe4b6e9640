/**
 * The exports of assembly/index.ts, typed. Pointers are byte addresses in linear memory; `window` points to a Window
 * (assembly/window.ts). Shapes and meaning stand at each kernel.
 */
export interface Kernels {
  heapBase(): number;

  pad(x: number, y: number, n: number, h: number, w: number, c: number, map: number, value: number): void;
  padBackward(dy: number, dx: number, n: number, h: number, w: number, c: number, map: number): void;

  upsample2d(x: number, y: number, n: number, h: number, w: number, c: number, fh: number, fw: number): void;
  upsample2dBackward(dy: number, dx: number, n: number, h: number, w: number, c: number, fh: number, fw: number): void;

  conv2dPack(w: number, bias: number, packed: number, window: number): void;
  conv2d(
    x: number,
    packed: number,
    y: number,
    window: number,
    scratch: number,
    activation: number,
    from: number,
    to: number,
  ): void;
  conv2dRows(
    x: number,
    packed: number,
    y: number,
    window: number,
    scratch: number,
    band: number,
    activation: number,
    from: number,
    to: number,
  ): void;
  conv2dPixels(
    x: number,
    packed: number,
    y: number,
    window: number,
    scratch: number,
    activation: number,
    from: number,
    to: number,
  ): void;
  /** transposed 0 or 1; c and o are those of the convolution that is computed. */
  winogradPack(w: number, bias: number, packed: number, c: number, o: number, m: number, transposed: number): void;
  winograd(
    x: number,
    packed: number,
    y: number,
    window: number,
    scratch: number,
    m: number,
    block: number,
    activation: number,
    from: number,
    to: number,
  ): void;
  conv2dBackwardInputPack(w: number, bias: number, packed: number, window: number): void;
  conv2dBackwardInput(dy: number, packed: number, dx: number, window: number, scratch: number, epilogue: number): void;
  conv2dBackwardFilter(x: number, dy: number, dw: number, window: number, scratch: number): void;
  conv2dBackwardFilterRows(x: number, dy: number, dw: number, window: number, scratch: number): void;
  conv2dBackwardBias(dy: number, db: number, pixels: number, channels: number): void;

  locallyConnected2d(x: number, w: number, bias: number, y: number, window: number): void;
  locallyConnected2dBackward(x: number, dy: number, w: number, dx: number, dw: number, window: number): void;

  add(a: number, b: number, y: number, n: number): void;
  copy(x: number, y: number, n: number): void;
  concat(x: number, y: number, rows: number, c: number, o: number, first: number): void;
  concatBackward(dy: number, dx: number, rows: number, c: number, o: number, first: number): void;

  depthwiseConv2dPack(w: number, bias: number, packed: number, window: number): void;
  depthwiseConv2d(
    x: number,
    packed: number,
    y: number,
    window: number,
    scratch: number,
    activation: number,
    from: number,
    to: number,
  ): void;
  depthwiseConv2dBackwardInputPack(w: number, packed: number, window: number): void;
  depthwiseConv2dBackwardInput(
    dy: number,
    packed: number,
    dx: number,
    window: number,
    scratch: number,
    from: number,
    to: number,
  ): void;
  depthwiseConv2dBackwardFilter(x: number, dy: number, dw: number, window: number, scratch: number): void;

  maxPool2d(x: number, y: number, window: number, from: number, to: number): void;
  minPool2d(x: number, y: number, window: number, from: number, to: number): void;
  avgPool2d(
    x: number,
    y: number,
    window: number,
    from: number,
    to: number,
    above: number,
    below: number,
    before: number,
    after: number,
  ): void;
  /** kind is one of src/ops/poolCells.ts; behind the window lie the rows and columns that outputs see. */
  poolCells(kind: number, x: number, y: number, noted: number, window: number): void;
  poolCellsBackward(kind: number, dy: number, x: number, y: number, dx: number, window: number): void;
  putPixels(x: number, index: number, y: number, n: number, m: number, p: number, c: number): void;
  takePixels(x: number, index: number, y: number, n: number, m: number, p: number, c: number): void;
  maxPool2dBackward(dy: number, x: number, dx: number, window: number, all: number, from: number, to: number): void;
  minPool2dBackward(dy: number, x: number, dx: number, window: number, all: number, from: number, to: number): void;
  avgPool2dBackward(
    dy: number,
    dx: number,
    window: number,
    from: number,
    to: number,
    above: number,
    below: number,
    before: number,
    after: number,
  ): void;

  densePack(w: number, bias: number, packed: number, k: number, o: number): void;
  dense(
    x: number,
    packed: number,
    y: number,
    m: number,
    k: number,
    o: number,
    scratch: number,
    activation: number,
  ): void;
  denseBackwardInputPack(w: number, packed: number, k: number, o: number): void;

  activation(x: number, y: number, n: number, kind: number, parameter: number): void;
  activationBackward(dy: number, value: number, dx: number, n: number, kind: number, parameter: number): void;

  softmax(x: number, y: number, m: number, c: number): void;
  softmaxBackward(dy: number, y: number, dx: number, m: number, c: number): void;

  softmaxCrossEntropy(
    logits: number,
    labels: number,
    weights: number,
    losses: number,
    dlogits: number,
    m: number,
    c: number,
    scale: number,
  ): void;
  softmaxCrossEntropyTargets(
    logits: number,
    targets: number,
    weights: number,
    losses: number,
    dlogits: number,
    m: number,
    c: number,
    scale: number,
  ): void;
  crossEntropy(
    p: number,
    labels: number,
    weights: number,
    losses: number,
    dp: number,
    m: number,
    c: number,
    scale: number,
  ): void;
  crossEntropyTargets(
    p: number,
    targets: number,
    weights: number,
    losses: number,
    dp: number,
    m: number,
    c: number,
    scale: number,
  ): void;
  meanSquaredError(
    x: number,
    targets: number,
    weights: number,
    losses: number,
    dx: number,
    m: number,
    c: number,
    scale: number,
  ): void;

  sum(x: number, n: number): number;
  sumOfSquares(x: number, n: number): number;
  sumOfAbs(x: number, n: number): number;

  /** velocity 0: none; nesterov 0 or 1. */
  sgdStep(
    w: number,
    g: number,
    velocity: number,
    n: number,
    learningRate: number,
    momentum: number,
    nesterov: number,
    weightDecay: number,
  ): void;
  /** correction1 = 1 - beta1^t, correction2 = 1 - beta2^t, t counted from 1. */
  adamStep(
    w: number,
    g: number,
    m: number,
    v: number,
    n: number,
    learningRate: number,
    beta1: number,
    beta2: number,
    epsilon: number,
    correction1: number,
    correction2: number,
    weightDecay: number,
  ): void;
  scale(g: number, n: number, factor: number): void;
  addScaled(g: number, w: number, n: number, factor: number): void;
  addSign(g: number, w: number, n: number, factor: number): void;

  dropout(
    x: number,
    y: number,
    from: number,
    to: number,
    rate: number,
    seedLow: number,
    seedHigh: number,
    stream: number,
  ): void;

  batchNormStatistics(
    x: number,
    mean: number,
    invStd: number,
    runningMean: number,
    runningVariance: number,
    m: number,
    c: number,
    momentum: number,
    epsilon: number,
    scratch: number,
  ): void;
  batchNormInvStd(variance: number, invStd: number, c: number, epsilon: number): void;
  batchNormFold(gamma: number, beta: number, mean: number, invStd: number, folded: number, c: number): void;
  batchNormFoldWeights(
    w: number,
    b: number,
    folded: number,
    weights: number,
    bias: number,
    rows: number,
    c: number,
  ): void;
  batchNorm(x: number, folded: number, y: number, m: number, c: number): void;
  /** frozen 0 or 1. */
  batchNormBackward(
    dy: number,
    x: number,
    gamma: number,
    mean: number,
    invStd: number,
    dx: number,
    dgamma: number,
    dbeta: number,
    m: number,
    c: number,
    frozen: number,
    scratch: number,
  ): void;
}
