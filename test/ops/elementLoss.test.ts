import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ArgumentError, ops, ShapeError, type Tensor, tensor, zeros } from "../../src/index.ts";
import type { ElementLossName } from "../../src/ops/elementLoss.ts";
import cases from "../fixtures/torch/dense_loss_dropout.json";
import { array64 } from "../reference/array.ts";
import { elementLoss as twin } from "../reference/elementLoss.ts";
import { expectClose } from "../support/close.ts";
import type { FixtureTensor } from "../support/fixtures.ts";
import { refuses } from "../support/invalid.ts";
import { lossOf, scaled } from "../support/lossCase.ts";
import { checkOp } from "../support/opCase.ts";
import { Random } from "../support/random.ts";

/** Sums of up to 23 terms in each of four lanes; logarithms and powers are within 2 and 4 ulp. */
const TOLERANCE = { relative: 3e-6, absolute: 2e-6 };

type Loss = (x: Tensor, targets: Tensor, options: object) => ops.LossResult;

/** What each is drawn from: predictions in a range, away from kinks and from where 1/p^3 spoils central differences, and targets. */
const LOSSES: [ElementLossName, { range: [number, number]; hard?: boolean; options?: object; settings?: object }][] = [
  ["meanSquaredError", { range: [-1, 1] }],
  ["meanAbsoluteError", { range: [-1, 1] }],
  ["huber", { range: [-3, 3], options: { delta: 0.7 }, settings: { delta: 0.7 } }],
  ["hinge", { range: [-3, 3], hard: true }],
  ["squaredHinge", { range: [-3, 3], hard: true }],
  ["binaryCrossentropy", { range: [0.1, 0.9] }],
  ["binaryCrossentropy", { range: [-9, 9], options: { fromLogits: true }, settings: { fromLogits: true } }],
  ["binaryFocalCrossentropy", { range: [0.1, 0.9], settings: { gamma: 2 } }],
  [
    "binaryFocalCrossentropy",
    {
      range: [-6, 6],
      options: { fromLogits: true, gamma: 1.5, alpha: 0.3, applyClassBalancing: true },
      settings: { fromLogits: true, gamma: 1.5, on: 0.3, off: 0.7 },
    },
  ],
  ["categoricalFocalCrossentropy", { range: [0.1, 0.9], settings: { gamma: 2, on: 0.25 } }],
  ["klDivergence", { range: [0.1, 1] }],
];

const anyCase = fc.record({
  m: fc.integer({ min: 1, max: 5 }),
  p: fc.integer({ min: 1, max: 3 }),
  c: fc.integer({ min: 1, max: 9 }),
  weighted: fc.boolean(),
  seed: fc.integer(),
});

describe("elementLoss", () => {
  it.each(LOSSES)("%s equals the naive twin, and its gradient central differences: %s", (name, drawn) => {
    const settings = { delta: 1, gamma: 0, on: 1, off: 1, fromLogits: false, ...drawn.settings };
    fc.assert(
      fc.property(anyCase, ({ m, p, c, weighted, seed }) => {
        const random = new Random(seed);
        const shape = [m, p, c];
        const values = random.floats(m * p * c, 0, 1).map((t) => (drawn.hard ? Math.round(t) : t));
        const targets = tensor(values, shape);
        // No central difference may carry a prediction over a kink.
        const isNear = (x: number, i: number) =>
          [0, 0.7, -0.7].some((kink) => Math.abs(x - values[i] - kink) < 0.01) || Math.abs(Math.abs(x) - 1) < 0.01;
        const data = random.floats(m * p * c, ...drawn.range).map((x, i) => (isNear(x, i) ? x - 0.03 : x));
        const weights = weighted ? random.floats(m, 0, 2) : new Float32Array(m).fill(1);
        const options = { ...drawn.options, weights: weighted ? tensor(weights) : null };
        const loss = ops[name] as Loss;
        checkOp({
          inputs: { x: { shape, data } },
          forward: ({ x }) => lossOf(loss(x, targets, options) as never),
          twin: ({ x }) => array64([1], [twin(name, x, array64(shape, values), array64([m], weights), settings)]),
          backward: (dy, { x }) => ({ x: scaled(loss(x, targets, options).dx, dy) }),
          tolerance: TOLERANCE,
          gradientTolerance: { relative: 2e-5, absolute: 1e-5 },
        });
        targets.dispose();
        options.weights?.dispose();
      }),
    );
  });

  it.each<[string, Loss]>([
    ["mse_loss", ops.meanSquaredError],
    ["l1_loss", ops.meanAbsoluteError],
    ["huber_loss", ops.huber],
    ["smooth_l1_loss", ops.huber],
    ["binary_cross_entropy_with_logits", (x, t) => ops.binaryCrossentropy(x, t, { fromLogits: true })],
  ])("equals torch: %s", (op, loss) => {
    const c = (cases as unknown as Record<"op" | "x" | "target" | "y" | "dx", FixtureTensor>[]).find(
      (row) => `${row.op}` === op,
    )!;
    const { loss: value, dx } = loss(tensor(c.x.data, c.x.shape), tensor(c.target.data, c.target.shape), {});
    expectClose([value], c.y.data, TOLERANCE, "loss");
    expectClose(dx.data, c.dx.data, TOLERANCE, "dx");
  });

  it("takes any rank, and passes NaN on", () => {
    const x = tensor([[[1, 2]], [[3, Number.NaN]]]);
    const { loss, dx } = ops.meanSquaredError(x, zeros([2, 1, 2]));
    expect(loss).toBeNaN();
    expect([...dx.data]).toEqual([0.5, 1, 1.5, Number.NaN]);
    for (const [name, { options }] of LOSSES)
      expect((ops[name] as Loss)(x, zeros([2, 1, 2]), { ...options }).loss).toBeNaN();
  });

  it("has the gradient 0 at the kinks of the absolute error and of the hinge", () => {
    expect([...ops.meanAbsoluteError(tensor([1]), tensor([1])).dx.data]).toEqual([0]);
    expect([...ops.hinge(tensor([1, -1]), tensor([1, 0])).dx.data].map(Math.abs)).toEqual([0, 0]);
  });

  it("stays finite for logits far out, and clips probabilities", () => {
    const targets = tensor([1, 0, 1, 0]);
    const far = tensor([1000, 1000, -1000, -1000]);
    const { loss, dx } = ops.binaryCrossentropy(far, targets, { fromLogits: true });
    expect(loss).toBe(500);
    expect([...dx.data]).toEqual([0, 0.25, -0.25, 0]);
    const focal = ops.binaryFocalCrossentropy(far, targets, { fromLogits: true });
    expect(focal.loss).toBe(500);
    expect([...focal.dx.data].every(Number.isFinite)).toBe(true);
    const clipped = ops.binaryCrossentropy(tensor([1, 1, 0, 0]), targets);
    expect(clipped.loss).toBeCloseTo(-(Math.log(1.19e-7) + Math.log(1e-7)) / 4, 2);
    expect([...clipped.dx.data]).toEqual([0, 0, 0, 0]);
  });

  it("a divergence of equals is 0", () => {
    const p = tensor([[0, 0.25, 0.75, 1]]);
    expect(ops.klDivergence(p, p).loss).toBe(0);
  });

  refuses([
    [
      "targets of another shape",
      () => ops.meanSquaredError(zeros([2, 3]), zeros([3, 2])),
      new ShapeError("meanSquaredError: targets must be [2,3], got [3,2]"),
    ],
    [
      "weights of another shape",
      () => ops.huber(zeros([2, 3]), zeros([2, 3]), { weights: zeros([2, 3]) }),
      new ShapeError("huber: weights must be [2], got [2,3]"),
    ],
    ["a scalar", () => ops.hinge(tensor(1), tensor(1)), new ShapeError("hinge: x must have at least one axis, got []")],
    [
      "a delta of 0",
      () => ops.huber(zeros([1]), zeros([1]), { delta: 0 }),
      new ArgumentError("huber: delta must be a number > 0, got 0"),
    ],
    [
      "a negative gamma",
      () => ops.binaryFocalCrossentropy(zeros([1]), zeros([1]), { gamma: -1 }),
      new ArgumentError("binaryFocalCrossentropy: gamma must be a number >= 0, got -1"),
    ],
    [
      "an alpha above 1",
      () => ops.categoricalFocalCrossentropy(zeros([1]), zeros([1]), { alpha: 2 }),
      new ArgumentError("categoricalFocalCrossentropy: alpha must lie in [0, 1], got 2"),
    ],
    [
      "no tensor",
      () => ops.klDivergence([1] as never, zeros([1])),
      new ArgumentError("klDivergence: x must be a Tensor, got [1]"),
    ],
  ]);
});
