import { describe, expect, it } from "vitest";
import { type Tensor, tensor } from "../../src/index.ts";
import { currentRuntime } from "../../src/runtime/runtime.ts";
import cases from "../fixtures/torch/optimizers.json";
import { expectClose } from "../support/close.ts";
import type { FixtureTensor } from "../support/fixtures.ts";
import { Random } from "../support/random.ts";

/** A step rounds w, g and the states once or twice each. */
const TOLERANCE = { relative: 3e-6, absolute: 1e-6 };

const kernels = () => currentRuntime("test").kernels;
const { NaN: nan } = Number;

/** w, g and two states of n elements (states positive, as mean squares are). */
function drawn(n: number, seed: number): Record<"w" | "g" | "a" | "b", Tensor> {
  const random = new Random(seed);
  const floats = (low = -1) => tensor(random.floats(n, low, 1));
  return { w: floats(), g: floats(), a: floats(), b: floats(0.01) };
}

describe("gradients", () => {
  it("are clipped by the common norm", () => {
    interface Clip {
      op: string;
      max_norm: number;
      grads: FixtureTensor[];
      total_norm: number;
      clipped: FixtureTensor[];
    }
    for (const c of (cases as unknown as Clip[]).filter((row) => row.op === "clip_grad_norm")) {
      const grads = c.grads.map((g) => tensor(g.data));
      const norm = Math.sqrt(grads.reduce((sum, g) => sum + kernels().sumOfSquares(g.pointer, g.size), 0));
      expect(norm).toBeCloseTo(c.total_norm, 12);
      const factor = Math.min(1, c.max_norm / (norm + 1e-6));
      grads.forEach((g, i) => {
        kernels().scale(g.pointer, g.size, factor);
        expectClose(g.data, c.clipped[i].data, TOLERANCE, `gradient ${i}`);
      });
    }
  });
});

describe("sums and penalties", () => {
  it("equal the naive sums, in double precision", () => {
    for (let n = 1; n < 20; n++) {
      const { w } = drawn(n, n);
      const total = (f: (x: number) => number) => [...w.data].reduce((sum, x) => sum + f(x), 0);
      expect(kernels().sum(w.pointer, n)).toBeCloseTo(
        total((x) => x),
        13,
      );
      expect(kernels().sumOfSquares(w.pointer, n)).toBeCloseTo(
        total((x) => x * x),
        13,
      );
      expect(kernels().sumOfAbs(w.pointer, n)).toBeCloseTo(total(Math.abs), 13);
    }
    const big = tensor(new Float32Array(100001).fill(0.1));
    expect(kernels().sumOfSquares(big.pointer, big.size)).toBeCloseTo(100001 * Math.fround(0.1) ** 2, 8);
    expect(kernels().sum(tensor([1, nan, 2]).pointer, 3)).toBeNaN();
  });

  it("scale, addScaled and addSign are what they say", () => {
    for (let n = 1; n < 12; n++) {
      const { w, g } = drawn(n, n);
      w.data[0] = 0;
      const [before, weights] = [g.data.slice(), w.data.slice()];
      kernels().addScaled(g.pointer, w.pointer, n, 0.5);
      expectClose(
        g.data,
        before.map((x, i) => x + 0.5 * weights[i]),
        TOLERANCE,
        "addScaled",
      );
      g.data.set(before);
      kernels().addSign(g.pointer, w.pointer, n, 0.5);
      expectClose(
        g.data,
        before.map((x, i) => x + 0.5 * Math.sign(weights[i])),
        TOLERANCE,
        "addSign",
      );
      g.data.set(before);
      kernels().scale(g.pointer, n, -3);
      expectClose(
        g.data,
        before.map((x) => -3 * x),
        TOLERANCE,
        "scale",
      );
    }
  });
});
