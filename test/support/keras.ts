/** Files of Keras and TensorFlow.js for tests. */

import type { Model } from "../../src/index.ts";
import type { KerasFile } from "../../src/io/keras/index.ts";

export interface WrittenModel {
  readonly json: KerasFile;
  readonly files: Uint8Array[];
}

/** A topology, and weights by name as f32. */
export function kerasFile(
  modelTopology: unknown,
  weights: Readonly<Record<string, { shape: readonly number[]; data: ArrayLike<number> }>> = {},
): WrittenModel {
  const entries = Object.entries(weights);
  const specs = entries.map(([name, { shape }]) => ({ name, shape, dtype: "float32" }));
  const bytes = entries.flatMap(([, { data }]) => [...new Uint8Array(Float32Array.from(data).buffer)]);
  return {
    json: { modelTopology, weightsManifest: [{ paths: ["group1-shard1of1.bin"], weights: specs }] },
    files: [Uint8Array.from(bytes)],
  };
}

/** The weights of a model under their own names, which are those of Keras. */
export function weightsOf(model: Model): Record<string, { shape: readonly number[]; data: ArrayLike<number> }> {
  return Object.fromEntries(model.parameters.map(({ name, shape, data }) => [name, { shape, data: data.slice() }]));
}

/** A layer of a functional model; Keras 2 lists where its inputs come from. */
export function layer(className: string, name: string, config: object, from: readonly string[]): object {
  const inbound = from.length === 0 ? [] : [from.map((one) => [one, 0, 0, {}])];
  return { class_name: className, name, config: { name, ...config }, inbound_nodes: inbound };
}

/** A functional model of Keras 2. */
export function functional(layers: readonly object[], input: string, output: string, name = "model"): object {
  return {
    class_name: "Functional",
    config: { name, layers, input_layers: [[input, 0, 0]], output_layers: [[output, 0, 0]] },
  };
}
