// The window: models in ONNX files.
export type { InputShapes } from "../network/inputShapes.ts";
export { type LoadOnnxOptions, loadOnnx } from "./loadOnnx.ts";
