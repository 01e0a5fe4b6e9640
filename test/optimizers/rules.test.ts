import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Optimizer, optimizers, tensor } from "../../src/index.ts";
import { currentRuntime } from "../../src/runtime/runtime.ts";
import cases from "../fixtures/torch/optimizers.json";
import { type Settings, scalars } from "../reference/optimizer.ts";
import { expectClose } from "../support/close.ts";
import type { FixtureTensor } from "../support/fixtures.ts";
import { Random } from "../support/random.ts";

/** Each step rounds w and the states once or twice; eight of them. The size of a step does not depend on that of g. */
const TOLERANCE = { relative: 1e-5, absolute: 2e-6 };

/** An optimizer over n weights outside any model. */
class Run {
  readonly w: Float32Array;
  readonly #optimizer: Optimizer;
  readonly #states: Float32Array[];
  #step: number;

  constructor(optimizer: Optimizer, w: ArrayLike<number>, step = 0) {
    this.w = Float32Array.from(w);
    this.#optimizer = optimizer;
    this.#states = optimizer.states.map((state) => {
      const initial = optimizer.initial(state);
      return initial === undefined ? this.w.slice() : new Float32Array(w.length).fill(initial);
    });
    this.#step = step;
  }

  state(name: string): Float32Array {
    return this.#states[this.#optimizer.states.indexOf(name)];
  }

  step(gradient: ArrayLike<number>): void {
    using w = tensor(this.w);
    using g = tensor(Float32Array.from(gradient));
    const states = this.#states.map((state) => tensor(state));
    const { kernels } = currentRuntime("test");
    const at = { w: w.pointer, g: g.pointer, states: states.map(({ pointer }) => pointer), size: w.size };
    this.#optimizer.update(kernels, at, this.#step, this.#optimizer.schedule.rate(this.#step));
    this.#step++;
    this.w.set(w.data);
    for (const [i, state] of states.entries()) {
      this.#states[i].set(state.data);
      state.dispose();
    }
  }
}

const names = Object.keys(optimizers) as (keyof typeof optimizers)[];

describe("optimizers", () => {
  const anyCase = fc.record({
    n: fc.integer({ min: 1, max: 19 }),
    seed: fc.integer(),
    /** Where a long training stands: the corrections fade, the states do not matter for that. */
    start: fc.constantFrom(0, 3, 2000),
    weightDecay: fc.constantFrom(0, 0.01),
    momentum: fc.constantFrom(0, 0.9),
    nesterov: fc.boolean(),
    centered: fc.boolean(),
    amsgrad: fc.boolean(),
  });
  it.each(names)("%s equals its naive twin, over sizes, steps and settings", (name) => {
    fc.assert(
      fc.property(anyCase, ({ n, seed, start, ...drawn }) => {
        const epsilon = 1e-3; // rounding of a mean square must not decide over the size of a step
        const own: Partial<Settings> = { ...drawn, epsilon, rho: 0.8, beta1: 0.85, beta2: 0.95 };
        const make = optimizers[name] as (options: object) => Optimizer;
        const takes = Object.keys(make({}).config());
        const options = Object.fromEntries(Object.entries(own).filter(([key]) => takes.includes(key)));
        const run = new Run(make({ learningRate: 0.05, ...options }), new Random(seed).floats(n), start);
        const settings = { amsgrad: false, ...own, learningRate: 0.05, initialAccumulatorValue: 0.1 } as Settings;
        const states = Array.from({ length: n }, () => {
          const zeros = { m: 0, v: 0, u: 0, most: 0, velocity: 0, square: 0, mean: 0, delta: 0 };
          return { ...zeros, accumulator: settings.initialAccumulatorValue } as Record<string, number>;
        });
        const w = [...run.w];
        if (name === "nadam") settings.amsgrad = false;
        for (let step = 0; step < 3; step++) {
          const g = new Random(seed + step + 1).floats(n);
          run.step(g);
          w.forEach((value, i) => {
            w[i] = scalars[name](value, g[i], states[i], start + step + 1, settings);
          });
        }
        expectClose(run.w, w, TOLERANCE, "w");
        for (const state of make(options).states) {
          expectClose(
            run.state(state),
            states.map((s) => s[state]),
            TOLERANCE,
            state,
          );
        }
      }),
    );
  });

  interface Trajectory {
    name: string;
    w0: FixtureTensor;
    grads: number[][];
    w_after: number[][];
  }
  const rows = cases as unknown as Trajectory[];
  const { sgd, adam, adamw, adamax, rmsprop, adagrad, adadelta } = optimizers;
  const epsilon = 1e-8;
  // Dampening is no option: Keras has none.
  it.each<[string, Optimizer]>([
    ["sgd lr.1", sgd({ learningRate: 0.1 })],
    ["sgd lr.05 momentum.9", sgd({ learningRate: 0.05, momentum: 0.9 })],
    ["sgd lr.05 momentum.9 nesterov", sgd({ learningRate: 0.05, momentum: 0.9, nesterov: true })],
    ["sgd lr.1 wd.05", sgd({ learningRate: 0.1, weightDecay: 0.05 })],
    ["adam lr.1", adam({ learningRate: 0.1, epsilon })],
    [
      "adam lr.01 b.8,.95 eps1e-6 wd.01(L2)",
      adam({ learningRate: 0.01, beta1: 0.8, beta2: 0.95, epsilon: 1e-6, weightDecay: 0.01 }),
    ],
    ["adam lr.1 amsgrad", adam({ learningRate: 0.1, epsilon, amsgrad: true })],
    ["adamw lr.1 wd.01", adamw({ learningRate: 0.1, epsilon, weightDecay: 0.01 })],
    ["adamw lr.01 wd.1", adamw({ learningRate: 0.01, epsilon, weightDecay: 0.1 })],
    ["rmsprop lr.01 a.99", rmsprop({ learningRate: 0.01, rho: 0.99, epsilon })],
    ["rmsprop lr.01 a.9 momentum.9", rmsprop({ learningRate: 0.01, momentum: 0.9, epsilon })],
    ["rmsprop centered", rmsprop({ learningRate: 0.01, centered: true, epsilon })],
    ["adagrad lr.1", adagrad({ learningRate: 0.1, epsilon: 1e-10, initialAccumulatorValue: 0 })],
    ["adadelta lr1", adadelta({ learningRate: 1, rho: 0.9, epsilon: 1e-6 })],
    ["adamax lr.1", adamax({ learningRate: 0.1, epsilon })],
  ])("goes the way of torch: %s", (name, optimizer) => {
    const { w0, grads, w_after } = rows.find((row) => row.name === name)!;
    const run = new Run(optimizer, w0.data);
    grads.forEach((g, i) => {
      run.step(g);
      expectClose(run.w, w_after[i], TOLERANCE, `step ${i + 1}`);
    });
  });

  it("nadam's twin goes the way of torch, with the mistake that torch made until 2.0", () => {
    const { w0, grads, w_after } = rows.find((row) => row.name === "nadam lr.1")!;
    const settings = { learningRate: 0.1, weightDecay: 0, beta1: 0.9, beta2: 0.999, epsilon, countsMuTwice: true };
    w0.data.forEach((w, i) => {
      const state = { m: 0, v: 0 };
      grads.forEach((g, step) => {
        w = scalars.nadam(w, g[i], state, step + 1, settings as Settings);
        expect(w).toBeCloseTo(w_after[step][i], 12);
      });
    });
  });

  it.each(names)("%s passes NaN gradients on, to their weight alone", (name) => {
    const run = new Run((optimizers[name] as (options: object) => Optimizer)({}), [1, 1, 1, 1, 1]);
    for (let step = 0; step < 2; step++) run.step([0, Number.NaN, 0, 0, Number.NaN]);
    expect([...run.w].map(Number.isNaN)).toEqual([false, true, false, false, true]);
  });

  it("lion takes no step where the mean and the gradient are 0", () => {
    const run = new Run(optimizers.lion({ learningRate: 0.5 }), [1, 2, 3, 4, 5]);
    run.step([0, -0, 0, 1, 0]);
    expect([...run.w]).toEqual([1, 2, 3, 3.5, 5]);
  });

  it("rmsprop stays finite where rounding would make the variance negative", () => {
    const run = new Run(optimizers.rmsprop({ centered: true, rho: 0.5 }), [1]);
    for (let step = 0; step < 60; step++) run.step([0.1]);
    expect(run.w[0]).toBeLessThan(1);
  });

  it.each(names)("%s takes the average over every so many steps where it is asked to", (name) => {
    const make = optimizers[name] as (options: object) => Optimizer;
    const start = [1, -2, 3, 0.5, 0.25];
    const ema = { useEma: true, emaMomentum: 0.75 };
    const run = new Run(make({ ...ema, emaOverwriteFrequency: 3 }), start);
    const free = new Run(make(ema), start);
    for (let step = 0; step < 7; step++) {
      const gradient = new Random(step).floats(5);
      run.step(gradient);
      if (step < 3) free.step(gradient);
      if (step < 2) expect([...run.w]).toEqual([...free.w]);
      if (step === 2) expect([...run.w]).toEqual([...free.state("average")]);
      if (step % 3 === 2) expect([...run.w]).toEqual([...run.state("average")]);
      else if (step > 0) expect([...run.w]).not.toEqual([...run.state("average")]);
    }
  });

  it.each(names)("%s makes the average of the weights where it is asked for", (name) => {
    const make = optimizers[name] as (options: object) => Optimizer;
    const run = new Run(make({ useEma: true, emaMomentum: 0.75 }), [1, -2, 3, 0.5, 0.25]);
    let expected: number[] = [];
    for (let step = 0; step < 4; step++) {
      run.step(new Random(step).floats(5));
      expected = [...run.w].map((w, i) => (step === 0 ? w : 0.75 * expected[i] + 0.25 * w));
      expectClose(run.state("average"), expected, TOLERANCE, `step ${step + 1}`);
    }
  });
});
