import { expect, it } from "vitest";
import { ops, tensor } from "../../src/index.ts";
import { currentRuntime } from "../../src/runtime/runtime.ts";
import { erf, scalars } from "../reference/activation.ts";

/** Every 4099th float between two numbers, over all magnitudes. */
function floats(low: number, high: number): Float32Array {
  const bits = new Uint32Array(1);
  const value = new Float32Array(bits.buffer);
  const found: number[] = [];
  for (const sign of [0, 0x80000000]) {
    for (let magnitude = 0x00800000; magnitude < 0x7f800000; magnitude += 4099) {
      bits[0] = sign + magnitude;
      if (value[0] >= low && value[0] <= high) found.push(value[0]);
    }
  }
  return Float32Array.from(found);
}

/** The largest distance from the exact function, in units in the last place of its value. */
function worst(xs: Float32Array, ys: Float32Array, exact: (x: number) => number): number {
  let most = 0;
  for (const [i, x] of xs.entries()) {
    const y = exact(x);
    const unit = 2 ** (Math.max(Math.floor(Math.log2(Math.abs(y))), -126) - 23);
    most = Math.max(most, Math.abs(ys[i] - y) / unit);
  }
  return most;
}

const gelu = (x: number) => scalars.gelu(x, 0);

// Through the activations that are these functions alone, or nearly.
it.each<[string, ops.ActivationName, number, number, (x: number) => number, number]>([
  ["expm1", "elu", -87, -1e-30, Math.expm1, 1],
  ["tanh", "tanh", -1e30, 1e30, Math.tanh, 2],
  ["erf", "erf", -1e30, 1e30, erf, 2],
  // Far below 0 gelu is x erfc(-x / sqrt 2) / 2, four roundings and the error of each part; down to where it is no normal float.
  ["gelu", "gelu", -13, 1e30, gelu, 6],
  ["gelu from -1 on", "gelu", -1, 1e30, gelu, 3],
  ["the logistic function", "sigmoid", -87, 1e30, (x) => 1 / (1 + Math.exp(-x)), 2.5],
  ["exp, which softplus is far below 0", "softplus", -87.3, -17, Math.exp, 1],
  ["log1p of exp", "softplus", -17, 1e30, (x) => scalars.softplus(x, 0), 4],
])("%s keeps to its units in the last place: %s", (_, name, low, high, exact, bound) => {
  const xs = floats(low, high);
  expect(xs.length).toBeGreaterThan(4000);
  using x = tensor(xs);
  using y = ops.activation(x, name);
  expect(worst(xs, y.data, exact)).toBeLessThanOrEqual(bound);
});

it("log keeps to 2 units: a divergence is ln(t / y), here with t = 1", () => {
  const ys = floats(1e-6, 1);
  using x = tensor(ys, [ys.length, 1]);
  using ones = tensor(new Float32Array(ys.length).fill(1), [ys.length, 1]);
  const { kernels } = currentRuntime("test");
  using losses = tensor(new Float32Array(ys.length));
  kernels.elementLoss(x.pointer, ones.pointer, 0, losses.pointer, 0, ys.length, 1, 8, 1, 1, 0, 1, 1);
  const got = losses.data;
  expect(
    worst(
      ys.map((y) => Math.fround(1 / y)),
      got,
      Math.log,
    ),
  ).toBeLessThanOrEqual(2);
});
