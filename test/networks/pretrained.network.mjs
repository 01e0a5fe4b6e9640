// Pretrained networks give what the library gives that they come from, on a photograph and on noise.
import { describe, expect, it } from "vitest";
import { loadKeras } from "../../src/io/keras/index.ts";
import { loadOnnx } from "../../src/io/onnx/index.ts";
import { noise, relativeError } from "./support/compare.mjs";
import { NETWORKS } from "./support/networks.mjs";
import { photo } from "./support/photo.mjs";

/** What may differ: of the largest value this part, and four roundings near 1, as which a sigmoid computes small numbers. */
const [RELATIVE, ABSOLUTE] = [1e-4, 2 ** -22];

const INPUTS = {
  photograph: photo,
  noise: (shape) => noise(shape.reduce((a, b) => a * b, 1)).map((v) => v / 2 + 0.5),
};

/** The largest difference over what may differ. */
function excess(actual, expected) {
  const size = expected.reduce((largest, v) => Math.max(largest, Math.abs(v)), 0);
  return (relativeError(actual, expected) * (size || 1)) / (RELATIVE * size + ABSOLUTE);
}

/** The first layers whose outputs differ, by name: where to look. */
async function firstDifferences(model, x, inside) {
  const found = [];
  for (const [name, tensor] of Object.entries(model.activations(x))) {
    const expected = await Promise.resolve(name)
      .then(inside)
      .catch(() => undefined);
    const error = expected?.length === tensor.data.length ? excess(tensor.data, expected) : 0;
    if (!(error < 1) && found.length < 3) found.push(name);
    tensor.dispose();
  }
  return found.join(", ");
}

describe.each(Object.entries(NETWORKS))("%s", (_, network) => {
  it.each(network.peers)("as %s", async (name) => {
    const files = await network.read();
    const model = await network.load({ loadKeras, loadOnnx }, files);
    const peer = await network.peer(name, files);
    const shape = [1, ...model.inputShape];
    for (const [kind, make] of Object.entries(INPUTS)) {
      const x = make(model.inputShape, network.normalize);
      const expected = await peer.run(x, shape);
      const outputs = model.predictAll([x]);
      for (const [i, { data, shape: own }] of outputs.entries()) {
        expect(own).toEqual(expected[i].shape);
        const error = excess(data, expected[i].data);
        const where = error < 1 ? "" : await firstDifferences(model, x, peer.inside(x, shape));
        expect(error, `${kind}, output ${i}, differs from layer ${where} on`).toBeLessThan(1);
      }
      for (const output of outputs) output.dispose();
    }
    await peer.dispose();
    model.dispose();
  });
});
