import { expect, it } from "vitest";
import { layers, sequential, tensor } from "../../src/index.ts";
import type { Precision } from "../../src/ops/conv2d.ts";
import { type Array64, array64 } from "../reference/array.ts";
import { conv2d } from "../reference/conv2d.ts";
import { Random } from "../support/random.ts";

const DEPTH = 50;
const SHAPE = [12, 12, 16];
const WINDOW = { stride: [1, 1], padding: [1, 1, 1, 1], dilation: [1, 1] } as const;
/** Half a unit in the last place of a float, relative: what one rounding may cost. */
const ROUNDING = 2 ** -24;

/** Root of the mean square. */
function scaleOf(values: Float64Array): number {
  return Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length);
}

/** A stack of 3x3 convolutions with relu: its kernels, exact in f32, and in f64 what comes out for x. */
function makeStack(x: Float32Array): { kernels: Float32Array[]; y: Array64 } {
  const [h, w, c] = SHAPE;
  const random = new Random(7);
  const kernels: Float32Array[] = [];
  let y = array64([1, h, w, c], x);
  for (let depth = 0; depth < DEPTH; depth++) {
    // Uniform of the same variance as He-normal, 2 / (9 c).
    const kernel = random.floats(9 * c * c).map((value) => value * Math.sqrt(6 / (9 * c)));
    const next = conv2d(y, array64([3, 3, c, c], kernel), null, 1, WINDOW);
    const relu = next.data.map((value) => Math.max(value, 0));
    // A power of two, which rounds nothing, keeps the activations near 1 however deep the stack is.
    const factor = 2 ** -Math.round(Math.log2(scaleOf(relu)));
    kernels.push(kernel.map((value) => value * factor));
    y = array64(
      next.shape,
      relu.map((value) => value * factor),
    );
  }
  return { kernels, y };
}

/** The error of the whole output over its scale. */
function errorOf(precision: Precision, x: Float32Array, { kernels, y }: ReturnType<typeof makeStack>): number {
  const relu = { kernelSize: 3, padding: "same", activation: "relu", useBias: false } as const;
  const stack = kernels.map(() => layers.conv2d({ filters: SHAPE[2], ...relu }));
  using model = sequential({ inputShape: SHAPE, precision }, stack);
  model.setWeights(kernels);
  using output = model.predict(tensor(x, [1, ...SHAPE]));
  return scaleOf(y.data.map((value, i) => output.data[i] - value)) / scaleOf(y.data);
}

it(`the error of ${DEPTH} convolutions grows no faster than their number`, () => {
  const x = new Random(3).floats(SHAPE.reduce((a, b) => a * b));
  const stack = makeStack(x);
  const [exact, standard] = [errorOf("high", x, stack), errorOf("default", x, stack)];
  // A layer's own sums of 144 terms cost up to 4 roundings of the output's scale (a third of sqrt(144), since they round as
  // they grow). A layer without gain hands the error of the layers before on and does not amplify it, so that at worst, when
  // none cancel, the layers' errors add up. Measured: 2.1 a layer.
  expect(exact).toBeLessThan(4 * DEPTH * ROUNDING);
  // F(4x4) is held below 2.5 times that in one layer (test/ops/conv2dAlgorithms.test.ts). Measured: 6.9 a layer.
  expect(standard).toBeLessThan(2.5 * 4 * DEPTH * ROUNDING);
  expect(standard).not.toBe(exact);
});
