import { describe, expect, it } from "vitest";
import { ArgumentError, ShapeError, scope, tensor, zeros } from "../../src/index.ts";
import { refuses } from "../support/invalid.ts";

describe("what a tensor shows", () => {
  it("its shape and elements, to six digits", () => {
    expect(
      `${tensor([
        [1, 0.1],
        [-2.5, 1 / 3],
      ])}`,
    ).toBe("Tensor [2,2] 1, 0.1, -2.5, 0.333333");
    expect(String(tensor(7))).toBe("Tensor [] 7");
    expect(String(tensor([Number.NaN, -1e-9]))).toBe("Tensor [2] NaN, -1e-9");
  });

  it("of many elements the first", () => {
    expect(String(zeros([3, 3]))).toBe("Tensor [3,3] 0, 0, 0, 0, 0, 0, 0, 0, ...");
  });

  it("the same where a console inspects it", () => {
    const x = tensor([1, 2]) as unknown as Record<symbol, () => string>;
    expect(x[Symbol.for("nodejs.util.inspect.custom")]()).toBe("Tensor [2] 1, 2");
  });

  it("that it was disposed", () => {
    const x = zeros([2]);
    x.dispose();
    expect(String(x)).toBe("Tensor [2], disposed");
  });
});

refuses([
  ["sizes of no shape", () => zeros(2 as never), new ShapeError("zeros: shape must hold whole numbers >= 1, got 2")],
  [
    "a scope of no function",
    () => scope(zeros([1]) as never),
    new ArgumentError("scope: body must be a function, got Tensor"),
  ],
]);
