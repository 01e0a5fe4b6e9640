import { expect, it } from "vitest";
import { layers, loadModel, optimizers, sequential } from "../../src/index.ts";
import { Random } from "../support/random.ts";

/** Noise in which one of three motifs sounds, somewhere in [from, to). */
function sounds(count: number, from: number, to: number, seed: number): { x: Float32Array; y: Int32Array } {
  const motifs = new Random(5).floats(3 * 8, -2, 2);
  const random = new Random(seed);
  const x = random.floats(count * 64, -0.2, 0.2);
  const y = Int32Array.from({ length: count }, () => Math.floor(random.next() * 3));
  for (let i = 0; i < count; i++) {
    const at = i * 64 + from + Math.floor(random.next() * (to - from));
    for (let t = 0; t < 8; t++) x[at + t] += motifs[y[i] * 8 + t];
  }
  return { x, y };
}

it("finds in time what it only heard earlier, and comes back from a file", async () => {
  using model = sequential({ inputShape: [64, 1], seed: 1 }, [
    layers.conv1d({ filters: 8, kernelSize: 8, activation: "relu" }),
    layers.maxPool1d(),
    layers.conv1d({ filters: 8, kernelSize: 3, padding: "same", activation: "relu" }),
    layers.globalMaxPool1d(),
    layers.dense({ units: 3, activation: "softmax" }),
  ]);
  model.compile({
    optimizer: optimizers.adam({ learningRate: 0.01 }),
    loss: "sparseCategoricalCrossentropy",
    metrics: ["accuracy"],
  });
  const early = sounds(192, 4, 20, 1);
  await model.fit(early.x, early.y, { epochs: 12, batchSize: 16 });
  const late = sounds(96, 36, 52, 2);
  expect((await model.evaluate(late.x, late.y)).accuracy).toBeGreaterThan(0.95);
  using again = loadModel(model.save());
  expect([...again.predict(late.x).data]).toEqual([...model.predict(late.x).data]);
});
