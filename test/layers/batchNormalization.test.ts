import { describe, expect, it } from "vitest";
import {
  ArgumentError,
  gradientCheck,
  type Layer,
  layers,
  ops,
  optimizers,
  sequential,
  tensor,
} from "../../src/index.ts";
import { expectClose } from "../support/close.ts";
import { refuses } from "../support/invalid.ts";
import { Random } from "../support/random.ts";

const TOLERANCE = { relative: 1e-5, absolute: 1e-5 };

function model(options: Parameters<typeof layers.batchNormalization>[0] = {}) {
  const made = sequential({ inputShape: [4, 4, 2] }, [
    layers.conv2d({ filters: 3, kernelSize: 3 }),
    layers.batchNormalization({ momentum: 0.9, ...options }),
    layers.activation("relu"),
    layers.flatten(),
    layers.dense({ units: 2, activation: "softmax" }),
  ]);
  const loss = "sparseCategoricalCrossentropy";
  return made.compile({ optimizer: optimizers.sgd({ learningRate: 0.1 }), loss });
}

const x = new Random(1).floats(8 * 32);
const labels = [0, 1, 1, 0, 0, 1, 0, 1];

describe("batchNormalization", () => {
  it("has Keras' weights, and learns gamma and beta only", () => {
    const made = model();
    expect(made.layers[1].parameters.map(({ name, learned }) => [name, learned])).toEqual([
      ["batchNormalization_1/gamma", true],
      ["batchNormalization_1/beta", true],
      ["batchNormalization_1/moving_mean", false],
      ["batchNormalization_1/moving_variance", false],
    ]);
    made.dispose();
  });

  it("trains by the batch's statistics, as the op does, and moves the running ones", () => {
    const made = model();
    const conv = tensor(x, [8, 4, 4, 2]);
    const [kernel, bias] = made.getWeights();
    const z = ops.conv2d(conv, tensor(kernel, [3, 3, 2, 3]), tensor(bias));
    const mean = [0, 1, 2].map((c) => z.data.filter((_, i) => i % 3 === c).reduce((a, b) => a + b) / (z.size / 3));
    made.trainOnBatch(x, labels);
    expectClose(
      made.layers[1].parameters[2].data,
      mean.map((m) => 0.1 * m),
      TOLERANCE,
      "moving mean",
    );
    made.dispose();
  });

  it("predicts by the running statistics, also after they moved", () => {
    const made = model();
    for (let step = 0; step < 3; step++) {
      made.trainOnBatch(x, labels);
      const { [made.layers[0].name]: before, [made.layers[1].name]: after } = made.activations(x);
      const [gamma, beta, mean, variance] = made.layers[1].parameters.map(({ data, shape }) => tensor(data, shape));
      expectClose(after.data, ops.batchNorm(before, gamma, beta, mean, variance).data, TOLERANCE, `step ${step}`);
    }
    made.dispose();
  });

  it("stands still where it is frozen: running statistics too", () => {
    const made = model();
    made.trainOnBatch(x, labels);
    made.layers[1].freeze();
    const before = made.layers[1].parameters.map(({ data }) => data.slice());
    made.trainOnBatch(x, labels);
    expect(made.layers[1].parameters.map(({ data }) => data.slice())).toEqual(before);
    made.dispose();
  });

  it("hands the gradient to layers that learn below it where it is frozen, though it keeps nothing", () => {
    const learned = (middle: Layer) => {
      middle.freeze();
      const made = sequential({ inputShape: [4, 4, 2], seed: 3 }, [
        layers.conv2d({ filters: 512, kernelSize: 3 }),
        middle,
        layers.activation("relu6"),
        layers.globalAveragePool2d(),
        layers.dense({ units: 2, activation: "softmax" }),
      ]);
      const loss = "sparseCategoricalCrossentropy";
      made.compile({ optimizer: optimizers.sgd({ learningRate: 0.1 }), loss }).trainOnBatch(x, labels);
      return made.getWeights()[0];
    };
    const scale = 1 / Math.sqrt(1.001); // what running statistics of 0 and 1 make
    const expected = learned(layers.rescaling({ scale }));
    expectClose(learned(layers.batchNormalization()), expected, TOLERANCE, "kernel");
  });

  it("has right gradients by its running statistics", () => {
    const made = model();
    for (let step = 0; step < 5; step++) made.trainOnBatch(x, labels);
    expect(gradientCheck(made, x, labels).worst.error).toBeLessThan(0.05);
    made.dispose();
  });

  it("keeps gamma at 1 and beta at 0 without scale and center", () => {
    const made = model({ scale: false, center: false });
    made.trainOnBatch(x, labels);
    expect([...made.layers[1].parameters[0].data, ...made.layers[1].parameters[1].data]).toEqual([1, 1, 1, 0, 0, 0]);
    made.dispose();
  });

  refuses([
    [
      "a momentum above 1",
      () => layers.batchNormalization({ momentum: 2 }),
      new ArgumentError("batchNormalization: momentum must be a number from 0 to 1, got 2"),
    ],
    [
      "text for center",
      () => layers.batchNormalization({ center: "no" as never }),
      new ArgumentError('batchNormalization: center must be true or false, got "no"'),
    ],
  ]);
});
