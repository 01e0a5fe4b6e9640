// The window: models of TensorFlow.js and Keras.

export type { InputShapes } from "../network/inputShapes.ts";
export { type KerasFile, type LoadKerasOptions, loadKeras } from "./loadKeras.ts";
export type { Bytes, WeightFiles } from "./weights.ts";
