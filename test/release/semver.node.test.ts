import { describe, expect, it } from "vitest";
// @ts-expect-error: a script, without types
import { changeBetween, mayFollow } from "../../release/semver.mjs";

const report = ["add(a: Tensor): Tensor", "interface AddOptions", "AddOptions.alpha?: number"].join("\n");

describe("what a change of the API asks of the version", () => {
  it.each([
    ["nothing", report, "none"],
    ["a function more", `${report}\nsub(a: Tensor): Tensor`, "addition"],
    ["an option more", `${report}\nAddOptions.beta?: number`, "addition"],
    ["an option that must be written", `${report}\nAddOptions.beta: number`, "breaking"],
    ["options of a new function", `${report}\ninterface SubOptions\nSubOptions.beta: number`, "addition"],
    ["a function less", report.replace(/^add.*\n/, ""), "breaking"],
    ["another signature", report.replace("a: Tensor", "b: Tensor"), "breaking"],
  ])("%s", (_, after, change) => {
    expect(changeBetween(report, after)).toBe(change);
  });

  it.each([
    ["0.1.0", "0.1.1", "addition", true],
    ["0.1.0", "0.1.1", "breaking", false],
    ["0.1.0", "0.2.0", "breaking", true],
    ["0.9.3", "1.0.0", "breaking", true],
    ["1.2.3", "1.2.4", "none", true],
    ["1.2.3", "1.2.4", "addition", false],
    ["1.2.3", "1.3.0", "addition", true],
    ["1.2.3", "1.3.0", "breaking", false],
    ["1.2.3", "2.0.0", "breaking", true],
    ["1.2.3", "1.2.3", "none", false],
    ["1.2.3", "1.1.9", "none", false],
  ])("%s -> %s with change %s: %s", (last, version, change, allowed) => {
    expect(mayFollow(last, version, change)).toBe(allowed);
  });
});
