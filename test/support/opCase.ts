/**
 * One case of one op: forward against the naive twin in doubles, every gradient against central differences of that twin,
 * and no block of memory left behind.
 */
import { expect } from "vitest";
import { currentRuntime } from "../../src/runtime/runtime.ts";
import { type Tensor, tensor } from "../../src/tensor/tensor.ts";
import { type Array64, array64 } from "../reference/array.ts";
import { expectClose, type Tolerance } from "./close.ts";
import { Random } from "./random.ts";

export interface Input {
  readonly shape: readonly number[];
  readonly data: ArrayLike<number>;
}

export interface OpCase<Name extends string> {
  readonly inputs: Readonly<Record<Name, Input>>;
  /** The op. */
  readonly forward: (inputs: Record<Name, Tensor>) => Tensor;
  /** The same in doubles, as plainly as can be. */
  readonly twin: (inputs: Record<Name, Array64>) => Array64;
  /** Gradients by the name of the input they belong to; what is missing is not checked. */
  readonly backward?: (dy: Tensor, inputs: Record<Name, Tensor>) => Partial<Record<Name, Tensor>>;
  readonly tolerance: Tolerance;
  /** Tolerance of the gradients, where another one. */
  readonly gradientTolerance?: Tolerance;
  readonly seed?: number;
}

/** Step of the central differences; in doubles their error is about 1e-9 for a smooth op. */
const STEP = 1e-4;
/** Elements of an input whose gradient is checked: each costs two runs of the twin. */
const MOST_ELEMENTS = 32;

export function checkOp<Name extends string>(testCase: OpCase<Name>): void {
  const runtime = currentRuntime("test");
  const before = runtime.memory().blocks;
  const tensors = mapInputs(testCase.inputs, (input) => tensor(Float32Array.from(input.data), input.shape));
  const doubles = mapInputs(testCase.inputs, (input) => array64(input.shape, Float32Array.from(input.data)));
  const expected = testCase.twin(doubles);
  const y = testCase.forward(tensors);
  expect(y.shape, "output shape").toEqual(expected.shape);
  expectClose(y.data, expected.data, testCase.tolerance, "y");
  if (testCase.backward !== undefined) checkGradients(testCase, tensors, doubles, expected);
  y.dispose();
  for (const input of Object.values<Tensor>(tensors)) input.dispose();
  expect(runtime.memory().blocks, "blocks left behind").toBe(before);
}

function checkGradients<Name extends string>(
  testCase: OpCase<Name>,
  tensors: Record<Name, Tensor>,
  doubles: Record<Name, Array64>,
  y: Array64,
): void {
  const weights = new Random(testCase.seed ?? 1).floats(y.data.length);
  const dy = tensor(weights, y.shape);
  const gradients = testCase.backward!(dy, tensors);
  for (const [name, gradient] of Object.entries<Tensor | undefined>(gradients)) {
    if (gradient === undefined) continue;
    const input = doubles[name as Name];
    expect(gradient.shape, `d${name} shape`).toEqual(input.shape);
    const elements = someOf(input.data.length, testCase.seed ?? 1);
    const numeric = centralDifferences(input, elements, () => dot(testCase.twin(doubles).data, weights));
    const data = gradient.data;
    const computed = elements.map((i) => data[i]);
    expectClose(computed, numeric, testCase.gradientTolerance ?? testCase.tolerance, `d${name}`);
    gradient.dispose();
  }
  dy.dispose();
}

/** d loss / d input for some of its elements, one at a time. */
export function centralDifferences(input: Array64, elements: readonly number[], loss: () => number): number[] {
  return elements.map((i) => {
    const value = input.data[i];
    input.data[i] = value + STEP;
    const above = loss();
    input.data[i] = value - STEP;
    const below = loss();
    input.data[i] = value;
    return (above - below) / (2 * STEP);
  });
}

/** All elements of a small input; of a large one the first, the last and some between. */
function someOf(count: number, seed: number): number[] {
  if (count <= MOST_ELEMENTS) return Array.from({ length: count }, (_, i) => i);
  const random = new Random(seed);
  const between = Array.from({ length: MOST_ELEMENTS - 2 }, () => Math.floor(random.next() * count));
  return [0, ...between, count - 1];
}

function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

function mapInputs<Name extends string, T>(
  inputs: Readonly<Record<Name, Input>>,
  make: (input: Input) => T,
): Record<Name, T> {
  return Object.fromEntries(Object.entries<Input>(inputs).map(([name, input]) => [name, make(input)])) as Record<
    Name,
    T
  >;
}
