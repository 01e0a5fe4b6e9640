/** What tests of models share: data, models, and tables of refusals that come as rejected promises. */
import { expect, it } from "vitest";
import { currentRuntime } from "../../src/runtime/runtime.ts";
import { Random } from "./random.ts";

/** Samples of `shape` each, and a class for each. */
export function drawSamples(
  count: number,
  shape: readonly number[],
  classes: number,
  seed = 1,
): { x: Float32Array; y: Int32Array; hot: Float32Array } {
  const random = new Random(seed);
  const x = random.floats(count * shape.reduce((a, b) => a * b, 1));
  const y = Int32Array.from({ length: count }, () => Math.floor(random.next() * classes));
  return { x, y, hot: hotRows(y, classes) };
}

/** One-hot rows. */
export function hotRows(labels: ArrayLike<number>, classes: number): Float32Array {
  const rows = new Float32Array(labels.length * classes);
  for (let i = 0; i < labels.length; i++) rows[i * classes + labels[i]] = 1;
  return rows;
}

/** A name, what is done, and the whole error that its promise must be rejected with. */
export type RejectedCase = readonly [name: string, run: () => Promise<unknown>, error: Error];

/** One test per row: the class and the whole message. */
export function rejects(table: readonly RejectedCase[]): void {
  it.each(table)("rejects: %s", async (_, run, error) => {
    await expect(run()).rejects.toThrow(error);
  });
}

/** Runs `body` and fails when it left blocks of memory behind. */
export async function leavesNothing(body: () => unknown): Promise<void> {
  const runtime = currentRuntime("test");
  const { used, blocks } = runtime.memory();
  await body();
  expect({ used: runtime.memory().used, blocks: runtime.memory().blocks }).toEqual({ used, blocks });
}

/** The bits of several arrays, comparable with toEqual (0 and -0 differ, NaN equals itself). */
export function bitsOf(arrays: readonly Float32Array[]): number[][] {
  return arrays.map((array) => [...new Int32Array(array.slice().buffer)]);
}
