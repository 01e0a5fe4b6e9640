/** Chapter 1, convolution: pad the images, apply a filter at one place, at all places, and send gradients back. */
import { ArgumentError, show } from "../errors.ts";
import { conv2d, conv2dBackward, inferConv2d } from "../ops/conv2d.ts";
import { shapeOf } from "../ops/eager.ts";
import { pad as padImages } from "../ops/pad.ts";
import { expectShape } from "../tensor/shape.ts";
import { scope, type Tensor, tensor } from "../tensor/tensor.ts";
import { expectCache, hyperparameter } from "./checks.ts";

/** How a filter moves. */
export interface ConvHyperparameters {
  /** How many cells the filter moves on at each step. */
  readonly stride: number;
  /** Zeros around the image, on every side. */
  readonly pad: number;
}

/** What `convForward` keeps for `convBackward`: its arguments. */
export type ConvCache = readonly [APrev: Tensor, W: Tensor, b: Tensor, hparameters: ConvHyperparameters];

/**
 * Surrounds every image of a batch with zeros.
 *
 * Without them an image shrinks by f - 1 at each convolution, and the cells of its edge are looked at less often than
 * those inside. `pad = (f - 1) / 2` keeps its size at stride 1 (a "same" convolution).
 *
 * @param X images, [m, n_H, n_W, n_C]
 * @param pad zeros on each of the four sides
 * @returns [m, n_H + 2 pad, n_W + 2 pad, n_C]
 * @example
 * const XPad = textbook.zeroPad(zeros([4, 3, 3, 2]), 2); // [4,7,7,2]
 */
export function zeroPad(X: Tensor, pad: number): Tensor {
  expectShape("zeroPad", "X", shapeOf("zeroPad", "X", X), ["m", "n_H", "n_W", "n_C"]);
  if (!(Number.isInteger(pad) && pad >= 0)) {
    throw new ArgumentError(`zeroPad: pad must be a whole number >= 0, got ${show(pad)}`);
  }
  return padImages(X, pad);
}

/**
 * One filter at one place of one image: multiply cell by cell, add everything up, add the bias.
 *
 *     Z = sum over i, j, c of aSlicePrev[i,j,c] * W[i,j,c]  +  b
 *
 * @param aSlicePrev what lies under the filter, [f, f, n_C_prev]
 * @param W the filter, [f, f, n_C_prev]
 * @param b its bias, [1, 1, 1]
 * @returns Z, a number
 * @example
 * const [slice, W, b] = [full([4, 4, 3], 1), full([4, 4, 3], 0.5), full([1, 1, 1], 1)];
 * textbook.convSingleStep(slice, W, b); // 25
 */
export function convSingleStep(aSlicePrev: Tensor, W: Tensor, b: Tensor): number {
  const op = "convSingleStep";
  expectShape(op, "W", shapeOf(op, "W", W), ["f", "f", "n_C_prev"]);
  expectShape(op, "aSlicePrev", shapeOf(op, "aSlicePrev", aSlicePrev), W.shape);
  expectShape(op, "b", shapeOf(op, "b", b), [1, 1, 1]);
  return scope(() => {
    const filter = tensor(W.data, [...W.shape, 1]); // one filter; it fits its input at one place only
    return conv2d(aSlicePrev, filter, tensor(b.data, [1])).data[0];
  });
}

/**
 * The forward pass of a convolution layer: every filter at every place, `stride` cells apart.
 *
 *     Z[i,h,w,c] = convSingleStep(the f x f cells of padded image i from row h * stride, column w * stride, W[...,c], b[...,c])
 *
 *     n_H = floor((n_H_prev - f + 2 pad) / stride) + 1,   n_W likewise,   n_C = the number of filters
 *
 * @param APrev activations of the layer before, [m, n_H_prev, n_W_prev, n_C_prev]
 * @param W filters, [f, f, n_C_prev, n_C]
 * @param b biases, [1, 1, 1, n_C]
 * @returns Z [m, n_H, n_W, n_C], and the cache for `convBackward`; the cache holds the tensors given, not copies.
 * @throws ShapeError where the shapes do not fit each other or the filter is larger than the padded image.
 * @example
 * const [APrev, W, b] = [zeros([10, 4, 4, 3]), zeros([2, 2, 3, 8]), zeros([1, 1, 1, 8])];
 * const { Z, cache } = textbook.convForward(APrev, W, b, { stride: 2, pad: 2 });
 * Z.shape; // [10,4,4,8]
 */
export function convForward(
  APrev: Tensor,
  W: Tensor,
  b: Tensor,
  hparameters: ConvHyperparameters,
): { Z: Tensor; cache: ConvCache } {
  const op = "convForward";
  expectShape(op, "APrev", shapeOf(op, "APrev", APrev), ["m", "n_H_prev", "n_W_prev", "n_C_prev"]);
  expectShape(op, "W", shapeOf(op, "W", W), ["f", "f", APrev.shape[3], "n_C"]);
  expectShape(op, "b", shapeOf(op, "b", b), [1, 1, 1, W.shape[3]]);
  const options = optionsOf(op, hparameters);
  inferConv2d(op, APrev.shape, W.shape, null, options); // throws under the name that the caller knows
  const Z = scope(() => conv2d(APrev, W, tensor(b.data, [W.shape[3]]), options));
  return { Z, cache: [APrev, W, b, hparameters] };
}

/**
 * The backward pass of a convolution layer. Every dZ[i,h,w,c] was made from one slice, one filter and one bias, and goes
 * back to all three:
 *
 *     dAPrev (padded)  slice += W[...,c] * dZ[i,h,w,c]       then the padding is cut off
 *     dW[...,c]              += slice    * dZ[i,h,w,c]
 *     db[...,c]              +=            dZ[i,h,w,c]
 *
 * @param dZ gradient of the cost with respect to Z, [m, n_H, n_W, n_C]
 * @param cache what `convForward` returned
 * @returns dAPrev [m, n_H_prev, n_W_prev, n_C_prev], dW [f, f, n_C_prev, n_C], db [1, 1, 1, n_C]; sums over the batch
 * @example
 * const [APrev, W, b] = [zeros([10, 4, 4, 3]), zeros([2, 2, 3, 8]), zeros([1, 1, 1, 8])];
 * const { Z, cache } = textbook.convForward(APrev, W, b, { stride: 2, pad: 2 });
 * const { dAPrev, dW, db } = textbook.convBackward(Z, cache);
 */
export function convBackward(dZ: Tensor, cache: ConvCache): { dAPrev: Tensor; dW: Tensor; db: Tensor } {
  const op = "convBackward";
  expectCache(op, cache, "convForward", 4);
  const [APrev, W, b, hparameters] = cache;
  const options = optionsOf(op, hparameters);
  expectShape(op, "dZ", shapeOf(op, "dZ", dZ), inferConv2d(op, APrev.shape, W.shape, null, options).output);
  return scope(() => {
    const { dx, dw, db } = conv2dBackward(dZ, APrev, W, options);
    return { dAPrev: dx, dW: dw, db: tensor(db.data, b.shape) };
  });
}

/** The names of the exercise in those of the op. */
function optionsOf(op: string, hparameters: ConvHyperparameters): { stride: number; padding: number } {
  return { stride: hyperparameter(op, hparameters, "stride", 1), padding: hyperparameter(op, hparameters, "pad", 0) };
}
