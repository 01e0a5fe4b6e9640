import { describe, expect, it } from "vitest";
import {
  type Block,
  gradientCheck,
  input,
  Layer,
  type LayerOptions,
  layers,
  loadModel,
  type Model,
  model,
  type ParameterDescription,
  type Planner,
  type Shape,
  ShapeError,
  type Slot,
  sequential,
} from "../../src/index.ts";
import { refuses } from "../support/invalid.ts";
import { bitsOf, drawSamples, leavesNothing } from "../support/model.ts";

interface PowerOptions extends LayerOptions {
  exponent: number;
}

/** y = gain |x|^exponent: one parameter for all. */
class Power extends Layer<PowerOptions> {
  readonly className = "Power";

  protected infer(input: Shape): Shape {
    return input;
  }

  protected override describeParameters(): ParameterDescription[] {
    return [{ name: "gain", shape: [1], initializer: { name: "constant", value: 0.5 } }];
  }

  plan(planner: Planner, x: Slot): Slot {
    const { exponent } = this.options;
    const [gain] = this.parameters;
    return planner.op({
      kind: "power",
      inputs: [x],
      parameters: this.parameters,
      backwardReads: "inputs",
      inPlace: true,
      forward: ({ y }) => y.data.set(x.data.map((value) => gain.data[0] * Math.abs(value) ** exponent)),
      backward: ({ dy, dxs: [dx] }) => {
        const [from, g, to, dgain] = [x.data, dy.data, dx.data, gain.gradientData];
        for (let i = 0; i < from.length; i++) {
          const slope = gain.data[0] * exponent * Math.sign(from[i]) * Math.abs(from[i]) ** (exponent - 1);
          dgain[0] += g[i] * Math.abs(from[i]) ** exponent;
          to[i] = g[i] * slope;
        }
      },
    });
  }
}

/** The larger of two inputs, by a mask that forward saves; of equal ones the first. */
class Larger extends Layer {
  readonly className = "Larger";

  override get arity(): "several" {
    return "several";
  }

  protected infer(a: Shape, _b: Shape): Shape {
    return a;
  }

  plan(planner: Planner, a: Slot, b: Slot): Slot {
    const mask = planner.slot(a.shape);
    return planner.op({
      kind: "larger",
      inputs: [a, b],
      saves: [mask],
      backwardReads: "nothing",
      forward: ({ y }) => {
        mask.data.set(a.data.map((value, i) => (value >= b.data[i] ? 1 : 0)));
        y.data.set(a.data.map((value, i) => Math.max(value, b.data[i])));
      },
      backward: ({ dy, dxs: [da, db] }) => {
        for (const [i, g] of dy.data.entries()) {
          da.data[i] = g * mask.data[i];
          db.data[i] = g * (1 - mask.data[i]);
        }
      },
    });
  }
}

/** tanh(x): the way back reads the result. */
class Squash extends Layer {
  readonly className = "Squash";

  protected infer(input: Shape): Shape {
    return input;
  }

  plan(planner: Planner, x: Slot): Slot {
    return planner.op({
      kind: "squash",
      inputs: [x],
      backwardReads: "output",
      inPlace: true,
      forward: ({ y }) => y.data.set(x.data.map(Math.tanh)),
      backward: ({ y, dy, dxs: [dx] }) => dx.data.set(dy.data.map((g, i) => g * (1 - y.data[i] ** 2))),
    });
  }
}

/** Counts the steps of trainings, and says nothing of what it reads: all is kept. */
class Passing extends Layer {
  readonly className = "Passing";
  readonly seen: string[] = [];

  protected infer(input: Shape): Shape {
    return input;
  }

  plan(planner: Planner, x: Slot): Slot {
    const { training, clock } = planner;
    return planner.op({
      kind: "passing",
      inputs: [x],
      forward: ({ y }) => {
        this.seen.push(`${training ? "training" : "prediction"} ${clock.iteration}`);
        y.data.set(x.data);
      },
      backward: ({ y, dy, dxs: [dx] }) => {
        expect(y.data).toEqual(x.data);
        dx.data.set(dy.data);
      },
    });
  }
}

const shape = [5, 5, 2];
const { x, y } = drawSamples(4, shape, 3, 3);
const head = () => [layers.flatten(), layers.dense({ units: 3, activation: "softmax" })];
const conv = () => layers.conv2d({ filters: 4, kernelSize: 3, activation: "tanh" });

const compiled = (network: Model) => network.compile({ optimizer: "adam", loss: "sparseCategoricalCrossentropy" });
const chain = (...middle: Block[]) => compiled(sequential({ inputShape: shape, seed: 1 }, [...middle, ...head()]));

function forked(): Model {
  const image = input({ shape });
  const [a, b] = [conv()(image), conv()(image)];
  const larger = new Larger()([a, b]);
  const both = layers.add()([larger, a]);
  return compiled(model({ inputs: image, outputs: head().reduce((value, layer) => layer(value), both), seed: 1 }));
}

describe("a layer of the user's own", () => {
  it.each<[string, () => Model]>([
    ["behind a convolution", () => chain(conv(), new Power({ exponent: 2 }))],
    ["at the very front", () => chain(new Power({ exponent: 3 }), conv())],
    ["twice in a row", () => chain(conv(), new Power({ exponent: 2 }), new Squash(), new Squash())],
    ["before an activation in place", () => chain(conv(), new Squash(), layers.activation("tanh"))],
    ["frozen", () => chain(conv(), new Power({ exponent: 2, trainable: false }), conv())],
    ["of two inputs, one of which is read again", forked],
    ["that keeps all", () => chain(conv(), new Passing(), layers.activation("sigmoid"))],
  ])("has the gradients that it says: %s", async (_, make) => {
    await leavesNothing(() => {
      using network = make();
      const { worst } = gradientCheck(network, x, y);
      expect(worst.error, JSON.stringify(worst)).toBeLessThan(0.01);
    });
  });

  it("is named, counted and shown as ours are", () => {
    using network = chain(conv(), new Power({ exponent: 2 }), new Power({ exponent: 2, name: "mine" }));
    expect(network.parameters.map(({ name }) => name)).toContain("power_1/gain");
    expect(network.parameters.map(({ name }) => name)).toContain("mine/gain");
    expect(network.summary()).toMatch(/power_1 +\[3,3,4\] +1 /);
  });

  it("knows whether it is trained, and at which step", () => {
    const passing = new Passing();
    using network = chain(passing);
    network.predict(x).dispose();
    for (let i = 0; i < 2; i++) network.trainOnBatch(x, y);
    expect(passing.seen).toEqual(["prediction 0", "training 0", "training 1"]);
  });

  it("is saved with its options, and loaded by its class to the same bits", async () => {
    await leavesNothing(async () => {
      using network = chain(conv(), new Power({ exponent: 2, name: "mine" }), new Squash());
      await network.fit(x, y, { epochs: 2, batchSize: 2 });
      using same = loadModel(network.save({ optimizer: true }), { layers: { Power, Squash } });
      expect(same.layers.map(({ name }) => name)).toEqual(network.layers.map(({ name }) => name));
      expect(same.layers[1].config()).toEqual({ exponent: 2, name: "mine", trainable: true });
      using before = network.predict(x);
      using after = same.predict(x);
      expect(bitsOf([after.data])).toEqual(bitsOf([before.data]));
      await network.fit(x, y, { epochs: 4, batchSize: 2, resume: true });
      await same.fit(x, y, { epochs: 4, batchSize: 2, resume: true });
      expect(bitsOf(same.getWeights())).toEqual(bitsOf(network.getWeights()));
    });
  });
});

describe("a layer of the user's own that contradicts itself", () => {
  class Odd extends Layer {
    readonly className = "Odd";
    readonly #made: (planner: Planner, x: Slot) => Slot;

    constructor(made: (planner: Planner, x: Slot) => Slot) {
      super();
      this.#made = made;
    }

    protected infer(input: Shape): Shape {
      return input;
    }

    plan(planner: Planner, x: Slot): Slot {
      return this.#made(planner, x);
    }
  }
  const predict = (made: (planner: Planner, x: Slot) => Slot) => () => chain(new Odd(made)).predict(x);

  refuses([
    [
      "a plan that returns nothing",
      predict(() => undefined as never),
      new ShapeError("odd_1: plan must return a slot of [4,5,5,2], as infer says, got undefined"),
    ],
    [
      "a plan of another shape",
      predict((planner) => planner.slot([4, 5, 5, 1])),
      new ShapeError("odd_1: plan must return a slot of [4,5,5,2], as infer says, got [4,5,5,1]"),
    ],
  ]);
});

describe("a layer made of others", () => {
  const residual: Block = (value) => layers.add()([value, layers.dense({ units: 2, activation: "tanh" })(value)]);

  it("is a function: it stands in a sequential model, and its layers get names in their order", () => {
    using network = chain(layers.dense({ units: 2 }), residual, residual, layers.dense({ units: 3 }), (value) => value);
    const names = ["dense_1", "dense_2", "add_1", "dense_3", "add_2", "dense_4", "flatten_1", "dense_5"];
    expect(network.layers.map(({ name }) => name)).toEqual(names);
    expect(gradientCheck(network, x, y).worst.error).toBeLessThan(0.01);
  });

  it("is saved as the layers that it is made of", () => {
    using network = chain(residual);
    using same = loadModel(network.save());
    expect(same.summary()).toBe(network.summary());
  });
});
