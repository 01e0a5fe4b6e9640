import { describe, expect, it } from "vitest";
import { ArgumentError, layers, optimizers, schedules, sequential } from "../../src/index.ts";
import fixtures from "../fixtures/torch/optimizers.json";
import { refuses } from "../support/invalid.ts";

interface Schedule {
  op: string;
  name: string;
  base_lr: number;
  lrs: number[];
}
const rows = (fixtures as unknown as Schedule[]).filter(({ op }) => op === "lr_schedule");
const lrsOf = (name: string) => rows.find((row) => row.name === name)!.lrs;

const { constant, cosineDecay, cosineDecayRestarts, exponentialDecay, oneCycle, stepDecay, warmUp } = schedules;

describe("schedules", () => {
  it("stepDecay is torch's StepLR", () => {
    const schedule = stepDecay({ initialLearningRate: 0.1, every: 3, factor: 0.1 });
    for (const [step, rate] of lrsOf("StepLR(3,.1)").entries()) expect(schedule.rate(step)).toBeCloseTo(rate, 15);
  });

  it("stepDecay with a fall at every step is torch's ExponentialLR", () => {
    const schedule = stepDecay({ initialLearningRate: 0.1, every: 1, factor: 0.9 });
    for (const [step, rate] of lrsOf("ExponentialLR(.9)").entries()) expect(schedule.rate(step)).toBeCloseTo(rate, 15);
  });

  // torch's rises again behind its last step; ours stays, as Keras' CosineDecay does.
  it("cosineDecay is torch's CosineAnnealingLR up to its end, and stays there", () => {
    const schedule = cosineDecay({ initialLearningRate: 0.1, decaySteps: 10 });
    const rates = lrsOf("CosineAnnealingLR(10)");
    for (let step = 0; step <= 10; step++) expect(schedule.rate(step)).toBeCloseTo(rates[step], 15);
    expect(rates[11]).toBeGreaterThan(0.002);
    expect(schedule.rate(11)).toBe(schedule.rate(10));
    expect(schedule.rate(1e9)).toBe(schedule.rate(10));
  });

  it("cosineDecay ends at alpha of the first rate", () => {
    const schedule = cosineDecay({ initialLearningRate: 2, decaySteps: 8, alpha: 0.25 });
    expect([0, 4, 8, 9].map((step) => schedule.rate(step))).toEqual([2, expect.closeTo(1.25, 14), 0.5, 0.5]);
  });

  it("exponentialDecay is torch's ExponentialLR, and falls between whole powers too", () => {
    const schedule = exponentialDecay({ initialLearningRate: 0.1, decaySteps: 1, decayRate: 0.9 });
    for (const [step, rate] of lrsOf("ExponentialLR(.9)").entries()) expect(schedule.rate(step)).toBeCloseTo(rate, 15);
    const slow = exponentialDecay({ initialLearningRate: 2, decaySteps: 4, decayRate: 0.5 });
    for (let step = 0; step < 20; step++) expect(slow.rate(step)).toBeCloseTo(2 * 0.5 ** (step / 4), 14);
    const stairs = exponentialDecay({ initialLearningRate: 2, decaySteps: 4, decayRate: 0.5, staircase: true });
    expect([0, 3, 4, 7, 8].map((step) => stairs.rate(step))).toEqual([2, 2, 1, 1, 0.5]);
  });

  it("oneCycle is torch's OneCycleLR, and stays at its end", () => {
    const schedule = oneCycle({ maxLearningRate: 0.1, totalSteps: 12 });
    const rates = lrsOf("OneCycleLR(max.1,steps12)");
    for (const [step, rate] of rates.entries()) expect(schedule.rate(step)).toBeCloseTo(rate, 15);
    expect(schedule.rate(1000)).toBe(schedule.rate(11));
    const short = oneCycle({ maxLearningRate: 1, totalSteps: 1 });
    expect(short.rate(0)).toBeGreaterThan(0);
  });

  it("cosineDecayRestarts begins anew, each time longer and lower", () => {
    const schedule = cosineDecayRestarts({ initialLearningRate: 1, firstDecaySteps: 4, mMul: 0.5, alpha: 0.1 });
    const first = cosineDecay({ initialLearningRate: 1, decaySteps: 4, alpha: 0.1 });
    const second = cosineDecay({ initialLearningRate: 0.5, decaySteps: 8, alpha: 0.1 });
    for (let step = 0; step < 4; step++) expect(schedule.rate(step)).toBe(first.rate(step));
    for (let step = 0; step < 8; step++) expect(schedule.rate(4 + step)).toBe(second.rate(step));
    expect(schedule.rate(12)).toBe(0.25);
    const even = cosineDecayRestarts({ initialLearningRate: 1, firstDecaySteps: 4, tMul: 1, mMul: 0.5 });
    expect([0, 4, 8, 4000002].map((step) => even.rate(step))).toEqual([1, 0.5, 0.25, 0]);
    expect(even.rate(6)).toBeCloseTo(0.25, 15);
  });

  it("warmUp rises in a straight line to what follows", () => {
    const then = cosineDecay({ initialLearningRate: 1, decaySteps: 10 });
    const schedule = warmUp({ warmupSteps: 4, learningRate: then });
    expect([0, 1, 2, 3, 4].map((step) => schedule.rate(step))).toEqual([0, 0.25, 0.5, 0.75, 1]);
    expect(schedule.rate(9)).toBe(then.rate(5));
    const steady = warmUp({ warmupSteps: 2, learningRate: 0.5, initialLearningRate: 0.25 });
    expect([0, 1, 2, 3].map((step) => steady.rate(step))).toEqual([0.25, 0.375, 0.5, 0.5]);
  });

  it("constant is the same at every step, and what a number means", () => {
    expect([0, 1, 1e6].map((step) => constant(0.3).rate(step))).toEqual([0.3, 0.3, 0.3]);
    expect(optimizers.sgd({ learningRate: 0.3 }).schedule.rate(7)).toBe(0.3);
    expect([optimizers.sgd(), optimizers.adam()].map(({ schedule }) => schedule.rate(0))).toEqual([0.01, 0.001]);
  });

  it("are asked for the rate of each step, counted over epochs", async () => {
    using model = sequential({ inputShape: [1] }, [layers.dense({ units: 1 })]);
    const asked: number[] = [];
    const rate = (step: number) => {
      asked.push(step);
      return 0.01;
    };
    model.compile({ optimizer: optimizers.sgd({ learningRate: { name: "own", rate } }), loss: "meanSquaredError" });
    await model.fit([1, 2, 3], [1, 2, 3], { batchSize: 2, epochs: 2 });
    expect([...new Set(asked)]).toEqual([0, 1, 2, 3]);
    model.compile({ optimizer: optimizers.sgd({ learningRate: { name: "own", rate } }), loss: "meanSquaredError" });
    asked.length = 0;
    model.trainOnBatch([1], [1]);
    expect([...new Set(asked)]).toEqual([0]);
  });

  refuses([
    [
      "a first rate of 0",
      () => cosineDecay({ initialLearningRate: 0, decaySteps: 1 }),
      new ArgumentError("cosineDecay: initialLearningRate must be a number > 0, got 0"),
    ],
    [
      "no steps",
      () => cosineDecay({ initialLearningRate: 1, decaySteps: 0 }),
      new ArgumentError("cosineDecay: decaySteps must be a number > 0, got 0"),
    ],
    [
      "alpha above 1",
      () => cosineDecay({ initialLearningRate: 1, decaySteps: 1, alpha: 2 }),
      new ArgumentError("cosineDecay: alpha must be a number in [0, 1], got 2"),
    ],
    [
      "periods that shrink",
      () => cosineDecayRestarts({ initialLearningRate: 1, firstDecaySteps: 5, tMul: 0.5 }),
      new ArgumentError("cosineDecayRestarts: tMul must be a number >= 1, got 0.5"),
    ],
    [
      "a decay rate of 0",
      () => exponentialDecay({ initialLearningRate: 1, decaySteps: 5, decayRate: 0 }),
      new ArgumentError("exponentialDecay: decayRate must be a number > 0, got 0"),
    ],
    [
      "a cycle of half steps",
      () => oneCycle({ maxLearningRate: 1, totalSteps: 2.5 }),
      new ArgumentError("oneCycle: totalSteps must be a whole number >= 1, got 2.5"),
    ],
    [
      "a peak behind the end",
      () => oneCycle({ maxLearningRate: 1, totalSteps: 5, pctStart: 1.5 }),
      new ArgumentError("oneCycle: pctStart must be a number in [0, 1], got 1.5"),
    ],
    [
      "a warm-up of no steps",
      () => warmUp({ warmupSteps: 0, learningRate: 1 }),
      new ArgumentError("warmUp: warmupSteps must be a whole number >= 1, got 0"),
    ],
    [
      "a warm-up to nothing",
      () => warmUp({ warmupSteps: 1, learningRate: "fast" as never }),
      new ArgumentError('warmUp: learningRate must be a number or a schedule, got "fast"'),
    ],
    [
      "a schedule that was not called",
      () => optimizers.adam({ learningRate: cosineDecay as never }),
      new ArgumentError(
        "adam: learningRate must be a number or a schedule, got a function; call it, as in schedules.stepDecay({ ... })",
      ),
    ],
    [
      "steps that are no number",
      () => stepDecay({ initialLearningRate: 1, every: Number.NaN }),
      new ArgumentError("stepDecay: every must be a number > 0, got NaN"),
    ],
    [
      "a negative factor",
      () => stepDecay({ initialLearningRate: 1, every: 1, factor: -1 }),
      new ArgumentError("stepDecay: factor must be a number > 0, got -1"),
    ],
    [
      "a rate of infinity",
      () => constant(Number.POSITIVE_INFINITY),
      new ArgumentError("constant: learningRate must be a number > 0, got Infinity"),
    ],
  ]);
});
