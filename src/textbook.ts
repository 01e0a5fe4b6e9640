/**
 * The convolution exercise of the textbooks, function by function: the same names, argument order, shapes and caches, on
 * the kernels that the layers of this library run on. Images are [m, n_H, n_W, n_C] throughout: examples, rows, columns,
 * channels.
 *
 *     const { Z, cache } = textbook.convForward(APrev, W, b, { stride: 1, pad: 2 });
 *     const { dAPrev, dW, db } = textbook.convBackward(dZ, cache);
 *
 * Each file is a chapter; read them in this order:
 *
 *     textbook/convolution.ts    zeroPad -> convSingleStep -> convForward -> convBackward
 *     textbook/pooling.ts        poolForward -> createMaskFromWindow, distributeValue -> poolBackward
 *     textbook/classifier.ts     fullyConnectedForward, softmax, dropoutForward -> their way back
 *     textbook/sizes.ts          outputSize, receptiveField
 */
export * from "./textbook/classifier.ts";
export * from "./textbook/convolution.ts";
export * from "./textbook/pooling.ts";
export * from "./textbook/sizes.ts";
