import { describe, expect, it } from "vitest";
import { ArgumentError, images, ShapeError, tensor, zeros } from "../../src/index.ts";
import { refuses } from "../support/invalid.ts";

describe("decodePredictions", () => {
  it("names the likeliest classes of each sample in their order", () => {
    const y = tensor([
      [0.25, 0.5, 0.25],
      [1, 0, 0],
    ]);
    expect(images.decodePredictions(y, { labels: ["a", "b", "c"], top: 2 })).toEqual([
      [
        { label: "b", index: 1, probability: 0.5 },
        { label: "a", index: 0, probability: 0.25 },
      ],
      [
        { label: "a", index: 0, probability: 1 },
        { label: "b", index: 1, probability: 0 },
      ],
    ]);
  });

  it("takes one sample, five classes or all there are, and indices for names", () => {
    const [all] = images.decodePredictions(tensor([0.1, 0.9]));
    expect(all.map(({ label }) => label)).toEqual(["1", "0"]);
    expect(images.decodePredictions(zeros([1, 9]))[0].map(({ index }) => index)).toEqual([0, 1, 2, 3, 4]);
  });

  it("puts NaN last", () => {
    const y = tensor([Number.NaN, Number.NEGATIVE_INFINITY, 0.5, Number.NaN, Number.POSITIVE_INFINITY]);
    expect(images.decodePredictions(y)[0].map(({ index }) => index)).toEqual([4, 2, 0, 1, 3]);
  });

  refuses([
    [
      "images",
      () => images.decodePredictions(zeros([1, 2, 3])),
      new ShapeError("decodePredictions: y must be [N,C] or [C], got [1,2,3]"),
    ],
    [
      "too few labels",
      () => images.decodePredictions(zeros([1, 3]), { labels: ["a", "b"] }),
      new ArgumentError("decodePredictions: labels must be a list of 3 names, one for each class, got 2"),
    ],
    [
      "a top of 0",
      () => images.decodePredictions(zeros([1, 3]), { top: 0 }),
      new ArgumentError("decodePredictions: top must be a whole number >= 1, got 0"),
    ],
  ]);
});
