// The libraries that models come from, as oracles: TensorFlow.js on the CPU and in WebAssembly, onnxruntime-web.
import { createRequire } from "node:module";
import { dirname } from "node:path";
import * as converter from "@tensorflow/tfjs-converter";
import * as tf from "@tensorflow/tfjs-core";
import * as keras from "@tensorflow/tfjs-layers";
import "@tensorflow/tfjs-backend-cpu";
import { setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import * as ort from "onnxruntime-web";

const wasm = createRequire(import.meta.url).resolve("@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm");
setWasmPaths(`${dirname(wasm)}/`);
ort.env.wasm.numThreads = 1;
ort.env.logLevel = "error";

/** @param {"cpu" | "wasm"} backend */
export async function useBackend(backend) {
  await tf.setBackend(backend);
  await tf.ready();
}

/** A model of tfjs from the parsed model.json and its files. */
export async function tfjsModel(json, files) {
  const weightSpecs = json.weightsManifest.flatMap(({ weights }) => weights);
  const weightData = await new Blob(files).arrayBuffer();
  const handler = { load: async () => ({ ...json, weightSpecs, weightData }) };
  return json.modelTopology.node === undefined ? keras.loadLayersModel(handler) : converter.loadGraphModel(handler);
}

/** The outputs of a model of tfjs for one batch, as arrays of numbers. */
export function tfjsRun(model, x, shape) {
  return tf.tidy(() =>
    [model.predict(tf.tensor(x, shape))].flat().map((y) => ({ shape: y.shape, data: y.dataSync().slice() })),
  );
}

export async function ortSession(bytes) {
  return ort.InferenceSession.create(bytes, { executionProviders: ["wasm"] });
}

/** A function that computes the outputs for the same inputs by name, { data, shape }, again and again. */
export function ortRepeat(session, inputs) {
  const feeds = Object.fromEntries(
    Object.entries(inputs).map(([name, { data, shape }]) => [name, new ort.Tensor("float32", data, shape)]),
  );
  return () => session.run(feeds);
}

/** The outputs of a session for inputs by name. */
export async function ortRun(session, inputs) {
  const results = await ortRepeat(session, inputs)();
  return session.outputNames.map((name) => ({ shape: [...results[name].dims], data: results[name].data }));
}

export { keras, tf };
