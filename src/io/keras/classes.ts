/** The layers of Keras' files: class_name and config -> layers of striate. */
import { show, UnsupportedError } from "../../errors.ts";
import * as layers from "../../layers/index.ts";
import type { Layer } from "../../layers/layer.ts";
import * as regularizers from "../../layers/regularizers.ts";
import type { Regularizer } from "../../tensor/parameter.ts";
import { type Shape, sizeOf } from "../../tensor/shape.ts";
import { closed } from "../network/folding.ts";

/** As JSON has it: names in snake_case. */
export type KerasConfig = Readonly<Record<string, unknown>>;

type Options = Record<string, unknown>;

/** How a class becomes a layer. */
interface KerasClass {
  // biome-ignore lint/suspicious/noExplicitAny: each maker checks its own options
  readonly make: (options: any) => Layer;
  /** Names of ours that have the same meaning in Keras, where they are in snake_case. */
  readonly options: readonly string[];
  /** What has another form in Keras. */
  readonly adapt?: (config: KerasConfig, input: Shape) => Options;
}

const FILTER = ["activation", "useBias", "biasRegularizer"];
const CONVOLUTION = ["kernelSize", "strides", "padding", "dilationRate", ...FILTER];
const KERNEL = ["filters", "kernelRegularizer"];
const POOL = ["poolSize", "strides", "padding"];
const SCALE = ["epsilon", "center", "scale"];

const RELU = { negativeSlope: "negative_slope", maxValue: "max_value", threshold: "threshold" };

/** Names of options of 1-D layers are lists of one in Keras. */
const line = (maker: KerasClass["make"], options: readonly string[]): KerasClass => ({
  make: (given: Options) =>
    maker(Object.fromEntries(Object.entries(given).map(([name, value]) => [name, first(name, value)]))),
  options,
});

function first(name: string, value: unknown): unknown {
  const isList = Array.isArray(value) && value.length === 1 && name !== "padding" && name !== "cropping";
  return isList ? value[0] : value;
}

const CLASSES: Readonly<Record<string, KerasClass>> = {
  Activation: { make: layers.activation, options: [], adapt: ({ activation }) => ({ activation }) },
  Add: { make: layers.add, options: [] },
  AlphaDropout: { make: layers.alphaDropout, options: ["rate"] },
  Average: { make: layers.average, options: [] },
  AveragePooling1D: line(layers.averagePool1d, POOL),
  AveragePooling2D: { make: layers.averagePool2d, options: POOL },
  AveragePooling3D: { make: layers.averagePool3d, options: POOL },
  BatchNormalization: { make: layers.batchNormalization, options: ["momentum", ...SCALE] },
  Concatenate: { make: layers.concatenate, options: ["axis"] },
  Conv1D: line(layers.conv1d, [...CONVOLUTION, ...KERNEL, "groups"]),
  Conv2D: { make: layers.conv2d, options: [...CONVOLUTION, ...KERNEL, "groups"] },
  Conv2DTranspose: { make: layers.conv2dTranspose, options: [...CONVOLUTION, ...KERNEL, "outputPadding"] },
  Conv3D: { make: layers.conv3d, options: [...CONVOLUTION, ...KERNEL, "groups"] },
  Cropping1D: { make: layers.cropping1d, options: ["cropping"] },
  Cropping2D: { make: layers.cropping2d, options: [], adapt: ({ cropping }) => ({ cropping: sides(cropping) }) },
  Dense: { make: layers.dense, options: ["units", "kernelRegularizer", ...FILTER] },
  DepthwiseConv2D: {
    make: layers.depthwiseConv2d,
    options: [...CONVOLUTION, "depthMultiplier", "depthwiseRegularizer"],
  },
  Dot: { make: layers.dot, options: ["axes"] },
  Dropout: { make: layers.dropout, options: ["rate"] },
  ELU: { make: layers.activation, options: [], adapt: ({ alpha = 1 }) => ({ activation: "elu", alpha }) },
  Flatten: { make: layers.flatten, options: [] },
  GaussianDropout: { make: layers.gaussianDropout, options: ["rate"] },
  GaussianNoise: { make: layers.gaussianNoise, options: ["stddev"] },
  GlobalAveragePooling1D: { make: layers.globalAveragePool1d, options: [] },
  GlobalAveragePooling2D: { make: layers.globalAveragePool2d, options: [] },
  GlobalMaxPooling1D: { make: layers.globalMaxPool1d, options: [] },
  GlobalMaxPooling2D: { make: layers.globalMaxPool2d, options: [] },
  GroupNormalization: { make: layers.groupNormalization, options: ["groups", ...SCALE] },
  LayerNormalization: { make: layers.layerNormalization, options: ["axis", ...SCALE] },
  LeakyReLU: {
    make: layers.activation,
    options: [],
    adapt: ({ alpha, negative_slope = alpha ?? 0.3 }) => ({ activation: "leakyRelu", negativeSlope: negative_slope }),
  },
  MaxPooling1D: line(layers.maxPool1d, POOL),
  MaxPooling2D: { make: layers.maxPool2d, options: POOL },
  MaxPooling3D: { make: layers.maxPool3d, options: POOL },
  Maximum: { make: layers.maximum, options: [] },
  Minimum: { make: layers.minimum, options: [] },
  Multiply: { make: layers.multiply, options: [] },
  Permute: { make: layers.permute, options: ["dims"] },
  PReLU: { make: layers.prelu, options: ["sharedAxes"] },
  ReLU: {
    make: layers.activation,
    options: [],
    adapt: (config) => (isRelu6(config) ? { activation: "relu6" } : { activation: "relu", ...picked(config, RELU) }),
  },
  Rescaling: { make: layers.rescaling, options: ["scale", "offset"] },
  Reshape: {
    make: layers.reshape,
    options: [],
    adapt: ({ target_shape }, input) => ({ targetShape: withoutOpen(target_shape, input) }),
  },
  Resizing: { make: layers.resizing, options: ["height", "width", "interpolation"] },
  SeparableConv2D: {
    make: layers.separableConv2d,
    options: [...CONVOLUTION, "filters", "depthMultiplier", "depthwiseRegularizer", "pointwiseRegularizer"],
  },
  Softmax: { make: layers.activation, options: ["axis"], adapt: () => ({ activation: "softmax" }) },
  SpatialDropout1D: { make: layers.spatialDropout1d, options: ["rate"] },
  SpatialDropout2D: { make: layers.spatialDropout2d, options: ["rate"] },
  Subtract: { make: layers.subtract, options: [] },
  ThresholdedReLU: {
    make: layers.activation,
    options: [],
    adapt: ({ theta = 1 }) => ({ activation: "relu", threshold: theta }),
  },
  UpSampling2D: { make: layers.upSampling2d, options: ["size", "interpolation"] },
  ZeroPadding1D: { make: layers.zeroPadding1d, options: ["padding"] },
  ZeroPadding2D: { make: layers.zeroPadding2d, options: [], adapt: ({ padding }) => ({ padding: sides(padding) }) },
};

/** Names of activations in Keras where they are not ours in snake_case. */
const ACTIVATIONS: Readonly<Record<string, string>> = {
  gelu_new: "geluTanh",
  hard_silu: "hardSwish",
  leakyrelu: "leakyRelu",
  logsoftmax: "logSoftmax",
};

/** The names of all classes that there are layers for. */
export const KERAS_CLASSES: readonly string[] = Object.keys(CLASSES);

/** Whether there is a layer for the class. */
export function isKnownClass(className: string): boolean {
  return Object.hasOwn(CLASSES, className);
}

/** A layer of a file. */
export interface KerasLayer {
  readonly name: string;
  readonly className: string;
  readonly config: KerasConfig;
  /** Of one sample of its (first) input. */
  readonly input: Shape;
  /** Of the Keras that wrote the file, as in "2.10.0". */
  readonly version: string;
}

/** The layers, one behind the other, that compute what the class computes. */
export function layersOf(file: string, layer: KerasLayer): Layer[] {
  const { name, className, config, input, version } = layer;
  if (isUpSamplingOfTfjs(layer)) return [upSamplingOfTfjs(layer)];
  const { make, options, adapt } = CLASSES[className];
  if (config.crop_to_aspect_ratio === true) {
    throw new UnsupportedError(`${file}: layer ${show(name)} has crop_to_aspect_ratio, which its layer here cannot`);
  }
  checkChannelsLast(file, name, options.includes("axis") ? { ...config, axis: -1 } : config, input.length + 1);
  const given: Options = { ...picked(config, snakeNames(options)), ...adapt?.(config, input) };
  for (const option of Object.keys(given).filter((key) => key.endsWith("Regularizer"))) {
    given[option] = regularizer(file, name, given[option] as KerasConfig);
  }
  if ("activation" in given) given.activation = activationName(given.activation);
  const trainable = config.trainable !== false;
  if (config.keepdims === true) return [make({ ...given, name, trainable }), kept(name, input)];
  if (given.activation !== "hardSigmoid" || version.startsWith("3")) return [make({ ...given, name, trainable })];
  const behind = oldHardSigmoid(name);
  return className === "Activation" ? behind : [make({ ...given, activation: "linear", name, trainable }), ...behind];
}

/** A global pool drops the axes that it pools. */
function kept(name: string, input: Shape): Layer {
  const targetShape = input.map((size, axis) => (axis === input.length - 1 ? size : 1));
  return layers.reshape({ name: `${name}/keep`, targetShape });
}

/** What TensorFlow.js itself computes in models that it made: its bilinear upsampling lies half a pixel beside Keras'. */
function isUpSamplingOfTfjs({ className, config, version }: KerasLayer): boolean {
  return className === "UpSampling2D" && config.interpolation === "bilinear" && version.startsWith("tfjs");
}

function upSamplingOfTfjs({ name, config, input: [h, w] }: KerasLayer): Layer {
  const [vertical, horizontal] = [config.size ?? 2, config.size ?? 2].flat() as number[];
  return layers.resizing({ name, height: h * vertical, width: w * horizontal, coordinates: "asymmetric" });
}

/** Before Keras 3 it is max(0, min(1, 0.2 x + 0.5)). */
function oldHardSigmoid(name: string): Layer[] {
  return [
    layers.rescaling({ name: `${name}/hard_sigmoid`, scale: 0.2, offset: 0.5 }),
    layers.activation({ name: `${name}/hard_sigmoid_limits`, activation: "relu", maxValue: 1 }),
  ];
}

function snakeNames(options: readonly string[]): Record<string, string> {
  return Object.fromEntries(options.map((name) => [name, name.replace(/[A-Z]/g, (c) => `_${c.toLowerCase()}`)]));
}

/** Those of the config that are there, under our names. */
function picked(config: KerasConfig, names: Readonly<Record<string, string>>): Options {
  const there = Object.entries(names).filter(([, keras]) => (config[keras] ?? null) !== null);
  return Object.fromEntries(there.map(([name, keras]) => [name, config[keras]]));
}

function isRelu6({ max_value, negative_slope = 0, threshold = 0 }: KerasConfig): boolean {
  return max_value === 6 && (negative_slope ?? 0) === 0 && (threshold ?? 0) === 0;
}

/** Keras 3 writes functions as objects. */
function activationName(given: unknown): unknown {
  const name = typeof given === "object" && given !== null ? (given as KerasConfig).config : given;
  if (typeof name !== "string") return name;
  return ACTIVATIONS[name] ?? name.replace(/_([a-z])/g, (_, letter) => letter.toUpperCase());
}

function regularizer(file: string, name: string, { class_name, config }: KerasConfig): Regularizer {
  const { l1 = 0, l2 = 0 } = (config ?? {}) as { l1?: number; l2?: number };
  if (/^l1_?l2$|^l1$|^l2$/i.test(String(class_name))) return regularizers.l1l2({ l1: l1 ?? 0, l2: l2 ?? 0 });
  throw new UnsupportedError(`${file}: layer ${show(name)} has an unknown regularizer ${show(class_name)}`);
}

/** A number, [vertical, horizontal], or [[top, bottom], [left, right]]. */
function sides(given: unknown): unknown {
  return Array.isArray(given) && given.some(Array.isArray) ? given.flat() : given;
}

/** One size may be open, -1 or in tfjs null: it is what is left. */
function withoutOpen(shape: unknown, input: Shape): unknown {
  if (!Array.isArray(shape)) return shape;
  return closed(
    shape.map((size) => size ?? -1),
    sizeOf(input),
  );
}

/** Channels stand last here; `rank` counts the batch. */
function checkChannelsLast(file: string, name: string, { data_format, axis }: KerasConfig, rank: number): void {
  if (data_format === "channels_first") {
    throw new UnsupportedError(
      `${file}: layer ${show(name)} must have data_format "channels_last", got "channels_first"`,
    );
  }
  const [along = -1] = [axis].flat();
  if (along === -1 || along === rank - 1) return;
  throw new UnsupportedError(`${file}: layer ${show(name)} must work along the last axis, got axis ${show(axis)}`);
}
