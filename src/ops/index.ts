// The window: every op, eager.
export {
  ACTIVATIONS,
  type ActivationName,
  type ActivationOptions,
  activation,
  activationBackward,
  elu,
  leakyRelu,
  relu,
  relu6,
  sigmoid,
  silu,
  swish,
  tanh,
} from "./activation.ts";
export { type Conv2dGradients, type Conv2dOptions, conv2d, conv2dBackward } from "./conv2d.ts";
export { crossEntropy, type Labels, type LossOptions, softmaxCrossEntropy } from "./crossEntropy.ts";
export { type DenseOptions, dense, denseBackward } from "./dense.ts";
export { meanSquaredError } from "./meanSquaredError.ts";
export { type PadOptions, pad, padBackward } from "./pad.ts";
export { softmax, softmaxBackward } from "./softmax.ts";
