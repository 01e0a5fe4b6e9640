import { describe, expect, it } from "vitest";
import { ArgumentError, layers, loadModel, ops, sequential, tensor } from "../../src/index.ts";
import { refuses } from "../support/invalid.ts";
import { bitsOf, drawSamples } from "../support/model.ts";
import { Random } from "../support/random.ts";

const SHAPE = [3, 4, 8];
const at = (layer: () => ReturnType<typeof layers.groupNormalization>) => () =>
  sequential({ inputShape: SHAPE, seed: 1 }, [layer()]);

const cases = {
  layerNormalization: [layers.layerNormalization, {}, [8], (x, g, b) => ops.layerNorm(x, g, b)],
  "layerNormalization over all": [
    layers.layerNormalization,
    { axis: [-3, -2, -1], epsilon: 1e-5 },
    SHAPE,
    (x, g, b) => ops.layerNorm(x, g, b, { epsilon: 1e-5 }),
  ],
  groupNormalization: [
    layers.groupNormalization,
    { groups: 4, epsilon: 0.1 },
    [8],
    (x, g, b) => ops.groupNorm(x, g, b, { groups: 4, epsilon: 0.1 }),
  ],
  "groupNormalization of single channels": [
    layers.groupNormalization,
    { groups: -1 },
    [8],
    (x, g, b) => ops.instanceNorm(x, g, b),
  ],
  instanceNormalization: [layers.instanceNormalization, {}, [8], (x, g, b) => ops.instanceNorm(x, g, b)],
} satisfies Record<
  string,
  [
    make: (options: never) => unknown,
    options: object,
    parameters: number[],
    op: (...all: ReturnType<typeof tensor>[]) => ReturnType<typeof tensor>,
  ]
>;

describe("layers that normalise samples", () => {
  it.each(Object.entries(cases))(
    "%s gives what its op gives, and comes back from a file",
    (_, [make, options, shape, op]) => {
      using made = sequential({ inputShape: SHAPE, seed: 1 }, [make(options as never) as never]);
      expect(made.parameters.map((parameter) => parameter.shape)).toEqual([shape, shape]);
      const random = new Random(3);
      for (const parameter of made.parameters) parameter.set(random.floats(parameter.size));
      const { x } = drawSamples(2, SHAPE, 2);
      using y = made.predict(x);
      const [gamma, beta] = made.parameters.map((parameter) => tensor(parameter.data.slice(), parameter.shape));
      using expected = op(tensor(x, [2, ...SHAPE]), gamma, beta);
      expect(bitsOf([y.data])).toEqual(bitsOf([expected.data]));
      using loaded = loadModel(made.save());
      using again = loaded.predict(x);
      expect(bitsOf([again.data])).toEqual(bitsOf([y.data]));
    },
  );

  it.each([
    ["lines", [6, 8]],
    ["volumes", [2, 3, 2, 8]],
  ])("normalise %s of a batch each by itself, as images of as many pixels", (_, shape) => {
    for (const make of [() => layers.groupNormalization({ groups: 4 }), layers.instanceNormalization]) {
      const pixels = shape.slice(0, -1).reduce((a, b) => a * b, 1);
      using made = sequential({ inputShape: shape, seed: 1 }, [make()]);
      using images = sequential({ inputShape: [pixels, 1, 8], seed: 1 }, [make()]);
      const { x } = drawSamples(3, shape, 2);
      using y = made.predict(x);
      using expected = images.predict(x);
      expect(y.shape).toEqual([3, ...shape]);
      expect(bitsOf([y.data])).toEqual(bitsOf([expected.data]));
    }
  });

  it("learn gamma and beta unless told not to", () => {
    using made = sequential({ inputShape: SHAPE, seed: 1 }, [
      layers.groupNormalization({ groups: 2, scale: false }),
      layers.layerNormalization({ center: false }),
      layers.flatten(),
      layers.dense({ units: 1 }),
    ]);
    made.compile({ optimizer: "sgd", loss: "meanSquaredError" });
    const before = made.parameters.map((parameter) => parameter.data.slice());
    const { x } = drawSamples(4, SHAPE, 2);
    made.trainOnBatch(x, [1, -1, 1, -1]);
    const changed = made.parameters.filter((p, i) => p.data.some((value, at) => value !== before[i][at]));
    expect(changed.map(({ name }) => name)).toEqual([
      "groupNormalization_1/beta",
      "layerNormalization_1/gamma",
      "dense_1/kernel",
      "dense_1/bias",
    ]);
  });

  refuses([
    [
      "half a group",
      () => layers.groupNormalization({ groups: 0.5 }),
      new ArgumentError("groupNormalization: groups must be a whole number >= 1, or -1, got 0.5"),
    ],
    [
      "groups that do not divide the channels",
      at(() => layers.groupNormalization({ groups: 3 })),
      new ArgumentError("groupNormalization_1: groups must divide the 8 channels of x [1,3,4,8], got 3"),
    ],
    [
      "an axis that is not among the last",
      at(() => layers.layerNormalization({ axis: [1] }) as never),
      new ArgumentError("layerNormalization_1: axis must name the last axes, without the batch, got [1]"),
    ],
    [
      "to normalise the batch",
      at(() => layers.layerNormalization({ axis: [0, 1, 2, 3] }) as never),
      new ArgumentError("layerNormalization_1: axis must name the last axes, without the batch, got [0,1,2,3]"),
    ],
    [
      "an epsilon of 0",
      () => layers.instanceNormalization({ epsilon: 0 }),
      new ArgumentError("instanceNormalization: epsilon must be a finite number > 0, got 0"),
    ],
    [
      "a scale that is no boolean",
      () => layers.layerNormalization({ scale: 1 as never }),
      new ArgumentError("layerNormalization: scale must be true or false, got 1"),
    ],
    [
      "a k of 0",
      () => layers.localResponseNormalization({ k: 0 }),
      new ArgumentError("localResponseNormalization: k must be a finite number > 0, got 0"),
    ],
  ]);
});
