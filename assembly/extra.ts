// The window of simd-extra.wasm and relaxed-extra.wasm: kernels that few programs need, over the memory of the others. Which go
// here: docs/decisions/0010-a-second-module.md.

export { groupNorm, groupNormBackward } from "./groupNorm";
export { locallyConnected2d, locallyConnected2dBackward } from "./locallyConnected2d";
export { prelu, preluBackward } from "./prelu";
export { resize, resizeBackward } from "./resize";
export { adjust, adjustBackward } from "./adjust";
export { affineTransform, affineTransformBackward } from "./affineTransform";
export { localResponseNorm, localResponseNormBackward } from "./localResponseNorm";
export { unitNorm, unitNormBackward } from "./unitNorm";
export { move } from "./move";
