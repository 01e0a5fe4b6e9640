/**
 * The convolution exercise of the textbooks, function by function: the same names, argument order, shapes and caches, on
 * the kernels that the layers of this library run on. Images are [m, n_H, n_W, n_C] throughout: examples, rows, columns,
 * channels.
 *
 *     const { Z, cache } = textbook.convForward(APrev, W, b, { stride: 1, pad: 2 });
 *     const { dAPrev, dW, db } = textbook.convBackward(dZ, cache);
 *
 * Read on in this order; each file is a chapter.
 */
// 1. convolution: zeroPad -> convSingleStep -> convForward -> convBackward

// 3. the classifier: fullyConnectedForward, fullyConnectedBackward, softmax
export * from "./textbook/classifier.ts";
export * from "./textbook/convolution.ts";
// 2. pooling: poolForward -> createMaskFromWindow, distributeValue -> poolBackward
export * from "./textbook/pooling.ts";
// 4. sizes: outputSize
export * from "./textbook/sizes.ts";
