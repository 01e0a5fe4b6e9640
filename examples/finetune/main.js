// Fine-tuning: a network that has seen many photographs learns to tell animals from vehicles, from 108 drawings.
//
//     npm install && npm start
import { MobileNetV2Model } from "nsfwjs/models/mobilenet_v2";
import { init, layers, optimizers } from "striate";
import { loadKeras } from "striate/keras";
import { CLASSES, readPictures } from "./pictures.js";

const LAST_BLOCK = /^(block_16|Conv_1)/;
const batchSize = 12;

await init({ deterministic: true }); // the same bits on every machine

// 1. The network as it was trained; its names stand in console.log(base.summary()).
const { default: json } = await MobileNetV2Model.modelJson();
const files = await Promise.all(MobileNetV2Model.weightBundles.map(async (read) => fromBase64((await read()).default)));
const base = await loadKeras(json, files);
const { train, test } = readPictures(base.inputShape[0]);
console.log(`${CLASSES.join(" or ")}: ${train.y.length} pictures to learn from, ${test.y.length} others as a test`);

// 2. Its trunk, with a new head on.
const model = base.withHead(
  "out_relu", // [7,7,1280]
  [
    layers.globalAveragePool2d(),
    layers.dropout({ rate: 0.3 }),
    layers.dense({ units: CLASSES.length, activation: "softmax", name: "head" }),
  ],
  { seed: 1 },
);

// 3. The head alone learns. Frozen layers in front of it keep nothing for gradients, so that training takes little memory.
for (const layer of model.layers) layer.freeze(false); // some were frozen when they were saved
begin("all layers learn", 0.001);
for (const layer of model.layers) layer.freeze(layer.name !== "head");
begin("the head learns", 0.003);
await learn(8);

// 4. The last block learns too, slowly, so that it changes what it knows instead of forgetting it. Its batch norms stay frozen: the
// averages that they carry come from many photographs, those of a small batch of drawings would be worse.
for (const layer of model.layers) {
  if (LAST_BLOCK.test(layer.name) && !/_bn$/i.test(layer.name)) layer.freeze(false);
}
begin("the last block learns", 0.0001);
await learn(6);

/** Compiles, and says what a batch will take; nothing runs yet. */
function begin(what, learningRate) {
  model.compile({
    optimizer: optimizers.adam({ learningRate }),
    loss: "sparseCategoricalCrossentropy",
    metrics: ["accuracy"],
  });
  const { train: bytes } = model.memory({ batchSize });
  console.log(`\n${what}: ${(bytes / 1e6).toFixed(1)} MB for a batch of ${batchSize}`);
}

async function learn(epochs) {
  await model.fit(train.x, train.y, {
    epochs,
    batchSize,
    onEpochEnd: ({ epoch, loss, accuracy }) =>
      console.log(`epoch ${epoch + 1}/${epochs}: loss ${loss.toFixed(3)}, accuracy ${percent(accuracy)}`),
  });
  const { accuracy } = await model.evaluate(test.x, test.y, { batchSize });
  console.log(`test accuracy: ${percent(accuracy)}`);
}

function percent(part) {
  return `${(100 * part).toFixed(1)} %`;
}

function fromBase64(text) {
  return new Uint8Array(Buffer.from(text, "base64"));
}
