/** What every runtime has to do, with the package as its user has it. One run makes one report, which is plain data. */

const cases = {
  "a convolution, bit for bit": ({ ops, tensor }) => {
    const y = ops.conv2d(tensor(upTo(16), [1, 4, 4, 1]), tensor(upTo(9), [3, 3, 1, 1]), tensor([0.5]));
    equal(y.toArray().flat(3), [348.5, 393.5, 528.5, 573.5]);
  },

  "its gradients, bit for bit": ({ ops, tensor, full }) => {
    const x = tensor(upTo(16), [1, 4, 4, 1]);
    const { dw, db } = ops.conv2dBackward(full([1, 2, 2, 1], 1), x, tensor(upTo(9), [3, 3, 1, 1]));
    equal(dw.toArray().flat(3), [14, 18, 22, 30, 34, 38, 46, 50, 54]);
    equal(db.toArray(), [4]);
  },

  "a kernel of the second module, bit for bit": ({ ops, tensor }) => {
    equal(
      ops
        .transpose(tensor(upTo(6), [2, 3]))
        .toArray()
        .flat(),
      [1, 4, 2, 5, 3, 6],
    );
  },

  "a training step": (striate) => {
    const model = network(striate);
    const losses = Array.from({ length: 5 }, () => model.trainOnBatch(images, labels).loss);
    model.dispose();
    if (!(losses[4] < losses[0])) throw new Error(`the loss does not fall: ${losses.join(", ")}`);
  },

  "save and load": (striate) => {
    const model = network(striate);
    model.trainOnBatch(images, labels);
    const loaded = striate.loadModel(model.save());
    equal(loaded.predict(images).toArray().flat(), model.predict(images).toArray().flat());
    for (const one of [model, loaded]) one.dispose();
  },

  "an error's message": ({ ops, zeros }) => {
    const expected = "conv2d: kernel [5,5] does not fit the padded input [4,4]";
    try {
      ops.conv2d(zeros([1, 4, 4, 1]), zeros([5, 5, 1, 1]), null);
    } catch (error) {
      const isNamed = error.name === "ShapeError" && error.constructor.name === "ShapeError"; // minified, too
      if (isNamed && error.message.startsWith(expected)) return;
      throw error;
    }
    throw new Error("no error for a kernel larger than the image");
  },
};

/** @param striate the package's namespace, or what the cases use of it; options: what this way of loading it needs */
export async function smoke(striate, options = {}) {
  const started = performance.now();
  const runtime = await striate.init(options);
  const failures = [];
  for (const [name, body] of Object.entries(cases)) attempt(failures, name, () => inScope(striate, runtime, body));
  const deterministic = await striate.init({ ...options, deterministic: true });
  if (deterministic.features.binary !== "simd") failures.push("deterministic: another binary than simd");
  const weights = await weightsAfterTraining(striate);
  return { failures, features: runtime.features, weights, milliseconds: performance.now() - started };
}

/** The message of the error with which init refuses, or null. */
export async function refusal(striate, options) {
  try {
    await striate.init(options);
    return { refusal: null };
  } catch (error) {
    return { refusal: `${error.name}: ${error.message}` };
  }
}

function attempt(failures, name, body) {
  try {
    body();
  } catch (error) {
    failures.push(`${name}: ${error.stack ?? error}`);
  }
}

/** Every case gives back all memory. */
function inScope(striate, runtime, body) {
  const before = runtime.memory();
  striate.scope(() => body(striate));
  const after = runtime.memory();
  if (after.blocks !== before.blocks || after.used !== before.used)
    throw new Error(`${after.blocks - before.blocks} blocks of ${after.used - before.used} bytes are not given back`);
}

/** SHA-256 of the weights after 20 steps from one seed: the same in every engine. */
async function weightsAfterTraining(striate) {
  const model = network(striate);
  for (let step = 0; step < 20; step++) model.trainOnBatch(images, labels);
  const weights = model.getWeights().flatMap((values) => Array.from(values));
  const digest = await crypto.subtle.digest("SHA-256", new Float32Array(weights));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function network({ sequential, layers, optimizers }) {
  return sequential({ inputShape: [12, 12, 1], seed: 7 }, [
    layers.conv2d({ filters: 6, kernelSize: 3, padding: "same" }),
    layers.batchNormalization(),
    layers.activation("relu"),
    layers.maxPool2d({ poolSize: 2 }),
    layers.depthwiseConv2d({ kernelSize: 3, padding: "same", activation: "swish" }),
    layers.conv2d({ filters: 8, kernelSize: 3, activation: "tanh" }),
    layers.flatten(),
    layers.dropout({ rate: 0.2 }),
    layers.dense({ units: 4, activation: "softmax" }),
  ]).compile({ optimizer: optimizers.adam({ learningRate: 0.01 }), loss: "sparseCategoricalCrossentropy" });
}

/** Sixteen images of four classes: a bright row at 2 * class + 2 over a pattern. */
const labels = Uint8Array.from({ length: 16 }, (_, i) => i % 4);
const images = Float32Array.from({ length: 16 * 144 }, (_, i) => {
  const [image, row] = [Math.floor(i / 144), Math.floor(i / 12) % 12];
  return row === 2 * (image % 4) + 2 ? 1 : ((i * 37) % 101) / 303;
});

function upTo(n) {
  return Array.from({ length: n }, (_, i) => i + 1);
}

function equal(actual, expected) {
  const same = actual.length === expected.length && actual.every((value, i) => Object.is(value, expected[i]));
  if (!same) throw new Error(`expected ${expected.join(", ")}, got ${actual.join(", ")}`);
}
