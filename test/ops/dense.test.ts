import fc from "fast-check";
import { describe, it } from "vitest";
import { ops, ShapeError, tensor, zeros } from "../../src/index.ts";
import cases from "../fixtures/torch/dense_loss_dropout.json";
import { dense as twin } from "../reference/dense.ts";
import { expectClose } from "../support/close.ts";
import type { FixtureTensor } from "../support/fixtures.ts";
import { refuses } from "../support/invalid.ts";
import { checkOp } from "../support/opCase.ts";
import { Random } from "../support/random.ts";

/** Sums of up to 70 products of values in [-1, 1). */
const TOLERANCE = { relative: 1e-5, absolute: 1e-5 };

interface LinearCase {
  op: string;
  x: FixtureTensor;
  w_IO: FixtureTensor;
  b: FixtureTensor | null;
  y: FixtureTensor;
  dy: FixtureTensor;
  dx: FixtureTensor;
  dw_IO: FixtureTensor;
  db: FixtureTensor | null;
}

describe("dense", () => {
  it("equals the naive twin, and its gradients central differences, over random shapes", () => {
    const anyCase = fc.record({
      m: fc.integer({ min: 1, max: 9 }),
      k: fc.integer({ min: 1, max: 19 }),
      o: fc.integer({ min: 1, max: 19 }),
      seed: fc.integer(),
    });
    fc.assert(
      fc.property(anyCase, ({ m, k, o, seed }) => {
        const random = new Random(seed);
        checkOp({
          inputs: {
            x: { shape: [m, k], data: random.floats(m * k) },
            w: { shape: [k, o], data: random.floats(k * o) },
            b: { shape: [o], data: random.floats(o) },
          },
          forward: ({ x, w, b }) => ops.dense(x, w, b),
          twin: ({ x, w, b }) => twin(x, w, b),
          backward: (dy, { x, w }) => {
            const { dx, dw, db } = ops.denseBackward(dy, x, w);
            return { x: dx, w: dw, b: db };
          },
          tolerance: TOLERANCE,
        });
      }),
    );
  });

  const linear = (cases as unknown as LinearCase[]).filter(({ op }) => op === "linear");
  it.each(linear.map((c) => [`${c.x.shape} -> ${c.y.shape}`, c] as const))("equals torch: %s", (_, c) => {
    const of = (t: FixtureTensor) => tensor(t.data, t.shape);
    const [x, w, dy] = [of(c.x), of(c.w_IO), of(c.dy)];
    expectClose(ops.dense(x, w, c.b === null ? null : of(c.b)).data, c.y.data, TOLERANCE, "y");
    const { dx, dw, db } = ops.denseBackward(dy, x, w);
    expectClose(dx.data, c.dx.data, TOLERANCE, "dx");
    expectClose(dw.data, c.dw_IO.data, TOLERANCE, "dw");
    if (c.db !== null) expectClose(db.data, c.db.data, TOLERANCE, "db");
  });

  refuses([
    [
      "an image",
      () => ops.dense(zeros([1, 2, 2, 1]), zeros([4, 2])),
      new ShapeError("dense: x must be [M,K], got [1,2,2,1]"),
    ],
    [
      "rows that do not fit",
      () => ops.dense(zeros([1, 3]), zeros([4, 2])),
      new ShapeError("dense: x [1,3] has 3 columns, but w [4,2] has 4 rows"),
    ],
    [
      "a wrong bias",
      () => ops.dense(zeros([1, 4]), zeros([4, 2]), zeros([4])),
      new ShapeError("dense: b must be [2], got [4]"),
    ],
  ]);
});
