import { describe, expect, it } from "vitest";
import {
  ArgumentError,
  decodeSafetensors,
  encodeSafetensors,
  FormatError,
  layers,
  type Model,
  type NamedTensor,
  sequential,
} from "../../src/index.ts";
import { refuses } from "../support/invalid.ts";
import { Random } from "../support/random.ts";

const floats = (count: number, seed: number) => new Random(seed).floats(count);
const size = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);

/** As PyTorch names and lays out: conv 3 -> 4 of 3x3, depthwise 4 of 3x3, batch norm, linear over the flattened [4,2,3]. */
const SHAPES = {
  "conv.weight": [4, 3, 3, 3],
  "conv.bias": [4],
  "depthwise.weight": [4, 1, 3, 3],
  "bn.weight": [4],
  "bn.bias": [4],
  "bn.running_mean": [4],
  "bn.running_var": [4],
  "fc.weight": [5, 24],
  "fc.bias": [5],
} as const;

function torchTensors(): Map<string, NamedTensor> {
  return new Map(
    Object.entries(SHAPES).map(([name, shape], i) => {
      const data = floats(size(shape), i + 1).map((v) => (name === "bn.running_var" ? Math.abs(v) + 0.5 : v));
      return [name, { shape, data }];
    }),
  );
}

function network(): Model {
  return sequential({ inputShape: [6, 7, 3] }, [
    layers.conv2d({ filters: 4, kernelSize: 3, name: "conv" }),
    layers.depthwiseConv2d({ kernelSize: 3, useBias: false, name: "depthwise" }),
    layers.batchNormalization({ epsilon: 1e-5, name: "bn" }),
    layers.dropout({ rate: 0.5 }),
    layers.flatten(),
    layers.dropout({ rate: 0.5 }),
    layers.dense({ units: 5, name: "fc" }),
  ]);
}

/** What PyTorch computes, in its own order of axes: x [3,6,7] -> [5]. */
function torchForward(x: ArrayLike<number>, tensors: ReadonlyMap<string, NamedTensor>): number[] {
  const at = (name: keyof typeof SHAPES) => tensors.get(name)?.data as Float32Array;
  const conv = (
    from: ArrayLike<number>,
    [c, h, w]: number[],
    weight: Float32Array,
    o: number,
    groups: number,
    bias?: Float32Array,
  ) => {
    const y: number[] = [];
    const own = c / groups;
    for (let k = 0; k < o; k++) {
      for (let i = 0; i < h - 2; i++) {
        for (let j = 0; j < w - 2; j++) {
          let sum = bias?.[k] ?? 0;
          for (let q = 0; q < own; q++) {
            for (let u = 0; u < 3; u++) {
              for (let v = 0; v < 3; v++) {
                const channel = groups === 1 ? q : k;
                sum += weight[((k * own + q) * 3 + u) * 3 + v] * from[(channel * h + i + u) * w + j + v];
              }
            }
          }
          y.push(sum);
        }
      }
    }
    return y;
  };
  const first = conv(x, [3, 6, 7], at("conv.weight"), 4, 1, at("conv.bias"));
  const second = conv(first, [4, 4, 5], at("depthwise.weight"), 4, 4);
  const normal = second.map((value, i) => {
    const c = Math.floor(i / 6);
    const unit = (value - at("bn.running_mean")[c]) / Math.sqrt(at("bn.running_var")[c] + 1e-5);
    return unit * at("bn.weight")[c] + at("bn.bias")[c];
  });
  return Array.from(at("fc.bias"), (bias, k) =>
    normal.reduce((sum, value, i) => sum + value * at("fc.weight")[k * 24 + i], bias),
  );
}

const file = (tensors: ReadonlyMap<string, NamedTensor>) => encodeSafetensors({ tensors, metadata: { format: "pt" } });

describe("loadWeights", () => {
  it("takes PyTorch's names and layouts, the rows behind a flattened image too", () => {
    const tensors = torchTensors();
    tensors.set("bn.num_batches_tracked", { shape: [], data: Float32Array.of(7) });
    const model = network();
    expect(model.loadWeights(file(tensors), { layout: "torch" })).toEqual({ missing: [], unused: [] });
    const chw = floats(126, 77);
    const hwc = Float32Array.from({ length: 126 }, (_, i) => chw[(i % 3) * 42 + Math.floor(i / 3)]);
    const y = model.predict(hwc).data;
    torchForward(chw, tensors).forEach((value, k) => {
      expect(y[k]).toBeCloseTo(value, 4);
    });
  });

  it("comes out again as it went in", () => {
    const model = network();
    model.loadWeights(file(torchTensors()), { layout: "torch" });
    const { tensors } = decodeSafetensors(model.saveWeights({ layout: "torch" }));
    expect(tensors).toEqual(torchTensors());
    const other = network();
    other.loadWeights(model.saveWeights());
    expect(other.getWeights()).toEqual(model.getWeights());
  });

  it("takes other names by layer, by tensor or by a function", () => {
    const tensors = torchTensors();
    const renamed = new Map([...tensors].map(([name, tensor]) => [name.replace("conv.", "features.0."), tensor]));
    renamed.set("last", renamed.get("fc.bias") as NamedTensor);
    renamed.delete("fc.bias");
    const [byObject, byFunction] = [network(), network()];
    byObject.loadWeights(file(renamed), { layout: "torch", map: { conv: "features.0", "fc.bias": "last" } });
    byFunction.loadWeights(file(renamed), {
      layout: "torch",
      map: (name) => (name === "fc/bias" ? "last" : name.replace(/^conv$/, "features.0")),
    });
    expect(byObject.saveWeights({ layout: "torch" })).toEqual(byFunction.saveWeights({ layout: "torch" }));
    expect(byObject.getWeights()[1]).toEqual(tensors.get("conv.bias")?.data);
  });

  it("leaves the rest as it is where it is not strict", () => {
    const model = network();
    const before = model.getWeights();
    const part = new Map([
      ["fc.bias", { shape: [5], data: Float32Array.of(1, 2, 3, 4, 5) }],
      ["other", { shape: [1], data: Float32Array.of(1) }],
    ]);
    const { missing, unused } = model.loadWeights(file(part), { layout: "torch", strict: false });
    expect(unused).toEqual(["other"]);
    expect(missing).toHaveLength(before.length - 1);
    expect(model.getWeights().slice(0, -1)).toEqual(before.slice(0, -1));
    expect(model.getWeights().at(-1)).toEqual(Float32Array.of(1, 2, 3, 4, 5));
  });

  const changed = (change: (tensors: Map<string, NamedTensor>) => void) => {
    const tensors = torchTensors();
    change(tensors);
    return file(tensors);
  };
  const loading = (bytes: () => Uint8Array) => () => network().loadWeights(bytes(), { layout: "torch", name: "net" });
  refuses([
    [
      "what is missing and what is left",
      loading(() =>
        changed((tensors) => {
          tensors.set("fc.beta", tensors.get("fc.bias") as NamedTensor);
          tensors.delete("fc.bias");
        }),
      ),
      new FormatError('net: the file lacks "fc.bias" for fc/bias; nothing takes "fc.beta"'),
    ],
    [
      "another shape",
      loading(() => changed((tensors) => tensors.set("fc.bias", { shape: [4], data: new Float32Array(4) }))),
      new FormatError('net: tensor "fc.bias" must be [5], got [4]'),
    ],
    [
      "what is no bytes",
      () => network().loadWeights("fc" as never),
      new ArgumentError('loadWeights: bytes must be a Uint8Array or an ArrayBuffer, got "fc"'),
    ],
    [
      "an unknown layout",
      () => network().saveWeights({ layout: "pytorch" as never }),
      new ArgumentError('saveWeights: layout must be one of "keras", "torch", got "pytorch"; did you mean "torch"?'),
    ],
    [
      "a map that is none",
      () => network().saveWeights({ map: "conv" as never }),
      new ArgumentError('saveWeights: map must be an object of names or a function, got "conv"'),
    ],
    [
      "two tensors of one name",
      () => network().saveWeights({ map: () => "w" }),
      new ArgumentError('saveWeights: two parameters would be named "w" in the file'),
    ],
  ]);
});
