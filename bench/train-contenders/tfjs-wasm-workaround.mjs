// tfjs-wasm has no Conv2DBackpropFilter kernel. The usual way round it: dW as a forward convolution of transposed
// tensors,
//   dW[kh,kw,c,k] = sum over n,oy,ox of x[n, oy+kh-p, ox+kw-p, c] * dy[n,oy,ox,k]     (stride 1 only)
import { createRequire } from "node:module";
import { tfjsTrain } from "../lib/tfjs-train.mjs";
import tfjsWasm from "./tfjs-wasm.mjs";

const tf = createRequire(import.meta.url)("@tensorflow/tfjs");

/** @param size of the filter, odd; its "same" padding is the same on all sides */
function filterGradient(dy, x, size) {
  const around = [(size - 1) / 2, (size - 1) / 2];
  const images = tf.transpose(x, [3, 1, 2, 0]);
  const filters = tf.transpose(dy, [1, 2, 0, 3]);
  return tf.transpose(tf.conv2d(images, filters, 1, [[0, 0], around, around, [0, 0]]), [1, 2, 0, 3]);
}

function conv(x, w, needDx) {
  const op = tf.customGrad((x, w, save) => {
    save([x, w]);
    const gradFunc = (dy, [x, w]) => [
      needDx ? tf.conv2dTranspose(dy, w, x.shape, 1, "same") : tf.zerosLike(x),
      filterGradient(dy, x, w.shape[0]),
    ];
    return { value: tf.conv2d(x, w, 1, "same"), gradFunc };
  });
  return op(x, w);
}

export default tfjsTrain(tf, { name: "tfjs-wasm-workaround", backend: "wasm", init: tfjsWasm.init, conv });
