// striate through its public API.
import { init, layers, optimizers, sequential, tensor } from "striate";

export default { name: "striate", init: () => init(), create };

function create(spec) {
  const model = sequential({ inputShape: [28, 28, 1] }, [
    layers.conv2d({ filters: 8, kernelSize: 5, padding: "same", activation: "relu" }),
    layers.maxPool2d({ poolSize: 2 }),
    layers.conv2d({ filters: 16, kernelSize: 5, padding: "same", activation: "relu" }),
    layers.maxPool2d({ poolSize: 2 }),
    layers.flatten(),
    layers.dense({ units: 10, activation: "softmax" }),
  ]);
  model.setWeights([spec.w1, spec.b1, spec.w2, spec.b2, spec.w3, spec.b3]);
  model.compile({
    optimizer: optimizers.sgd({ learningRate: spec.lr }),
    loss: "sparseCategoricalCrossentropy",
  });
  const x = tensor(spec.x, [spec.N, 28, 28, 1]);
  return {
    step: () => model.trainOnBatch(x, spec.labels).loss,
    params() {
      const [w1, b1, w2, b2, w3, b3] = model.getWeights();
      return { w1, b1, w2, b2, w3, b3 };
    },
  };
}
