import { describe, expect, it } from "vitest";
import {
  ArgumentError,
  datasets,
  type FitOptions,
  layers,
  loadModel,
  type Model,
  optimizers,
  ShapeError,
  sequential,
} from "../../src/index.ts";
import { currentRuntime } from "../../src/runtime/runtime.ts";
import { bitsOf, drawSamples, hotRows, leavesNothing, rejects } from "../support/model.ts";

const shape = [4, 4, 1];
const { x, y } = drawSamples(22, shape, 3);

function make(
  loss: "sparseCategoricalCrossentropy" | "categoricalCrossentropy" = "sparseCategoricalCrossentropy",
): Model {
  const model = sequential({ inputShape: shape, seed: 7 }, [
    layers.randomTranslation({ heightFactor: 0.2, widthFactor: 0.2 }),
    layers.flatten(),
    layers.dropout({ rate: 0.2 }),
    layers.dense({ units: 3, activation: "softmax" }),
  ]);
  return model.compile({ optimizer: optimizers.adam({ learningRate: 0.02 }), loss, metrics: ["accuracy"] });
}

/** Batches of four, the last of two, and what is done with them. */
function watched() {
  const seen = { asked: 0, closed: 0, epochs: [] as number[] };
  async function* source(epoch: number): AsyncGenerator<datasets.Batch> {
    seen.epochs.push(epoch);
    try {
      for (let from = 0; from < 22; from += 4) {
        seen.asked++;
        yield { x: x.slice(from * 16, (from + 4) * 16), y: y.slice(from, from + 4) };
      }
    } finally {
      seen.closed++;
    }
  }
  return { source, seen };
}

async function all<T>(values: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const value of values) found.push(value);
  return found;
}

async function bitsAfter(run: (model: Model) => Promise<unknown>): Promise<number[][]> {
  using model = make();
  await run(model);
  return bitsOf(model.getWeights());
}

describe("fit on batches", () => {
  it("ends in the same bits as on the samples, in their order", async () => {
    const options = { epochs: 3, classWeight: { 1: 2 } };
    const whole = { ...options, batchSize: 4, shuffle: false };
    const { source, seen } = watched();
    const expected = await bitsAfter((model) => model.fit(x, y, whole));
    expect(await bitsAfter((model) => model.fit(source, options))).toEqual(expected);
    expect(seen).toEqual({ asked: 18, closed: 3, epochs: [0, 1, 2] });
    const list = await all(source(0));
    expect(await bitsAfter((model) => model.fit(list, options))).toEqual(expected);
    const samples = datasets.samples({ x, y }, 22);
    const batches = datasets.batch(samples, { batchSize: 4 });
    expect(await bitsAfter((model) => model.fit(batches, options))).toEqual(expected);
    function* generate() {
      yield* list;
    }
    const once = await bitsAfter((model) => model.fit(x, y, { ...whole, epochs: 1 }));
    expect(await bitsAfter((model) => model.fit(generate(), { classWeight: { 1: 2 } }))).toEqual(once);
  });

  it("takes weights of samples along with them, and judges by batches", async () => {
    const sampleWeight = Array.from({ length: 22 }, (_, i) => (i % 4) / 2);
    const batches = datasets.batch(datasets.samples({ x, y, sampleWeight }, 22), { batchSize: 4 });
    using model = make();
    using twin = make();
    const history = await model.fit(batches, { validationData: batches });
    const expected = await twin.fit(x, y, { batchSize: 4, shuffle: false, sampleWeight });
    expect(history.loss).toEqual(expected.loss);
    expect(history.valAccuracy).toEqual([(await model.evaluate(x, y)).accuracy]);
    expect(await model.evaluate(batches)).not.toEqual(await model.evaluate(x, y, { batchSize: 4 })); // weighted
    const plain = datasets.batch(datasets.samples({ x, y }, 22), { batchSize: 4 });
    expect(await model.evaluate(plain)).toEqual(await model.evaluate(x, y, { batchSize: 4 }));
  });

  it("tells how many there are by NaN", async () => {
    using model = make();
    const { source } = watched();
    const told: number[][] = [];
    await model.fit(source, { onBatchEnd: ({ batch, batches }) => void told.push([batch, batches]) });
    expect(told).toEqual([0, 1, 2, 3, 4, 5].map((batch) => [batch, Number.NaN]));
  });

  it("asks for one at a time, and holds none: memory stays where it was after the first", async () => {
    const runtime = currentRuntime("test");
    using model = make();
    const { source, seen } = watched();
    const used: number[] = [];
    await model.fit(source, {
      onBatchEnd: ({ batch }) => {
        expect(seen.asked).toBe(batch + 1);
        if (batch < 5) used.push(runtime.memory().used);
      },
    });
    expect(new Set(used).size).toBe(1);
  });

  it("closes the source where the signal, a callback or a wrong batch ends it", async () => {
    using model = make();
    const stop = async (options: FitOptions) => {
      const { source, seen } = watched();
      await model.fit(source, options).catch(() => {});
      return seen;
    };
    const controller = new AbortController();
    const abort = () => controller.abort();
    expect(await stop({ signal: controller.signal, onBatchEnd: abort })).toEqual({ asked: 1, closed: 1, epochs: [0] });
    const fail = () => {
      throw new RangeError("callback");
    };
    expect(await stop({ onBatchEnd: fail })).toEqual({ asked: 1, closed: 1, epochs: [0] });
    const { source, seen } = watched();
    const wrong = datasets.map(source, (batch, i) => (i === 1 ? { ...batch, y: [9, 9, 9, 9] } : batch));
    await expect(model.fit(wrong)).rejects.toThrow(
      new ArgumentError("fit: batch 2: y[0] must be a class from 0 to 2, got 9"),
    );
    expect(seen).toEqual({ asked: 2, closed: 1, epochs: [0] });
    expect(model.position).toEqual({ epoch: 0, batch: 1 });
  });

  it("stops by the signal also while it waits for a batch", async () => {
    using model = make();
    const controller = new AbortController();
    let closed = false;
    const endless = {
      [Symbol.asyncIterator]: () => ({
        next: () => new Promise<never>(() => {}),
        return: async () => {
          closed = true;
          return { done: true, value: undefined } as const;
        },
      }),
    };
    const fitting = model.fit(endless, { signal: controller.signal });
    setTimeout(() => controller.abort(), 5);
    expect(await fitting).toEqual({ loss: [], stopped: "aborted" });
    expect(closed).toBe(true);
  });

  it("leaves no memory behind", async () => {
    await leavesNothing(async () => {
      using model = make();
      await model.fit(watched().source, { epochs: 2, validationData: watched().source });
      for await (const tensor of model.predict(watched().source)) tensor.dispose();
    });
  });
});

describe("a training on batches that was stopped", () => {
  const pipeline = () => {
    const hot = hotRows(y, 3);
    const samples = datasets.samples(
      { x, y: Array.from({ length: 22 }, (_, i) => [...hot.slice(3 * i, 3 * i + 3)]) },
      22,
    );
    const shuffled = datasets.shuffle(samples, { bufferSize: 8, seed: 5 });
    return datasets.mixUp(datasets.batch(shuffled, { batchSize: 4 }), { seed: 6 });
  };
  const OPTIONS = { epochs: 3, validationData: [x, hotRows(y, 3)] as const };
  const stateOf = (model: Model) => {
    const bits = [bitsOf(model.getWeights()), [...model.save({ optimizer: true })]];
    model.dispose();
    return bits;
  };

  it("goes on to the same bits, wherever it was saved", async () => {
    const files: Uint8Array[] = [];
    const model = make("categoricalCrossentropy");
    const onBatchEnd = () => void files.push(model.save({ optimizer: true }));
    const history = await model.fit(pipeline(), { ...OPTIONS, onBatchEnd });
    const expected = stateOf(model);
    expect(files).toHaveLength(18);
    for (const at of [0, 4, 5, 8, 11, 17]) {
      const again = loadModel(files[at]);
      const rest = await again.fit(pipeline(), { ...OPTIONS, resume: true });
      // Behind the last batch of an epoch nothing of it is left to judge.
      const left = Math.ceil((17 - at) / 6);
      expect(rest.valLoss ?? []).toEqual((history.valLoss as number[]).slice(3 - left));
      expect(again.position).toEqual({ epoch: 3, batch: 0 });
      expect(stateOf(again)).toEqual(expected);
    }
  });

  it("in memory too, by the signal", async () => {
    using model = make("categoricalCrossentropy");
    const controller = new AbortController();
    const abort = ({ epoch, batch }: { epoch: number; batch: number }) =>
      epoch === 1 && batch === 5 && controller.abort();
    const { signal } = controller;
    const { stopped } = await model.fit(pipeline(), { ...OPTIONS, signal, onBatchEnd: (at) => void abort(at) });
    expect(stopped).toBe("aborted");
    expect(model.position).toEqual({ epoch: 1, batch: 6 });
    await model.fit(pipeline(), { ...OPTIONS, resume: true });
    using twin = make("categoricalCrossentropy");
    await twin.fit(pipeline(), OPTIONS);
    expect(bitsOf(model.getWeights())).toEqual(bitsOf(twin.getWeights()));
  });
});

describe("predict on batches", () => {
  it("gives a tensor for each, when it is asked for", async () => {
    using model = make();
    const { source, seen } = watched();
    const iterator = model.predict(source);
    expect(seen.asked).toBe(0);
    const rows: number[] = [];
    for await (const tensor of iterator) {
      expect(seen.asked).toBe(Math.ceil(rows.length / 12) + 1);
      rows.push(...tensor.data);
      tensor.dispose();
    }
    expect(rows).toEqual([...model.predict(x, { batchSize: 4 }).data]);
    for await (const tensor of model.predict(source)) {
      tensor.dispose();
      break;
    }
    expect(seen.closed).toBe(2);
  });

  rejects([
    [
      "samples without a name",
      () => all(make().predict(new Set([x]) as unknown as Set<datasets.Batch>)),
      new ArgumentError("predict: batch 1 must be an object { x } of samples, got Float32Array(352)"),
    ],
    [
      "a place for all of them",
      () => all(make().predict([{ x }] as datasets.Source<datasets.Batch>, { into: null } as never)),
      new ArgumentError("predict: into is for samples; each batch gets a tensor of its own"),
    ],
  ]);
});

describe("what is refused", () => {
  const forSamples = (name: string) =>
    new ArgumentError(`fit: ${name} is for samples; batches of an iterable are taken as they come, see datasets`);
  const source = () => watched().source;
  rejects([
    ["a size of batches", () => make().fit(source(), { batchSize: 4 }), forSamples("batchSize")],
    ["an order", () => make().fit(source(), { shuffle: false }), forSamples("shuffle")],
    ["weights beside the batches", () => make().fit(source(), { sampleWeight: [1] }), forSamples("sampleWeight")],
    ["a part to judge by", () => make().fit(source(), { validationSplit: 0.5 }), forSamples("validationSplit")],
    [
      "targets beside the batches",
      () => make().evaluate(source() as never, y),
      new ArgumentError("evaluate: batches { x, y } bring their targets along, got y Int32Array(22)"),
    ],
    [
      "no batch at all",
      () => make().evaluate(new Set<datasets.Batch>()),
      new ArgumentError(
        "evaluate: the data holds no batch in epoch 1; what lasts only once, such as a generator, must be given as a function that makes it: () => generate()",
      ),
    ],
    [
      "a generator for two epochs",
      () => make().fit(source()(0), { epochs: 2 }),
      new ArgumentError(
        "fit: the data holds no batch in epoch 2; what lasts only once, such as a generator, must be given as a function that makes it: () => generate()",
      ),
    ],
    [
      "a batch without targets",
      () => make().fit([{ x }]),
      new ArgumentError("fit: batch 1: must be an object { x, y } of samples and targets, got Object"),
    ],
    [
      "images of another size",
      () => make().fit([{ x: new Float32Array(15), y: [0] }]),
      new ShapeError("fit: batch 1: x must hold samples of shape [4,4,1], got 15 values"),
    ],
    [
      "targets for another count, to judge by",
      () => make().fit(x, y, { validationData: [{ x, y: [1] }] }),
      new ShapeError("fit: validationData: batch 1: x holds 22 samples, but y 1"),
    ],
    [
      "a function that makes no batches",
      () => make().fit(() => 5 as never),
      new ArgumentError("fit: the data must be iterable, or a function that returns what is, got 5"),
    ],
  ]);
});
