// The window: from pictures to tensors, and back to what a network says of them or makes of them.
export type { ColorOrder, Normalization } from "./colors.ts";
export { type DecodePredictionsOptions, decodePredictions, type Prediction } from "./decodePredictions.ts";
export { type CropBox, type FromImageOptions, fromImage } from "./fromImage.ts";
export type { DrawableImage, ImageSource, PixelImage } from "./pixels.ts";
export { type ByteImage, type ToImageOptions, toImage } from "./toImage.ts";
