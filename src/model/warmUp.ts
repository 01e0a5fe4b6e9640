/** Running a model until the engine has compiled its kernels for good. */
import type { Runtime } from "../runtime/runtime.ts";
import type { Shape } from "../tensor/shape.ts";
import { Tensor } from "../tensor/tensor.ts";
import { nextTurn } from "./fit.ts";
import type { GraphInput } from "./graph.ts";

/** So long at least: an engine optimizes kernels on another thread, each within tens of milliseconds. */
const LEAST_MS = 200;
/** So long at most, whatever the times say. */
const MOST_MS = 1000;
/** Warm is who was not faster than this part of the best, */
const FASTER = 0.9;
/** so many times in a row. */
const STEADY_RUNS = 3;

/** Calls `run` with a batch of zeros, and tensors for the outputs, until it gets no faster. */
export async function runZeros(
  model: { runtime: Runtime; inputs: readonly GraphInput[]; outputShapes: readonly Shape[] },
  batchSize: number,
  run: (inputs: Tensor[], into: Tensor[]) => void,
): Promise<void> {
  const made: Tensor[] = [];
  const zeros = (shape: Shape): Tensor => {
    const tensor = new Tensor(model.runtime, [batchSize, ...shape]);
    made.push(tensor);
    tensor.data.fill(0);
    return tensor;
  };
  try {
    const inputs = model.inputs.map(({ shape }) => zeros(shape));
    const into = model.outputShapes.map(zeros);
    await runUntilSteady(() => run(inputs, into));
  } finally {
    for (const tensor of made) tensor.dispose();
  }
}

/** Calls `run` until it gets no faster, and lets the event loop have its turn after each call. */
async function runUntilSteady(run: () => void): Promise<void> {
  let [best, steady] = [Number.POSITIVE_INFINITY, 0];
  const start = performance.now();
  for (let passed = 0; passed < MOST_MS && (passed < LEAST_MS || steady < STEADY_RUNS); ) {
    const before = performance.now();
    run();
    const now = performance.now();
    steady = now - before < best * FASTER ? 0 : steady + 1;
    best = Math.min(best, now - before);
    passed = now - start;
    await nextTurn();
  }
}
