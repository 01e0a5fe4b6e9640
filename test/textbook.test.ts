import { describe, expect, it } from "vitest";
import {
  ArgumentError,
  full,
  layers,
  ops,
  ShapeError,
  sequential,
  type Tensor,
  tensor,
  textbook,
  zeros,
} from "../src/index.ts";
import conv from "./fixtures/seed/conv_forward_backward.json";
import singleStep from "./fixtures/seed/conv_single_step.json";
import masks from "./fixtures/seed/create_mask_distribute.json";
import classifier from "./fixtures/seed/fc_softmax_xent_dropout.json";
import poolBack from "./fixtures/seed/pool_backward.json";
import pool from "./fixtures/seed/pool_forward.json";
import padding from "./fixtures/seed/zero_pad.json";
import { expectClose } from "./support/close.ts";
import type { FixtureTensor } from "./support/fixtures.ts";
import { refuses } from "./support/invalid.ts";

/** The fixtures are doubles, ours are f32: sums of at most 48 products of values of size 1. */
const F32 = { relative: 2e-6, absolute: 1e-5 };
/** dW and db: 160 terms of either sign and of size 10. */
const SUMS = { relative: 2e-6, absolute: 5e-5 };
const EXACT = { relative: 2 ** -24, absolute: 0 };

const of = ({ data, shape }: { data: (number | boolean)[]; shape: number[] }) => tensor(data.map(Number), shape);
const mean = ({ data }: Tensor) => data.reduce((a, b) => a + b, 0) / data.length;

function expectTensor(actual: Tensor, expected: FixtureTensor, tolerance: typeof F32, label: string): void {
  expect(actual.shape, label).toEqual(expected.shape);
  expectClose(actual.data, expected.data, tolerance, label);
}

describe("textbook: convolution", () => {
  it("zeroPad surrounds with zeros: (4, 3, 3, 2) (4, 7, 7, 2)", () => {
    const XPad = textbook.zeroPad(of(padding.x), padding.pad);
    expectTensor(XPad, padding.x_pad, EXACT, "X_pad");
    const [first] = XPad.toArray() as number[][][][];
    expect(first[0].flat()).toEqual(Array(14).fill(0));
  });

  it("convSingleStep prints Z = -6.999089450680221", () => {
    const Z = textbook.convSingleStep(of(singleStep.a_slice_prev), of(singleStep.W), of(singleStep.b));
    expectClose([Z], [-6.999089450680221], F32, "Z");
  });

  it("convForward prints Z's mean = 0.048995203528855794", () => {
    const [APrev, W, b] = [of(conv.A_prev), of(conv.W), of(conv.b)];
    const { Z, cache } = textbook.convForward(APrev, W, b, conv.hparameters);
    expectTensor(Z, conv.Z, F32, "Z");
    expect(mean(Z)).toBeCloseTo(0.048995203528855794, 6);
    expect(cache).toEqual([APrev, W, b, conv.hparameters]);
  });

  it("convForward is convSingleStep at every place", () => {
    const [APrev, W, b] = [of(conv.A_prev), of(conv.W), of(conv.b)];
    const { Z } = textbook.convForward(APrev, W, b, conv.hparameters);
    const { stride, pad } = conv.hparameters;
    const image = (textbook.zeroPad(APrev, pad).toArray() as number[][][][])[3];
    const filters = W.toArray() as number[][][][];
    const z = Z.toArray() as number[][][][];
    for (const [h, w, c] of [
      [0, 0, 0],
      [1, 2, 5],
      [3, 3, 7],
      [2, 1, 1],
    ]) {
      const slice = image.slice(h * stride, h * stride + 2).map((row) => row.slice(w * stride, w * stride + 2));
      const filter = filters.map((row) => row.map((cell) => cell.map((channel) => channel[c])));
      const step = textbook.convSingleStep(tensor(slice), tensor(filter), tensor([b.data[c]], [1, 1, 1]));
      expectClose([step], [z[3][h][w][c]], F32, `Z[3,${h},${w},${c}]`);
    }
  });

  it("convBackward prints means 1.45243777754, 1.72699145831, 7.83923256462", () => {
    const { Z, cache } = textbook.convForward(of(conv.A_prev), of(conv.W), of(conv.b), conv.hparameters);
    const { dAPrev, dW, db } = textbook.convBackward(Z, cache);
    expectTensor(dAPrev, conv.dA, F32, "dA_prev");
    expectTensor(dW, conv.dW, SUMS, "dW");
    expectTensor(db, conv.db, SUMS, "db");
    expectClose([mean(dAPrev), mean(dW)], [1.45243777754, 1.72699145831], F32, "means");
    expectClose([mean(db)], [7.83923256462], SUMS, "mean of db");
  });
});

describe("textbook: pooling", () => {
  const printed = {
    max: [1.74481176, 0.86540763, 1.13376944, 1.13162939, 1.51981682, 2.18557541],
    average: [0.02105773, -0.20328806, -0.40389855, -0.22154621, 0.51716526, 0.48155844],
  };
  it.each(["max", "average", "min"] as const)("poolForward: %s", (mode) => {
    const APrev = of(pool.A_prev);
    const { A, cache } = textbook.poolForward(APrev, pool.hparameters, mode);
    expectTensor(A, pool[mode], mode === "average" ? F32 : EXACT, "A");
    if (mode !== "min") expectClose(A.data, printed[mode], { relative: 1e-7, absolute: 1e-7 }, "printed");
    expect(cache).toEqual([APrev, pool.hparameters]);
  });

  it("the mode is max where none is given", () => {
    const { A, cache } = textbook.poolForward(of(pool.A_prev), pool.hparameters);
    expectTensor(A, pool.max, EXACT, "A");
    const ones = tensor(Array(6).fill(1), [2, 1, 1, 3]);
    expect(textbook.poolBackward(ones, cache).data).toEqual(textbook.poolBackward(ones, cache, "max").data);
  });

  it.each(masks.create_mask)("createMaskFromWindow %#", ({ x, mask }) => {
    expect(textbook.createMaskFromWindow(of(x)).toArray()).toEqual(of(mask).toArray());
  });

  it.each(masks.distribute_value)("distributeValue($dz, $shape)", ({ dz, shape, out }) => {
    expectTensor(textbook.distributeValue(dz, shape), out, EXACT, "out");
  });

  it.each(["max", "average", "min"] as const)("poolBackward: %s", (mode) => {
    const { A, cache } = textbook.poolForward(of(poolBack.A_prev), poolBack.hparameters, mode);
    expectTensor(A, poolBack.fwd[mode], F32, "A");
    expectTensor(textbook.poolBackward(of(poolBack.dA), cache, mode), poolBack.dA_prev[mode], F32, "dA_prev");
  });

  it("poolBackward marks every maximum as the mask does, where ops marks the first", () => {
    const [{ x, mask }] = masks.create_mask.slice(1); // 3 stands there three times
    const APrev = tensor(x.data, [1, ...x.shape, 1]);
    const dA = tensor([2, 5], [1, 1, 2, 1]);
    const { cache } = textbook.poolForward(APrev, { stride: 1, f: 2 });
    expect(mask.data).toEqual([false, true, true, true, false, false]);
    // windows [1 3 | 3 0] and [3 3 | 0 2]: 2 at both threes of the first, 5 at both of the second
    expect([...textbook.poolBackward(dA, cache).data]).toEqual([0, 7, 5, 2, 0, 0]);
    const ours = ops.maxPool2dBackward(dA, APrev, { poolSize: 2, stride: 1 });
    expect([...ours.data]).toEqual([0, 7, 0, 0, 0, 0]);
  });
});

describe("textbook: classifier", () => {
  it("fully connected, softmax, and back", () => {
    const [X, W, b] = [of(classifier.X), of(classifier.W), of(classifier.b)];
    const { Z, cache } = textbook.fullyConnectedForward(X, W, b);
    expectTensor(Z, classifier.logits, F32, "logits");
    const P = textbook.softmax(Z);
    expectTensor(P, classifier.probs, F32, "probs");
    const m = classifier.labels.length;
    const loss = -classifier.labels.reduce((sum, label, i) => sum + Math.log(P.data[i * 5 + label]), 0) / m;
    expect(loss).toBeCloseTo(classifier.loss, 5);
    // the gradient of the mean cross-entropy with respect to Z is (P - one-hot) / m
    const dZ = tensor(
      P.data.map((p, i) => (p - (i % 5 === classifier.labels[Math.floor(i / 5)] ? 1 : 0)) / m),
      Z.shape,
    );
    const { dAPrev, dW, db } = textbook.fullyConnectedBackward(dZ, cache);
    expectTensor(dAPrev, classifier.dX, F32, "dX");
    expectTensor(dW, classifier.dW, F32, "dW");
    expectTensor(db, classifier.db, F32, "db");
  });

  it("takes biases [1,n] and returns db so", () => {
    const b = tensor(classifier.b.data, [1, 5]);
    const { Z, cache } = textbook.fullyConnectedForward(of(classifier.X), of(classifier.W), b);
    expectTensor(Z, classifier.logits, F32, "logits");
    expect(textbook.fullyConnectedBackward(Z, cache).db.shape).toEqual([1, 5]);
  });
});

describe("textbook: dropout", () => {
  const { keep_prob: keepProb, mask, out_inverted: out } = classifier.dropout;

  it("keeps cells with probability keepProb, and the mean", () => {
    const { A, cache } = textbook.dropoutForward(full([100, 100], 1), 0.8, 3);
    const [D] = cache;
    expect(cache[1]).toBe(0.8);
    expect(mean(D)).toBeGreaterThan(0.78); // 5 standard deviations of 0.4 / sqrt(10000)
    expect(mean(D)).toBeLessThan(0.82);
    expectClose(
      A.data,
      D.data.map((kept) => kept / 0.8),
      F32,
      "A",
    );
    expect(textbook.dropoutForward(full([100, 100], 1), 0.8, 3).A.data).toEqual(A.data);
    expect(textbook.dropoutForward(full([100, 100], 1), 0.8, 4).A.data).not.toEqual(A.data);
  });

  it("keeps everything where keepProb is 1", () => {
    const x = of(classifier.X);
    expect(textbook.dropoutForward(x, 1, 0).A.data).toEqual(x.data);
  });

  it("sends back x * mask / keepProb, as it went", () => {
    expectTensor(textbook.dropoutBackward(of(classifier.X), [of(mask), keepProb]), out, F32, "dAPrev");
    const x = of(classifier.X);
    const { A, cache } = textbook.dropoutForward(x, keepProb, 5);
    expectClose(textbook.dropoutBackward(x, cache).data, A.data, F32, "dAPrev");
  });
});

describe("textbook: sizes", () => {
  it("receptiveField tells which rows and columns of the image a cell can see", () => {
    const ones = { filters: 1, kernelInitializer: "ones", useBias: false } as const;
    const model = sequential({ inputShape: [19, 17, 1] }, [
      layers.zeroPadding2d({ padding: [1, 0, 2, 1] }),
      layers.conv2d({ ...ones, kernelSize: [4, 3], strides: [2, 1], padding: "same" }),
      layers.averagePool2d({ poolSize: 2 }),
      layers.conv2d({ ...ones, kernelSize: [3, 2], dilationRate: [1, 2] }),
      layers.activation({ activation: "relu" }),
      layers.flatten(),
    ]);
    const fields = textbook.receptiveField(model);
    expect(fields.map(({ layer }) => layer)).toEqual(model.layers.slice(0, -1).map(({ name }) => name));
    // one image for every pixel, that pixel alone lit: a cell is lit where it sees the pixel
    const [h, w] = model.inputShape;
    const lit = new Float32Array((h * w) ** 2).map((_, i) => (i % (h * w) === Math.floor(i / (h * w)) ? 1 : 0));
    const outputs = model.activations(lit);
    for (const { layer, size, stride, start } of fields) {
      const { data, shape } = outputs[layer];
      for (const axis of [0, 1] as const) {
        for (let cell = 0; cell < shape[1 + axis]; cell++) {
          const seen = new Set<number>();
          data.forEach((value, i) => {
            const pixel = Math.floor(i / (shape[1] * shape[2]));
            const at = [Math.floor(i / shape[2]) % shape[1], i % shape[2]];
            if (value > 0 && at[axis] === cell) seen.add([Math.floor(pixel / w), pixel % w][axis]);
          });
          const first = start[axis] + cell * stride[axis];
          const inside = Math.min(model.inputShape[axis], first + size[axis]) - Math.max(0, first);
          const range = inside > 0 ? [Math.max(0, first), Math.max(0, first) + inside - 1] : [];
          const edges = seen.size > 0 ? [Math.min(...seen), Math.max(...seen)] : [];
          expect(edges, `${layer}, axis ${axis}, cell ${cell}`).toEqual(range);
        }
      }
    }
  });

  it.each([
    [[28, 5], 24],
    [[28, 5, 1, 2], 28],
    [[4, 2, 2, 2], 4], // convForward above
    [[4, 3, 2], 1], // poolForward above
    [[7, 2, 2], 3], // the last cell is never looked at
    [[7, 3, 1, 0, 2], 3],
    [[5, 2, 1, [0, 1]], 5],
    [[5, 3, 2, "same"], 3],
    [[5, 3, 2, "valid"], 2],
    [[1, 1], 1],
  ] as [Parameters<typeof textbook.outputSize>, number][])("outputSize(%j) = %i", (args, size) => {
    expect(textbook.outputSize(...args)).toBe(size);
  });
});

describe("textbook: memory", () => {
  it("leaves nothing behind but what it returns", () => {
    const { runtime } = zeros([1]);
    const [APrev, W, b] = [of(conv.A_prev), of(conv.W), of(conv.b)];
    const before = runtime.memory().blocks;
    const { Z, cache } = textbook.convForward(APrev, W, b, conv.hparameters);
    const { dAPrev, dW, db } = textbook.convBackward(Z, cache);
    textbook.convSingleStep(of(singleStep.W), of(singleStep.W), of(singleStep.b));
    for (const made of [Z, dAPrev, dW, db]) made.dispose();
    expect(runtime.memory().blocks).toBe(before + 3); // the arguments of convSingleStep
  });
});

describe("textbook: arguments", () => {
  const image = () => zeros([1, 4, 4, 3]);
  refuses([
    [
      "an image without a batch",
      () => textbook.zeroPad(zeros([3, 3, 2]), 1),
      new ShapeError("zeroPad: X must be [m,n_H,n_W,n_C], got [3,3,2]"),
    ],
    [
      "a slice that is no match for its filter",
      () => textbook.convSingleStep(zeros([3, 3, 2]), zeros([2, 2, 2]), zeros([1, 1, 1])),
      new ShapeError("convSingleStep: aSlicePrev must be [2,2,2], got [3,3,2]"),
    ],
    [
      "a filter for other channels",
      () => textbook.convForward(image(), zeros([2, 2, 4, 8]), zeros([1, 1, 1, 8]), { stride: 1, pad: 0 }),
      new ShapeError("convForward: W must be [f,f,3,n_C], got [2,2,4,8]"),
    ],
    [
      "a bias of another shape",
      () => textbook.convForward(image(), zeros([2, 2, 3, 8]), zeros([8]), { stride: 1, pad: 0 }),
      new ShapeError("convForward: b must be [1,1,1,8], got [8]"),
    ],
    [
      "a filter larger than the image",
      () => textbook.convForward(image(), zeros([5, 5, 3, 8]), zeros([1, 1, 1, 8]), { stride: 1, pad: 0 }),
      new ShapeError(
        'convForward: kernel [5,5] does not fit the padded input [4,4] (height 4 + padding 0); use padding: "same" or a smaller kernel',
      ),
    ],
    [
      "padding under another name",
      () => textbook.convForward(image(), zeros([2, 2, 3, 8]), zeros([1, 1, 1, 8]), { stride: 1, padding: 1 } as never),
      new ArgumentError("convForward: hparameters.pad must be a whole number >= 0, got undefined"),
    ],
    [
      "no hyperparameters",
      () => textbook.poolForward(image(), undefined as never),
      new ArgumentError("poolForward: hparameters must be an object such as { stride: 2, ... }, got undefined"),
    ],
    [
      "a window without a size",
      () => textbook.poolForward(image(), { stride: 1 } as never),
      new ArgumentError("poolForward: hparameters.f must be a whole number >= 1, got undefined"),
    ],
    [
      "negative zeros",
      () => textbook.zeroPad(image(), -1),
      new ArgumentError("zeroPad: pad must be a whole number >= 0, got -1"),
    ],
    [
      "no cache",
      () => textbook.convBackward(image(), undefined as never),
      new ArgumentError("convBackward: cache must be the cache that convForward returned, got undefined"),
    ],
    [
      "all that the way forward gave, for the cache in it",
      () => textbook.poolBackward(image(), textbook.poolForward(image(), { stride: 1, f: 2 }) as never),
      new ArgumentError("poolBackward: cache must be the cache that poolForward returned, got Object"),
    ],
    [
      "a list of layers for a model",
      () => textbook.receptiveField([] as never),
      new ArgumentError("receptiveField: model must be a sequential model, got []"),
    ],
    [
      "an unknown mode",
      () => textbook.poolForward(image(), { stride: 1, f: 2 }, "avg" as "average"),
      new ArgumentError('poolForward: mode must be one of "max", "average", "min", got "avg"'),
    ],
    [
      "a gradient of another shape",
      () => textbook.poolBackward(image(), [image(), { stride: 1, f: 2 }]),
      new ShapeError("poolBackward: dA must be [1,3,3,3], got [1,4,4,3]"),
    ],
    [
      "a probability of 0 to keep a cell",
      () => textbook.dropoutForward(image(), 0, 1),
      new ArgumentError("dropoutForward: keepProb must be a number above 0 and up to 1, got 0"),
    ],
    [
      "a kernel larger than the input",
      () => textbook.outputSize(4, 5),
      new ShapeError(
        "outputSize: a kernel of 5 covers 5 cells, but there are 4 (0 + 4 + 0); pad by 1 more, or use a smaller kernel",
      ),
    ],
    [
      "a dilated kernel larger than the input",
      () => textbook.outputSize(4, 3, 1, 1, 3),
      new ShapeError(
        "outputSize: a kernel of 3 with dilation 3 reaches over 7 cells, but there are 6 (1 + 4 + 1); pad by 1 more, or use a smaller kernel or dilation",
      ),
    ],
    [
      "a stride of 0",
      () => textbook.outputSize(4, 2, 0),
      new ArgumentError("outputSize: stride must be a whole number >= 1, got 0"),
    ],
    [
      "a negative padding",
      () => textbook.outputSize(4, 2, 1, -1),
      new ArgumentError('outputSize: padding must be "valid", "same", a whole number >= 0 or [before, after], got -1'),
    ],
  ]);
});
