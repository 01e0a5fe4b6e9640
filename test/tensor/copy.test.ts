import { expect, it } from "vitest";
import { full, tensor } from "../../src/index.ts";

it("tensor copies the data of another tensor, also where that makes the memory grow", () => {
  const x = full([4], 7);
  const { runtime } = x;
  const before = runtime.memory().reserved;
  const large = full([before / 4], 3);
  const copy = tensor(large.data, [2, before / 8]);
  expect(runtime.memory().reserved).toBeGreaterThan(before * 2);
  expect([copy.data[0], copy.data.at(-1)]).toEqual([3, 3]);
  for (const made of [x, large, copy]) made.dispose();
});
