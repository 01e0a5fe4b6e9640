import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import * as ops from "../../src/ops/index.ts";

// @ts-expect-error a script without types
const { opsPage } = (await import("../../release/ops.mjs")) as { opsPage: () => string };
const page = readFileSync("docs/ops.md", "utf8");

it("docs/ops.md has every exported op", () => {
  const names = Object.entries(ops).flatMap(([name, value]) => (typeof value === "function" ? [name] : []));
  expect(names.filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
});

it("docs/ops.md is what npm run docs makes of the docstrings and docs/ops.json", () => {
  expect(opsPage()).toBe(page);
});
