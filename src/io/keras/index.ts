// The window: models of TensorFlow.js and Keras.
export { type KerasFile, type LoadKerasOptions, loadKeras } from "./loadKeras.ts";
export type { InputShapes } from "./topology.ts";
export type { Bytes, WeightFiles } from "./weights.ts";
