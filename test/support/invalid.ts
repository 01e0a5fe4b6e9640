import { expect, it } from "vitest";

/** A name, what is done, and the whole error that must come of it. */
export type InvalidCase = readonly [name: string, run: () => unknown, error: Error];

/** One test per row: the class and the whole message. */
export function refuses(table: readonly InvalidCase[]): void {
  it.each(table)("refuses: %s", (_, run, error) => {
    expect(run).toThrow(error);
  });
}
