// The window: every op, eager.
export { type Conv2dGradients, type Conv2dOptions, conv2d, conv2dBackward } from "./conv2d.ts";
export { type DenseOptions, dense, denseBackward } from "./dense.ts";
export { type PadOptions, pad, padBackward } from "./pad.ts";
