import { describe, expect, it } from "vitest";
import { layers, loadModel, optimizers, sequential } from "../../src/index.ts";
import cases from "../fixtures/torch/train_cnn.json";
import { expectClose } from "../support/close.ts";
import type { FixtureTensor } from "../support/fixtures.ts";

/** Five steps in f32 against doubles: rounding of single operations, grown by the steps between. */
const TOLERANCE = { relative: 2e-4, absolute: 2e-5 };

/** [A,B,C,D] -> axes in another order. */
function permute({ shape, data }: FixtureTensor, order: readonly number[]): Float32Array {
  const strides = shape.map((_, i) => shape.slice(i + 1).reduce((a, b) => a * b, 1));
  const size = order.map((axis) => shape[axis]);
  const out = new Float32Array(data.length);
  for (let i = 0; i < out.length; i++) {
    let rest = i;
    let from = 0;
    for (let axis = order.length - 1; axis >= 0; axis--) {
      from += (rest % size[axis]) * strides[order[axis]];
      rest = Math.floor(rest / size[axis]);
    }
    out[i] = data[from];
  }
  return out;
}

type Weights = Record<"w1" | "b1" | "w2" | "b2" | "wf" | "bf", FixtureTensor>;

/** torch's OIHW, and its rows of wf in CHW order, as HWIO and HWC. */
function ours({ w1, b1, w2, b2, wf, bf }: Weights): Float32Array[] {
  const perPixel = { shape: [3, 6, 2, 2], data: wf.data };
  return [
    permute(w1, [2, 3, 1, 0]),
    Float32Array.from(b1.data),
    permute(w2, [2, 3, 1, 0]),
    Float32Array.from(b2.data),
    permute(perPixel, [2, 3, 1, 0]),
    Float32Array.from(bf.data),
  ];
}

const rules: Record<string, () => ReturnType<typeof optimizers.sgd>> = {
  "sgd.1m.9": () => optimizers.sgd({ learningRate: 0.1, momentum: 0.9 }),
  "adam.01": () => optimizers.adam({ learningRate: 0.01, epsilon: 1e-8 }),
};

describe("a small network in training", () => {
  it.each(cases)("goes the way of PyTorch, step by step: $optimizer", (c) => {
    const model = sequential({ inputShape: [8, 8, 1] }, [
      layers.conv2d({ filters: 4, kernelSize: 3, padding: 1, activation: "relu" }),
      layers.maxPool2d(),
      layers.conv2d({ filters: 6, kernelSize: 3, padding: 1, activation: "relu" }),
      layers.averagePool2d(),
      layers.flatten(),
      layers.dense({ units: 3, activation: "softmax" }),
    ]);
    model.setWeights(ours(c.init));
    model.compile({ optimizer: rules[c.optimizer](), loss: "sparseCategoricalCrossentropy", metrics: ["accuracy"] });
    const x = permute(c.X_nchw, [0, 2, 3, 1]);
    const labels = c.labels.data;
    const losses = c.losses.map((_, step) => {
      const { loss } = model.trainOnBatch(x, labels);
      if (step === 0) {
        const gradients = ours(c.grads_step0);
        for (const [i, parameter] of model.parameters.entries()) {
          expectClose(parameter.gradientData, gradients[i], TOLERANCE, `gradient of ${parameter.name}`);
        }
      }
      return loss;
    });
    expectClose(losses, c.losses, TOLERANCE, "losses");
    const final = ours(c.final);
    for (const [i, weights] of model.getWeights().entries()) expectClose(weights, final[i], TOLERANCE, `weights ${i}`);

    const probabilities = model.predict(x);
    const logits = c.final_logits.data;
    const expected = logits.map((v, i) => {
      const row = logits.slice(Math.floor(i / 3) * 3, Math.floor(i / 3) * 3 + 3);
      return Math.exp(v) / row.reduce((sum, other) => sum + Math.exp(other), 0);
    });
    expectClose(probabilities.data, expected, TOLERANCE, "probabilities");
    probabilities.dispose();

    const again = loadModel(model.save());
    expect(again.getWeights()).toEqual(model.getWeights());
    again.dispose();
    model.dispose();
  });
});
