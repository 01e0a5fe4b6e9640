// examples/finetune, as its reader runs it: a pretrained network learns two classes of pictures that it has not seen.
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { beforeAll, describe, expect, it } from "vitest";

const folder = join(import.meta.dirname, "../../examples/finetune");
const run = () => promisify(execFile)(process.execPath, ["main.js"], { cwd: folder });
const numbers = (text, pattern) => [...text.matchAll(pattern)].map(([, number]) => Number(number));

describe("examples/finetune", () => {
  let output;
  beforeAll(async () => {
    output = await run();
  }, 300_000);

  it("knows more than 90 % of 107 pictures that it did not learn, and more once the last block has learned", () => {
    expect(output.stderr).toBe("");
    expect(output.stdout).toContain("108 pictures to learn from, 107 others as a test");
    const [head, block, ...others] = numbers(output.stdout, /^test accuracy: (\d+\.\d) %$/gm);
    expect(head).toBeGreaterThan(90);
    expect(block).toBeGreaterThan(head);
    expect(others).toEqual([]);
  });

  it("takes a part of the memory while the trunk is frozen", () => {
    const [all, head, block] = numbers(output.stdout, / learns?: (\d+\.\d) MB for a batch of 12$/gm);
    expect(head).toBeLessThan(all / 5);
    expect(block).toBeLessThan(all / 5);
    expect(block).toBeGreaterThan(head);
  });

  it("says the same when it runs again", async () => {
    expect((await run()).stdout).toBe(output.stdout);
  });
});
