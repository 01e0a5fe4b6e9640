/** Chapter 3, the classifier behind the features: fully connected layer, softmax, dropout. */
import { ArgumentError, ShapeError, show } from "../errors.ts";
import { dense, denseBackward } from "../ops/dense.ts";
import { dropout } from "../ops/dropout.ts";
import { shapeOf } from "../ops/eager.ts";
import { softmax as softmaxRows } from "../ops/softmax.ts";
import { expectShape, sizeOf } from "../tensor/shape.ts";
import { full, scope, type Tensor, tensor } from "../tensor/tensor.ts";
import { expectCache } from "./checks.ts";

/** What `fullyConnectedForward` keeps for `fullyConnectedBackward`: its arguments. */
export type FullyConnectedCache = readonly [APrev: Tensor, W: Tensor, b: Tensor];

/**
 * A fully connected layer: every output sees every input. Images are flattened to rows before.
 *
 *     Z[i,o] = sum over k of APrev[i,k] * W[k,o]  +  b[o]
 *
 * @param APrev one row for each of m examples, [m, n_prev]
 * @param W weights, [n_prev, n]
 * @param b biases, [n] or [1, n]
 * @returns Z [m, n], and the cache for `fullyConnectedBackward`; the cache holds the tensors given, not copies.
 * @throws ShapeError where the shapes do not fit each other.
 * @example
 * const { Z, cache } = textbook.fullyConnectedForward(zeros([4, 6]), zeros([6, 5]), zeros([5]));
 * Z.shape; // [4,5]
 */
export function fullyConnectedForward(APrev: Tensor, W: Tensor, b: Tensor): { Z: Tensor; cache: FullyConnectedCache } {
  const op = "fullyConnectedForward";
  expectShape(op, "APrev", shapeOf(op, "APrev", APrev), ["m", "n_prev"]);
  expectShape(op, "W", shapeOf(op, "W", W), [APrev.shape[1], "n"]);
  const [, n] = W.shape;
  if (sizeOf(shapeOf(op, "b", b)) !== n || b.shape.at(-1) !== n) {
    throw new ShapeError(`${op}: b must be [${n}] or [1,${n}], got ${show(b.shape)}`);
  }
  return { Z: scope(() => dense(APrev, W, tensor(b.data, [n]))), cache: [APrev, W, b] };
}

/**
 * The backward pass of a fully connected layer:
 *
 *     dAPrev = dZ Wᵀ,   dW = APrevᵀ dZ,   db = sum of the rows of dZ
 *
 * @param dZ gradient of the cost with respect to Z, [m, n]
 * @param cache what `fullyConnectedForward` returned
 * @returns dAPrev [m, n_prev], dW [n_prev, n], and db of the shape of b; sums over the examples
 * @example
 * const { Z, cache } = textbook.fullyConnectedForward(zeros([4, 6]), zeros([6, 5]), zeros([5]));
 * const { dAPrev, dW, db } = textbook.fullyConnectedBackward(Z, cache);
 */
export function fullyConnectedBackward(
  dZ: Tensor,
  cache: FullyConnectedCache,
): { dAPrev: Tensor; dW: Tensor; db: Tensor } {
  expectCache("fullyConnectedBackward", cache, "fullyConnectedForward", 3);
  const [APrev, W, b] = cache;
  expectShape("fullyConnectedBackward", "dZ", shapeOf("fullyConnectedBackward", "dZ", dZ), [
    APrev.shape[0],
    W.shape[1],
  ]);
  return scope(() => {
    const { dx, dw, db } = denseBackward(dZ, APrev, W);
    return { dAPrev: dx, dW: dw, db: tensor(db.data, b.shape) };
  });
}

/**
 * Probabilities from scores: positive, and 1 together in each row.
 *
 *     A[i,c] = exp(Z[i,c]) / sum over k of exp(Z[i,k])
 *
 * The kernel subtracts the largest score of the row first: that changes no result, and nothing overflows. Behind it stands
 * the cross-entropy, whose gradient for the mean over m examples is short: dZ = (A - one-hot labels) / m.
 *
 * @param Z scores, [m, n]
 * @returns A [m, n]
 * @example
 * const A = textbook.softmax(tensor([[0, 0], [0, 100]]));
 * A.toArray(); // [[0.5,0.5],[0,1]]
 */
export function softmax(Z: Tensor): Tensor {
  expectShape("softmax", "Z", shapeOf("softmax", "Z", Z), ["m", "n"]);
  return softmaxRows(Z);
}

/** What `dropoutForward` keeps for `dropoutBackward`: which cells were kept (1 or 0), and keepProb. */
export type DropoutCache = readonly [D: Tensor, keepProb: number];

/**
 * Inverted dropout, in training only: every cell is kept with probability keepProb or else becomes 0, and those kept are
 * divided by keepProb, so that the mean stays what it is without dropout.
 *
 *     A = APrev * D / keepProb
 *
 * @param APrev activations, any shape
 * @param keepProb the probability of a cell to be kept, in (0, 1]; `layers.dropout` takes its opposite, rate = 1 - keepProb
 * @param seed the mask D follows from it: the same seed, the same mask, in every runtime
 * @returns A of the shape of APrev, and the cache for `dropoutBackward`
 * @throws ArgumentError for a keepProb outside (0, 1].
 * @example
 * const { A, cache } = textbook.dropoutForward(full([2, 8], 1), 0.8, 1);
 * A.shape; // [2,8]
 */
export function dropoutForward(APrev: Tensor, keepProb: number, seed: number): { A: Tensor; cache: DropoutCache } {
  shapeOf("dropoutForward", "APrev", APrev);
  if (!(typeof keepProb === "number" && keepProb > 0 && keepProb <= 1)) {
    throw new ArgumentError(`dropoutForward: keepProb must be a number above 0 and up to 1, got ${show(keepProb)}`);
  }
  const options = { rate: 1 - keepProb, seed };
  return scope(() => {
    const ones = dropout(full(APrev.shape, 1), options); // 1 / keepProb where a cell is kept
    const D = tensor(ones.data.map(Math.sign), APrev.shape);
    return { A: dropout(APrev, options), cache: [D, keepProb] as const };
  });
}

/**
 * The backward pass of dropout: a cell that was dropped had no influence, one that was kept had 1 / keepProb.
 *
 *     dAPrev = dA * D / keepProb
 *
 * @param dA gradient of the cost with respect to A
 * @param cache what `dropoutForward` returned
 * @returns dAPrev of the shape of dA
 * @example
 * const { A, cache } = textbook.dropoutForward(full([2, 8], 1), 0.8, 1);
 * const dAPrev = textbook.dropoutBackward(full([2, 8], 1), cache); // [2,8]
 */
export function dropoutBackward(dA: Tensor, cache: DropoutCache): Tensor {
  expectCache("dropoutBackward", cache, "dropoutForward", 2);
  const [D, keepProb] = cache;
  expectShape("dropoutBackward", "dA", shapeOf("dropoutBackward", "dA", dA), D.shape);
  const mask = D.data;
  return tensor(
    dA.data.map((value, i) => (value * mask[i]) / keepProb),
    dA.shape,
  );
}
