/**
 * The exports of assembly/index.ts, typed. Pointers are byte addresses in linear memory; `window` points to a Window
 * (assembly/window.ts). Shapes and meaning stand at each kernel.
 */
import type { ExtraKernels } from "./extraKernels.ts";

export interface Kernels {
  /** Those of the second module, once they are loaded; ops call them through `extra` of extra.ts. */
  extra: ExtraKernels | undefined;

  heapBase(): number;
  /** bytes 0 or 1: of x, else floats. */
  imageRows(
    x: number,
    y: number,
    h: number,
    w: number,
    c: number,
    ow: number,
    table: number,
    taps: number,
    bytes: number,
  ): void;
  imageColumns(
    x: number,
    y: number,
    first: number,
    from: number,
    to: number,
    w: number,
    k: number,
    o: number,
    table: number,
    taps: number,
    mixture: number,
    unit: number,
  ): void;
  imageBytes(x: number, y: number, p: number, c: number, mixture: number): void;

  pad(x: number, y: number, n: number, h: number, w: number, c: number, map: number, value: number): void;
  padBackward(dy: number, dx: number, n: number, h: number, w: number, c: number, map: number): void;

  fill(p: number, count: number, value: number): void;
  /** kind: of ARITHMETIC. */
  arithmetic(
    kind: number,
    a: number,
    b: number,
    y: number,
    n0: number,
    n1: number,
    n2: number,
    a0: number,
    a1: number,
    a2: number,
    b0: number,
    b1: number,
    b2: number,
  ): void;
  /** second 0 or 1. */
  arithmeticBackward(
    kind: number,
    second: number,
    dy: number,
    a: number,
    b: number,
    g: number,
    n0: number,
    n1: number,
    n2: number,
    a0: number,
    a1: number,
    a2: number,
    b0: number,
    b1: number,
    b2: number,
  ): void;
  /** kind: of REDUCTIONS. */
  reduceAxis(kind: number, x: number, y: number, n: number, r: number, c: number, factor: number): void;
  reduceSumBackward(dy: number, dx: number, n: number, r: number, c: number, factor: number): void;
  reduceExtremeBackward(dy: number, x: number, y: number, dx: number, n: number, r: number, c: number): void;

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
  winogradPack(
    w: number,
    bias: number,
    packed: number,
    c: number,
    o: number,
    m: number,
    stride: number,
    transposed: number,
  ): void;
  winograd(
    x: number,
    packed: number,
    y: number,
    window: number,
    scratch: number,
    m: number,
    block: number,
    epilogue: number,
    from: number,
    to: number,
  ): void;
  winogradRowsPack(
    w: number,
    bias: number,
    packed: number,
    c: number,
    o: number,
    kh: number,
    kw: number,
    transposed: number,
  ): void;
  winogradRows(
    x: number,
    packed: number,
    y: number,
    window: number,
    scratch: number,
    block: number,
    epilogue: number,
    from: number,
    to: number,
  ): void;
  conv2dBackwardInputPack(w: number, bias: number, packed: number, window: number): void;
  conv2dBackwardInput(dy: number, packed: number, dx: number, window: number, scratch: number, epilogue: number): void;
  conv2dBackwardFilter(x: number, dy: number, dw: number, window: number, scratch: number): void;
  conv2dBackwardFilterRows(x: number, dy: number, dw: number, window: number, scratch: number): void;
  conv2dBackwardBias(dy: number, db: number, pixels: number, channels: number): void;

  add(a: number, b: number, y: number, n: number): void;
  copy(x: number, y: number, n: number): void;
  rescale(x: number, y: number, n: number, scale: number, offset: number): void;
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

  rareActivation(x: number, y: number, n: number, kind: number, a: number, b: number, c: number): void;
  rareActivationBackward(
    dy: number,
    value: number,
    dx: number,
    n: number,
    kind: number,
    a: number,
    b: number,
    c: number,
  ): void;

  softmax(x: number, y: number, m: number, c: number): void;
  logSoftmax(x: number, y: number, m: number, c: number): void;
  softmaxBackward(dy: number, y: number, dx: number, m: number, c: number): void;
  /** log 0 or 1. */
  softmaxAxis(x: number, y: number, outer: number, c: number, inner: number, log: number): void;
  softmaxAxisBackward(dy: number, y: number, dx: number, outer: number, c: number, inner: number, log: number): void;

  softmaxCrossEntropy(
    logits: number,
    labels: number,
    weights: number,
    losses: number,
    dlogits: number,
    m: number,
    p: number,
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
    p: number,
    c: number,
    scale: number,
  ): void;
  crossEntropy(
    probabilities: number,
    labels: number,
    weights: number,
    losses: number,
    dp: number,
    m: number,
    p: number,
    c: number,
    scale: number,
  ): void;
  crossEntropyTargets(
    probabilities: number,
    targets: number,
    weights: number,
    losses: number,
    dp: number,
    m: number,
    p: number,
    c: number,
    scale: number,
  ): void;
  elementLoss(
    x: number,
    targets: number,
    weights: number,
    losses: number,
    dx: number,
    m: number,
    c: number,
    kind: number,
    unit: number,
    scale: number,
    a: number,
    on: number,
    off: number,
  ): void;
  overlapLoss(
    x: number,
    targets: number,
    weights: number,
    losses: number,
    dx: number,
    m: number,
    p: number,
    c: number,
    kind: number,
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
  /** most 0: no AMSGrad. */
  adamStep(
    w: number,
    g: number,
    m: number,
    v: number,
    most: number,
    n: number,
    rate: number,
    beta1: number,
    beta2: number,
    epsilon: number,
    root: number,
    ahead: number,
    weightDecay: number,
    shrink: number,
  ): void;
  adamaxStep(
    w: number,
    g: number,
    m: number,
    u: number,
    n: number,
    rate: number,
    beta1: number,
    beta2: number,
    epsilon: number,
    weightDecay: number,
  ): void;
  /** mean, velocity 0: none. */
  rmspropStep(
    w: number,
    g: number,
    v: number,
    mean: number,
    velocity: number,
    n: number,
    learningRate: number,
    rho: number,
    gain: number,
    momentum: number,
    epsilon: number,
    weightDecay: number,
  ): void;
  adadeltaStep(
    w: number,
    g: number,
    v: number,
    u: number,
    n: number,
    learningRate: number,
    rho: number,
    epsilon: number,
    weightDecay: number,
  ): void;
  lionStep(
    w: number,
    g: number,
    m: number,
    n: number,
    learningRate: number,
    beta1: number,
    beta2: number,
    shrink: number,
  ): void;
  movingAverage(average: number, w: number, n: number, momentum: number): void;
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

  normalNoise(
    y: number,
    from: number,
    to: number,
    mean: number,
    deviation: number,
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
