// striate through its public API.
import { init, input, layers, model, optimizers, tensor } from "striate";

export default { name: "striate", init: () => init(), create };

/** { shape, outputs } of each network; the names of its parameters, by layer, are those of train-specs.mjs. */
const NETWORKS = {
  lenet: {
    shape: [28, 28, 1],
    params: { conv1: ["w1", "b1"], conv2: ["w2", "b2"], dense: ["w3", "b3"] },
    outputs(x) {
      const conv = (filters, name) =>
        layers.conv2d({ filters, kernelSize: 5, padding: "same", activation: "relu", name });
      const h1 = layers.maxPool2d({ poolSize: 2 })(conv(8, "conv1")(x));
      const h2 = layers.maxPool2d({ poolSize: 2 })(conv(16, "conv2")(h1));
      return classifier(layers.flatten()(h2));
    },
  },
  "resnet-block": {
    shape: [28, 28, 64],
    params: { conv1: ["w1"], bn1: ["gamma1", "beta1"], conv2: ["w2"], bn2: ["gamma2", "beta2"], dense: ["w3", "b3"] },
    outputs(x, { epsilon }) {
      const conv = (name) => layers.conv2d({ filters: 64, kernelSize: 3, padding: "same", useBias: false, name });
      const norm = (name) => layers.batchNormalization({ epsilon, name });
      const h1 = layers.activation("relu")(norm("bn1")(conv("conv1")(x)));
      const h2 = norm("bn2")(conv("conv2")(h1));
      const y = layers.activation("relu")(layers.add()([h2, x]));
      return classifier(layers.globalAveragePool2d()(y));
    },
  },
};

function classifier(features) {
  return layers.dense({ units: 10, activation: "softmax", name: "dense" })(features);
}

function create(spec) {
  const { shape, params, outputs } = NETWORKS[spec.net];
  const inputs = input({ shape });
  const net = model({ inputs, outputs: outputs(inputs, spec) });
  /** [name, parameter] of what the spec gives; a batch norm's running statistics stay as they are. */
  const named = net.layers.flatMap(({ name, parameters }) => {
    const names = params[name] ?? [];
    return names.map((each, i) => [each, parameters[i]]);
  });
  for (const [name, parameter] of named) parameter.set(spec[name]);
  net.compile({
    optimizer: optimizers.sgd({ learningRate: spec.lr }),
    loss: "sparseCategoricalCrossentropy",
  });
  const x = tensor(spec.x, [spec.N, ...shape]);
  return {
    step: () => net.trainOnBatch(x, spec.labels).loss,
    params: () => Object.fromEntries(named.map(([name, { data }]) => [name, data.slice()])),
  };
}
