/** Running a model until the engine has compiled its kernels for good. */
import { nextTurn } from "./fit.ts";

/** So long at least: an engine optimizes kernels on another thread, each within tens of milliseconds. */
const LEAST_MS = 200;
/** So long at most, whatever the times say. */
const MOST_MS = 1000;
/** Warm is who was not faster than this part of the best, */
const FASTER = 0.9;
/** so many times in a row. */
const STEADY_RUNS = 3;

/** Calls `run` until it gets no faster, and lets the event loop have its turn after each call. */
export async function runUntilSteady(run: () => void): Promise<void> {
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
