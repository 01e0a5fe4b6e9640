import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ArgumentError, ops, ShapeError, type Tensor, tensor, zeros } from "../../src/index.ts";
import { backwardActivation, forwardActivation, inferActivation } from "../../src/ops/activation.ts";
import cases from "../fixtures/torch/activations.json";
import { limitedRelu, scalars, activation as twin } from "../reference/activation.ts";
import { expectClose } from "../support/close.ts";
import type { FixtureTensor } from "../support/fixtures.ts";
import { refuses } from "../support/invalid.ts";
import { checkOp } from "../support/opCase.ts";
import { Random } from "../support/random.ts";

/** exp is within an ulp (6e-8), the functions made of it within 3; sigmoid's gradient multiplies three of them. */
const TOLERANCE = { relative: 1e-6, absolute: 2e-7 };

const names = Object.keys(ops.ACTIVATIONS) as ops.ActivationName[];
const { NaN: nan, POSITIVE_INFINITY: infinity } = Number;
const apply = (name: ops.ActivationName, values: number[]) => [...ops.activation(tensor(values), name).data];
const derive = (name: ops.ActivationName, values: number[]) => [
  ...ops.activationBackward(tensor(values.map(() => 1)), tensor(values), name).data,
];

/** Values that no central difference carries over a kink (0, 6, -1, 1, -3, 3). */
function awayFromKinks(data: Float32Array): Float32Array {
  const isNear = (x: number) => [0, 6, -1, 1, -3, 3].some((kink) => Math.abs(x - kink) < 0.01);
  return data.map((x) => (isNear(x) ? x + 0.03 : x));
}

describe("activation", () => {
  it.each(names)("%s equals the naive twin, and its gradient central differences, over random shapes", (name) => {
    const anyCase = fc.record({
      shape: fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 4 }),
      parameter: fc.constantFrom(0, 0.01, 0.3, 1.5),
      seed: fc.integer(),
    });
    fc.assert(
      fc.property(anyCase, ({ shape, parameter, seed }) => {
        // relu has a slope too, which makes it another function; a celu so sharp has no gradient by differences.
        if (name === "celu" && parameter < 0.3) return;
        const options = name === "relu" ? {} : { negativeSlope: parameter, alpha: parameter };
        const size = shape.reduce((a, b) => a * b);
        checkOp({
          inputs: { x: { shape, data: awayFromKinks(new Random(seed).floats(size, -9, 9)) } },
          forward: ({ x }) => ops.activation(x, name, options),
          twin: ({ x }) => twin(x, name, parameter),
          backward: (dy, { x }) => ({ x: ops.activationBackward(dy, x, name, options) }),
          tolerance: TOLERANCE,
        });
      }),
      { numRuns: 40 },
    );
  });

  const torchNames: Record<string, [ops.ActivationName, ops.ActivationOptions?]> = {
    relu: ["relu"],
    relu6: ["relu6"],
    "leaky_relu_0.01": ["leakyRelu", { negativeSlope: 0.01 }],
    "leaky_relu_0.2": ["leakyRelu"],
    elu: ["elu"],
    sigmoid: ["sigmoid"],
    tanh: ["tanh"],
    silu: ["silu"],
    selu: ["selu"],
    celu_2: ["celu", { alpha: 2 }],
    gelu: ["gelu"],
    gelu_tanh: ["geluTanh"],
    softplus: ["softplus"],
    softsign: ["softsign"],
    mish: ["mish"],
    hardsigmoid: ["hardSigmoid"],
    hardswish: ["hardSwish"],
    hardtanh: ["hardTanh"],
    logsigmoid: ["logSigmoid"],
  };
  it.each(Object.entries(torchNames))("equals torch: %s", (op, [name, options]) => {
    const c = (cases as unknown as Record<"op" | "x" | "y" | "dx", FixtureTensor>[]).find((row) => `${row.op}` === op)!;
    const x = tensor(c.x.data);
    expectClose(ops.activation(x, name, options).data, c.y.data, TOLERANCE, "y");
    const dy = tensor(c.x.data.map(() => 1));
    expectClose(ops.activationBackward(dy, x, name, options).data, c.dx.data, TOLERANCE, "dx");
  });

  it("relu with options equals its twin, and its gradient central differences", () => {
    const anyCase = fc.record({
      negativeSlope: fc.constantFrom(0, 0.1),
      threshold: fc.constantFrom(0, 1),
      maxValue: fc.constantFrom(3, 6),
      n: fc.integer({ min: 1, max: 19 }),
      seed: fc.integer(),
    });
    fc.assert(
      fc.property(anyCase, ({ n, seed, ...options }) => {
        const { negativeSlope, threshold, maxValue } = options;
        checkOp({
          inputs: { x: { shape: [n], data: awayFromKinks(new Random(seed).floats(n, -9, 9)) } },
          forward: ({ x }) => ops.relu(x, options),
          twin: ({ x }) => limitedRelu(x, negativeSlope, threshold, maxValue),
          backward: (dy, { x }) => ({ x: ops.activationBackward(dy, x, "relu", options) }),
          tolerance: TOLERANCE,
        });
      }),
    );
    const ends = tensor([nan, infinity, -infinity, 1, 2]);
    expect([...ops.relu(ends, { threshold: 1 }).data]).toEqual([nan, infinity, 0, 0, 2]);
    expect([...ops.relu(ends, { maxValue: 2 }).data]).toEqual([nan, 2, 0, 1, 2]);
  });

  it("keeps its relative accuracy where y is tiny", () => {
    const data = new Random(1).floats(1001).map((x) => x * 2 ** (-40 * Math.abs(x)));
    for (const name of ["tanh", "elu", "swish", "sigmoid"] as const) {
      const y = ops.activation(tensor(data), name, { alpha: 1 }).data;
      expectClose(
        y,
        [...data].map((x) => scalars[name](x, 1)),
        { relative: 4e-7, absolute: 0 },
        name,
      );
    }
    const far = new Random(2).floats(1001, -87, -10);
    const y = ops.sigmoid(tensor(far)).data;
    expectClose(
      y,
      [...far].map((x) => scalars.sigmoid(x, 0)),
      { relative: 4e-7, absolute: 0 },
      "sigmoid far out",
    );
  });

  it("has the gradient of the standing side at its kinks", () => {
    expect(derive("relu", [0, -0])).toEqual([0, 0]);
    expect(derive("relu6", [0, 6])).toEqual([0, 0]);
    expect(derive("leakyRelu", [0])).toEqual([Math.fround(0.2)]);
    expect(derive("elu", [0])).toEqual([1]);
  });

  it("passes NaN on, in every lane", () => {
    for (const name of names)
      expect(apply(name, [nan, 1, nan, nan, nan, nan, nan, nan, 1, nan]).map(Number.isNaN), name).toEqual([
        true,
        false,
        true,
        true,
        true,
        true,
        true,
        true,
        false,
        true,
      ]);
    expect(derive("relu", [nan])).toEqual([1]);
    expect(derive("relu6", [nan])).toEqual([1]);
    expect(derive("leakyRelu", [nan])).toEqual([Math.fround(0.2)]);
    for (const name of ["elu", "sigmoid", "tanh", "swish"] as const) expect(derive(name, [nan])).toEqual([nan]);
  });

  it("is right at infinity", () => {
    const ends = [infinity, -infinity];
    expect(apply("relu", ends)).toEqual([infinity, 0]);
    expect(apply("relu6", ends)).toEqual([6, 0]);
    expect(apply("leakyRelu", ends)).toEqual([infinity, -infinity]);
    expect(apply("elu", ends)).toEqual([infinity, -1]);
    expect(apply("sigmoid", ends)).toEqual([1, 0]);
    expect(apply("tanh", ends)).toEqual([1, -1]);
    expect(apply("swish", [infinity, -1000])).toEqual([infinity, -0]);
    expect(apply("selu", ends)).toEqual([infinity, Math.fround(-1.7580993408473766)]);
    expect(apply("celu", ends)).toEqual([infinity, -1]);
    for (const name of ["gelu", "geluTanh", "mish", "hardSwish"] as const) {
      expect(
        apply(name, [infinity, -1000]).map((y) => y + 0),
        name,
      ).toEqual([infinity, 0]);
      expect(
        derive(name, [1000, -1000, infinity]).map((y) => y + 0),
        name,
      ).toEqual([1, 0, 1]);
    }
    expect(apply("gelu", [-infinity]).map((y) => y + 0)).toEqual([0]);
    expect(apply("erf", ends)).toEqual([1, -1]);
    expect(derive("erf", ends)).toEqual([0, 0]);
    expect(apply("softplus", ends)).toEqual([infinity, 0]);
    expect(apply("logSigmoid", ends)).toEqual([-0, -infinity]);
    expect(apply("hardSigmoid", ends)).toEqual([1, 0]);
    expect(apply("hardTanh", ends)).toEqual([1, -1]);
  });

  it.each(names)("%s works in place, forward and backward", (name) => {
    const x = tensor(new Random(3).floats(11, -9, 9));
    const dy = tensor(new Random(4).floats(11));
    const y = ops.activation(x, name).data.slice();
    const dx = ops.activationBackward(dy, x, name).data.slice();
    const plan = inferActivation("test", x.shape, name);
    const value = plan.reads === "x" ? tensor(x.data.slice()) : x;
    const { kernels } = x.runtime;
    forwardActivation(kernels, { x: x.pointer, y: x.pointer }, plan);
    expect(x.data).toEqual(y);
    backwardActivation(kernels, { dy: dy.pointer, value: value.pointer, dx: dy.pointer }, plan);
    expect(dy.data).toEqual(dx);
  });

  it("has a function for each name", () => {
    const x = tensor([-2, -0.5, 0, 3, 7]);
    const named: [Tensor, ops.ActivationName, ops.ActivationOptions?][] = [
      [ops.relu(x), "relu"],
      [ops.relu6(x), "relu6"],
      [ops.leakyRelu(x), "leakyRelu"],
      [ops.leakyRelu(x, { negativeSlope: 0.5 }), "leakyRelu", { negativeSlope: 0.5 }],
      [ops.elu(x), "elu"],
      [ops.elu(x, { alpha: 2 }), "elu", { alpha: 2 }],
      [ops.sigmoid(x), "sigmoid"],
      [ops.tanh(x), "tanh"],
      [ops.swish(x), "swish"],
      [ops.silu(x), "swish"],
      [ops.relu(x, { maxValue: 5 }), "relu", { maxValue: 5 }],
      [ops.celu(x, { alpha: 2 }), "celu", { alpha: 2 }],
      [ops.gelu(x, { approximate: true }), "geluTanh"],
      ...(
        [
          "selu",
          "erf",
          "gelu",
          "softplus",
          "logSigmoid",
          "softsign",
          "mish",
          "hardSigmoid",
          "hardTanh",
          "hardSwish",
        ] as const
      ).map((name): [Tensor, ops.ActivationName] => [ops[name](x), name]),
    ];
    for (const [y, name, options] of named) expect(y.data, name).toEqual(ops.activation(x, name, options).data);
  });

  const known = names.map((name) => `"${name}"`).join(", ");
  refuses([
    [
      "an unknown name",
      () => ops.activation(zeros([1]), "leaky_relu" as never),
      new ArgumentError(`activation: name must be one of ${known}, got "leaky_relu"; did you mean "leakyRelu"?`),
    ],
    [
      "a negative slope below 0",
      () => ops.leakyRelu(zeros([1]), { negativeSlope: -0.1 }),
      new ArgumentError("leakyRelu: negativeSlope must be a finite number >= 0, got -0.1"),
    ],
    [
      "a NaN alpha",
      () => ops.elu(zeros([1]), { alpha: nan }),
      new ArgumentError("elu: alpha must be a finite number >= 0, got NaN"),
    ],
    [
      "a largest output below 0",
      () => ops.relu(zeros([1]), { maxValue: -1 }),
      new ArgumentError("relu: maxValue must be a finite number >= 0, got -1"),
    ],
    [
      "a threshold below 0",
      () => ops.relu(zeros([1]), { threshold: -1 }),
      new ArgumentError("relu: threshold must be a finite number >= 0, got -1"),
    ],
    ["no tensor", () => ops.relu(1 as never), new ArgumentError("relu: x must be a Tensor, got 1")],
    [
      "a wrong dy",
      () => ops.activationBackward(zeros([2]), zeros([3]), "relu"),
      new ShapeError("activationBackward: dy must be [3], got [2]"),
    ],
  ]);
});
