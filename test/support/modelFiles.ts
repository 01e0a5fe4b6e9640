/** Small models as other libraries write them, and pictures. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { create, toBinary } from "@bufbuild/protobuf";
import { PNG } from "pngjs";
import { ModelProtoSchema, TensorProto_DataType } from "../../src/io/onnx/onnx_pb.ts";

interface KerasLayer {
  readonly class_name: string;
  readonly config: object;
}

/** A sequential model of TensorFlow.js: model.json and weights.bin in a folder, f32. */
export function writeKeras(
  folder: string,
  layers: readonly KerasLayer[],
  weights: Readonly<Record<string, { shape: readonly number[]; data: readonly number[] }>>,
): void {
  const entries = Object.entries(weights);
  const manifest = [
    { paths: ["weights.bin"], weights: entries.map(([name, { shape }]) => ({ name, shape, dtype: "float32" })) },
  ];
  const model_config = { class_name: "Sequential", config: { name: "small", layers } };
  mkdirSync(folder, { recursive: true });
  const json = { modelTopology: { keras_version: "2.10.0", model_config }, weightsManifest: manifest };
  writeFileSync(join(folder, "model.json"), JSON.stringify(json));
  const data = new Float32Array(entries.flatMap(([, weight]) => weight.data));
  writeFileSync(join(folder, "weights.bin"), new Uint8Array(data.buffer));
}

/** Which colour a picture [2,2,3] has most of: red, green or blue. */
export function writeColorClassifier(folder: string): void {
  writeKeras(
    folder,
    [
      { class_name: "InputLayer", config: { batch_input_shape: [null, 2, 2, 3], name: "picture" } },
      { class_name: "GlobalAveragePooling2D", config: { name: "mean" } },
      { class_name: "Dense", config: { name: "classes", units: 3, activation: "softmax" } },
    ],
    {
      "classes/kernel": { shape: [3, 3], data: [9, 0, 0, 0, 9, 0, 0, 0, 9] },
      "classes/bias": { shape: [3], data: [0, 0, 0] },
    },
  );
}

/** Pictures of any size become twice as large. */
export function writeEnlarger(folder: string): void {
  const input = { class_name: "InputLayer", config: { batch_input_shape: [null, null, null, 3], name: "picture" } };
  const enlarge = { name: "enlarge", size: [2, 2], interpolation: "nearest" };
  writeKeras(folder, [input, { class_name: "UpSampling2D", config: enlarge }], {});
}

interface OnnxNode {
  readonly opType: string;
  readonly input: string[];
  readonly output: string[];
}

/** x [N,3,4,4] -> the nodes -> y; `w` is [2,3,1,1], telling red from blue. */
export function onnxBytes(nodes: readonly OnnxNode[]): Uint8Array {
  const value = (name: string, dims: readonly number[]) => ({
    name,
    type: {
      value: {
        case: "tensorType" as const,
        value: {
          elemType: TensorProto_DataType.FLOAT,
          shape: { dim: dims.map((size) => ({ value: { case: "dimValue" as const, value: BigInt(size) } })) },
        },
      },
    },
  });
  const model = create(ModelProtoSchema, {
    irVersion: 8n,
    opsetImport: [{ domain: "", version: 17n }],
    graph: {
      name: "small",
      node: nodes.map((node) => ({ ...node })),
      input: [value("x", [1, 3, 4, 4])],
      output: [value("y", [1, 2])],
      initializer: [
        { name: "w", dims: [2n, 3n, 1n, 1n], dataType: TensorProto_DataType.FLOAT, floatData: [1, 0, 0, 0, 0, 1] },
      ],
    },
  });
  return toBinary(ModelProtoSchema, model);
}

export function writeOnnx(path: string): void {
  const nodes = [
    { opType: "Conv", input: ["x", "w"], output: ["conv"] },
    { opType: "GlobalAveragePool", input: ["conv"], output: ["mean"] },
    { opType: "Flatten", input: ["mean"], output: ["y"] },
  ];
  writeFileSync(path, onnxBytes(nodes));
}

/** A PNG whose pixels `color` tells. */
export function writePng(
  path: string,
  [height, width]: readonly [number, number],
  color: (row: number, column: number) => readonly [number, number, number],
): void {
  const png = new PNG({ width, height });
  for (let i = 0; i < width * height; i++) {
    png.data.set([...color(Math.floor(i / width), i % width), 255], i * 4);
  }
  writeFileSync(path, PNG.sync.write(png));
}
