// The window: what simd.wasm and relaxed.wasm export, the kernels of the usual networks. Those of extra.ts travel apart.

/** Where the heap may begin: behind the constants, which lie behind those of extra.ts (asconfig.json). */
export function heapBase(): usize {
  return __heap_base;
}

export { imageRows, imageColumns, imageBytes } from "./image";
export { pad, padBackward } from "./pad";
export { add, copy, rescale } from "./elementwise";
export { concat, concatBackward } from "./concat";
export { winogradPack, winograd } from "./winograd";
export { winogradRowsPack, winogradRows } from "./winogradRows";
export {
  conv2dPack, conv2d, conv2dRows, conv2dPixels, conv2dBackwardInputPack, conv2dBackwardInput,
  conv2dBackwardFilter, conv2dBackwardFilterRows, conv2dBackwardBias,
} from "./conv2d";
export { maxPool2d, minPool2d, avgPool2d } from "./pool2d";
export { poolCells, poolCellsBackward, putPixels, takePixels } from "./poolCells";
export { maxPool2dBackward, minPool2dBackward, avgPool2dBackward } from "./pool2dBackward";
export {
  depthwiseConv2dPack, depthwiseConv2d, depthwiseConv2dBackwardInputPack, depthwiseConv2dBackwardInput,
  depthwiseConv2dBackwardFilter,
} from "./depthwiseConv2d";
export { densePack, dense, denseBackwardInputPack } from "./dense";
export { activation, activationBackward } from "./activation";
export { rareActivation, rareActivationBackward } from "./activationRare";
export { softmax, softmaxBackward, logSoftmax } from "./softmax";
export { softmaxAxis, softmaxAxisBackward } from "./softmaxAxis";
export { softmaxCrossEntropy, softmaxCrossEntropyTargets, crossEntropy, crossEntropyTargets } from "./crossEntropy";
export { elementLoss } from "./elementLoss";
export { overlapLoss } from "./overlapLoss";
export { sum, sumOfSquares, sumOfAbs } from "./reduce";
export { sgdStep, movingAverage, scale, addScaled, addSign } from "./optimizer";
export { adamStep, adamaxStep, rmspropStep, adadeltaStep, lionStep } from "./adaptive";
export { dropout, normalNoise } from "./dropout";
export {
  batchNormStatistics, batchNormInvStd, batchNormFold, batchNormFoldWeights, batchNorm, batchNormBackward,
} from "./batchNorm";
export { arithmetic, arithmeticBackward } from "./arithmetic";
export { reduceAxis, reduceSumBackward, reduceExtremeBackward } from "./reduceAxis";
export { fill } from "./simd";
