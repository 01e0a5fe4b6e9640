/** ONNX operators over images: convolutions, pools, resizing, borders, normalization. */
import { show } from "../../errors.ts";
import * as layers from "../../layers/index.ts";
import * as borders from "../network/borders.ts";
import * as operations from "../network/operations.ts";
import { type Constant, constant, type Operand, shapeOf, type Value, value } from "../network/value.ts";
import * as windows from "../network/windows.ts";
import type { Call, Operation } from "./call.ts";
import { resizeOptions } from "./resizing.ts";

/** [O,C,...window] -> [...window,C,O]; of ConvTranspose, [C,O,...window] -> [...window,O,C]. */
function kernelLast({ shape, data }: Constant): Constant {
  const [outputs, channels, ...window] = shape;
  const cells = window.reduce((product, size) => product * size, 1);
  const turned = new Float32Array(data.length);
  for (let o = 0; o < outputs; o++) {
    for (let c = 0; c < channels; c++) {
      for (let cell = 0; cell < cells; cell++)
        turned[(cell * channels + c) * outputs + o] = data[(o * channels + c) * cells + cell];
    }
  }
  return constant([...window, channels, outputs], turned);
}

/** Pads come as all that stands before, then all that stands behind. */
function pairsOf(pads: readonly number[]): [number, number][] {
  const half = pads.length / 2;
  return Array.from({ length: half }, (_, i) => [pads[i], pads[i + half]]);
}

interface Geometry {
  readonly strides: number[];
  readonly dilations: number[];
  readonly padding: windows.WindowPadding;
}

function geometryOf(at: Call, kernel: readonly number[]): Geometry {
  const strides = at.ints("strides") ?? kernel.map(() => 1);
  const dilations = at.ints("dilations") ?? kernel.map(() => 1);
  const auto = at.text("auto_pad", "NOTSET");
  if (auto === "VALID") return { strides, dilations, padding: "valid" };
  if (auto === "SAME_UPPER") return { strides, dilations, padding: "same" };
  if (auto === "NOTSET")
    return { strides, dilations, padding: pairsOf(at.ints("pads") ?? [...kernel, ...kernel].map(() => 0)) };
  if (auto !== "SAME_LOWER") throw at.unsupported(`has auto_pad ${JSON.stringify(auto)}`);
  // The odd cell goes before.
  const padding = shapeOf(at.value())
    .slice(2)
    .map((size, i): [number, number] => {
      const reach = dilations[i] * (kernel[i] - 1) + 1;
      const total = Math.max((Math.ceil(size / strides[i]) - 1) * strides[i] + reach - size, 0);
      return [Math.ceil(total / 2), Math.floor(total / 2)];
    });
  return { strides, dilations, padding };
}

function conv(at: Call): Value {
  const kernel = kernelLast(at.constant(1));
  const window = at.constant(1).shape.slice(2);
  const weights = { kernel, bias: at.optionalConstant(2), groups: at.int("group", 1) };
  return windows.convolve(at.b, at.name, at.image(), weights, geometryOf(at, window));
}

function convTranspose(at: Call): Value {
  const window = at.constant(1).shape.slice(2);
  const groups = at.int("group", 1);
  const weights = { kernel: kernelLast(at.constant(1)), bias: at.optionalConstant(2), groups };
  if (at.text("auto_pad", "NOTSET") === "SAME_LOWER" && at.ints("output_shape") === undefined) {
    throw at.unsupported("has auto_pad SAME_LOWER");
  }
  const outputPadding = at.ints("output_padding") ?? window.map(() => 0);
  const geometry = { ...geometryOf(at, window), outputPadding };
  const asked = at.ints("output_shape");
  const padding =
    asked === undefined ? geometry.padding : paddingFor(at, window, geometry, asked.slice(-window.length));
  return windows.convolveTransposed(at.b, at.name, at.image(), weights, { ...geometry, padding });
}

/** The padding that leaves an output of the size that is asked for. */
function paddingFor(
  at: Call,
  window: readonly number[],
  { strides, dilations, outputPadding }: Geometry & { outputPadding: number[] },
  asked: readonly number[],
): [number, number][] {
  const isUpper = at.text("auto_pad", "NOTSET") === "SAME_UPPER";
  return shapeOf(at.value())
    .slice(2)
    .map((size, i) => {
      const full = (size - 1) * strides[i] + dilations[i] * (window[i] - 1) + 1 + outputPadding[i];
      const total = full - asked[i];
      const [less, more] = [Math.floor(total / 2), Math.ceil(total / 2)];
      return isUpper ? [less, more] : [more, less];
    });
}

const pool =
  (kind: "max" | "average"): Operation =>
  (at) => {
    if (at.node.outputs.filter((name) => name !== "").length > 1)
      throw at.unsupported("also asks for the places of maxima");
    const poolSize = at.ints("kernel_shape") ?? [];
    const how = { ceilMode: at.int("ceil_mode", 0) === 1, countIncludePad: at.int("count_include_pad", 0) === 1 };
    return windows.pool(at.b, at.name, kind, at.image(), { poolSize, ...how, ...geometryOf(at, poolSize) });
  };

function lpPool(at: Call): Operand {
  const poolSize = at.ints("kernel_shape") ?? [];
  const { strides, padding, dilations } = geometryOf(at, poolSize);
  if (poolSize.length !== 2) throw at.unsupported(`pools over ${poolSize.length} axes; only images can be`);
  if (dilations.some((d) => d !== 1)) throw at.unsupported(`pools with dilations ${show(dilations)}`);
  if (at.int("ceil_mode", 0) === 1) throw at.unsupported("rounds its size up (ceil_mode)");
  if (at.int("p", 2) !== 1 && at.int("p", 2) !== 2) throw at.unsupported(`has p ${at.int("p", 2)}; 1 and 2 can be`);
  const options = {
    p: at.int("p", 2) as 1 | 2,
    poolSize,
    strides,
    padding: typeof padding === "string" ? padding : padding.flat(),
  };
  return operations.imageLayer(at.b, at.name, at.image(), (own) =>
    layers.lpPool2d({ ...own, ...options } as layers.LpPool2dLayerOptions),
  );
}

function batchNormalization(at: Call): Operand {
  const [scale, offset, mean, variance] = [1, 2, 3, 4].map((i) => at.constant(i).data);
  const x = at.value();
  const given = shapeOf(x).length > 2 ? at.image() : x;
  const normal = at.b.normalize(at.name, at.b.computed(given), {
    scale,
    offset,
    mean,
    variance,
    epsilon: at.float("epsilon", 1e-5),
  });
  return value(normal, given.channelsFirst);
}

function instanceNormalization(at: Call): Operand {
  const [gamma, beta] = [at.constant(1).data, at.constant(2).data];
  const x = at.b.computed(at.image());
  const epsilon = at.float("epsilon", 1e-5);
  return value(
    at.b.apply(at.name, (own) => layers.instanceNormalization({ ...own, epsilon }), x, { gamma, beta }),
    true,
  );
}

/** Before opset 21 scale and bias are those of a group, then of a channel. */
function groupNormalization(at: Call): Operand {
  const x = at.b.computed(at.image());
  const channels = x.shape[x.shape.length - 1];
  const groups = at.int("num_groups", 1);
  const perChannel = (i: number) => {
    const { data } = at.constant(i);
    return Float32Array.from({ length: channels }, (_, c) => data[Math.floor((c * data.length) / channels)]);
  };
  const epsilon = at.float("epsilon", 1e-5);
  const weights = { gamma: perChannel(1), beta: perChannel(2) };
  return value(
    at.b.apply(at.name, (own) => layers.groupNormalization({ ...own, groups, epsilon }), x, weights),
    true,
  );
}

function localResponseNormalization(at: Call): Operand {
  if (at.int("size", 1) % 2 === 0) throw at.unsupported("normalizes over an even number of channels");
  const options = {
    size: at.int("size", 1),
    alpha: at.float("alpha", 1e-4),
    beta: at.float("beta", 0.75),
    k: at.float("bias", 1),
  };
  return operations.imageLayer(at.b, at.name, at.image(), (own) =>
    layers.localResponseNormalization({ ...own, ...options }),
  );
}

const MODES: Readonly<Record<string, "constant" | "reflect" | "edge" | "wrap">> = {
  constant: "constant",
  edge: "edge",
  reflect: "reflect",
  wrap: "wrap",
};

function pad(at: Call): Operand {
  const mode = MODES[at.text("mode", "constant")];
  if (mode === undefined) throw at.unsupported(`pads in the mode ${JSON.stringify(at.text("mode", ""))}`);
  const filler = at.has(2) ? at.constant(2).data[0] : at.float("value", 0);
  const given = pairsOf(at.listed("pads", 1) ?? []);
  const rank = shapeOf(at.value()).length;
  const axes = at.has(3) ? Array.from(at.constant(3).data, (axis) => at.axis(axis)) : given.map((_, axis) => axis);
  const pairs = Array.from({ length: rank }, (_, axis): [number, number] => given[axes.indexOf(axis)] ?? [0, 0]);
  return borders.pad(at.b, at.name, rank > 2 ? at.image() : at.value(), pairs, {
    mode,
    ...(filler !== 0 && { value: filler }),
  });
}

function resize(at: Call): Operand {
  const { size, ...how } = resizeOptions(at, shapeOf(at.value()));
  return operations.resize(at.b, at.name, at.image(), size, how);
}

const blocks =
  (make: typeof layers.depthToSpace): Operation =>
  (at) => {
    const options = { blockSize: at.int("blocksize", 2), mode: at.text("mode", "DCR") as "DCR" | "CRD" };
    return operations.imageLayer(at.b, at.name, at.image(), (own) => make({ ...own, ...options }));
  };

export const IMAGE_OPERATIONS: Readonly<Record<string, Operation>> = {
  AveragePool: pool("average"),
  BatchNormalization: batchNormalization,
  Conv: conv,
  ConvTranspose: convTranspose,
  DepthToSpace: blocks(layers.depthToSpace),
  GlobalAveragePool: (at) => windows.poolAll(at.b, at.name, "average", at.image(), true),
  GlobalMaxPool: (at) => windows.poolAll(at.b, at.name, "max", at.image(), true),
  GroupNormalization: groupNormalization,
  InstanceNormalization: instanceNormalization,
  LRN: localResponseNormalization,
  LpPool: lpPool,
  MaxPool: pool("max"),
  Pad: pad,
  Resize: resize,
  SpaceToDepth: blocks(layers.spaceToDepth),
  Upsample: resize,
};
