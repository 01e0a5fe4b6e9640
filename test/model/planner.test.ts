import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Layer, type LossName, layers, type Model, sequential } from "../../src/index.ts";
import { ACTIVATION_NAMES } from "../../src/layers/activation.ts";
import { loss as lossByName } from "../../src/losses/registry.ts";
import type { Buffer } from "../../src/model/buffer.ts";
import { ModelPlanner } from "../../src/model/planner.ts";
import { planGraph } from "../../src/model/program.ts";
import { expectClose } from "../support/close.ts";
import { bitsOf, drawSamples, leavesNothing } from "../support/model.ts";

const anyActivation = fc.constantFrom(...ACTIVATION_NAMES);
const anyPool = fc.constantFrom(layers.maxPool2d, layers.minPool2d, layers.averagePool2d);

/** Layers that fit any image of at least 2x2, and any row. */
const anyImageLayer: fc.Arbitrary<() => Layer> = fc.oneof(
  fc
    .record({ activation: anyActivation, useBias: fc.boolean(), kernelSize: fc.integer({ min: 1, max: 3 }) })
    .map((options) => () => layers.conv2d({ filters: 3, padding: "same", ...options })),
  anyActivation.map((activation) => () => layers.depthwiseConv2d({ kernelSize: 2, padding: "same", activation })),
  anyPool.map((pool) => () => pool({ poolSize: 2, strides: 1, padding: "same" })),
  fc.constant(() => layers.zeroPadding2d()),
);
const anyLayer: fc.Arbitrary<() => Layer> = fc.oneof(
  fc
    .record({ activation: anyActivation, useBias: fc.boolean() })
    .map((options) => () => layers.dense({ units: 3, ...options })),
  anyActivation.map((activation) => () => layers.activation(activation)),
  fc.boolean().map((scale) => () => layers.batchNormalization({ scale })),
  fc.constant(() => layers.dropout({ rate: 0.3 })),
);

const anyStack = fc.record({
  images: fc.array(fc.oneof(anyImageLayer, anyLayer), { maxLength: 6 }),
  rows: fc.array(anyLayer, { maxLength: 4 }),
  last: anyActivation,
  frozen: fc.array(fc.boolean(), { minLength: 12, maxLength: 12 }),
  loss: fc.constantFrom<LossName>("sparseCategoricalCrossentropy", "categoricalCrossentropy", "meanSquaredError"),
  apart: fc.boolean(),
});
type Stack = typeof anyStack extends fc.Arbitrary<infer T> ? T : never;

const shape = [3, 4, 2];

function make({ images, rows, last, frozen, loss, apart }: Stack): Model {
  const end = apart
    ? [layers.dense({ units: 3, name: "end" }), layers.activation(last)]
    : [layers.dense({ units: 3, name: "end", activation: last })];
  const list = images.map((layer) => layer());
  const model = sequential({ inputShape: shape, seed: 1 }, [
    ...list,
    layers.flatten(),
    ...rows.map((l) => l()),
    ...end,
  ]);
  for (const [i, layer] of model.layers.entries()) if (layer.name !== "end" && frozen[i % 12]) layer.freeze();
  return model.compile({ optimizer: "sgd", loss });
}

/** Plans a training step and follows what lies in each buffer, step by step. */
function checkPlan(model: Model, training: boolean): void {
  const { learning, compiled } = model.trainer("test");
  const planner = new ModelPlanner(model, training, new Set(training ? learning : []));
  const input = planner.filled([2, ...shape]);
  const y = planGraph(model.graph, planner, [input])[model.graph.outputs[0]] as Buffer;
  const loss = lossByName("test", compiled.loss.name as LossName);
  const targets = planner.filled(loss.targets === "indices" ? [2] : y.shape);
  const [weights, losses] = [planner.filled([2]), planner.slot([2])];
  const predictions = loss.plan(planner, { y, targets, weights, losses, wants: "order" }) as Buffer;
  planner.backward();

  const written = new Set<unknown>([input, targets, weights]);
  const packed = new Set(planner.packs.map(({ buffer }) => buffer));
  /** What was written into a buffer last, and what a mere view of it showed when it was first read. */
  const content = new Map<Buffer, unknown>([input, targets, weights].map((buffer) => [buffer.root, buffer]));
  const shown = new Map<Buffer, unknown>();
  const read = (buffer: Buffer, kind: string) => {
    if (buffer.constant !== undefined || packed.has(buffer)) return;
    const last = content.get(buffer.root);
    expect(last, `${kind} reads what nobody wrote`).toBeDefined();
    const isOwn = written.has(buffer);
    if (!isOwn && !shown.has(buffer)) shown.set(buffer, last);
    expect(last === (isOwn ? buffer : shown.get(buffer)), `${kind} reads what was overwritten`).toBe(true);
  };
  for (const { reads, writes, kind } of planner.steps) {
    for (const slot of reads) read(slot as Buffer, kind);
    for (const slot of writes) {
      content.set((slot as Buffer).root, slot);
      written.add(slot);
    }
  }
  for (const buffer of [losses, targets, predictions]) read(buffer, "the end");
}

describe("planning", () => {
  it("lets no step read what another has overwritten, over random stacks and frozen layers", async () => {
    await leavesNothing(() => {
      fc.assert(
        fc.property(anyStack, (stack) => {
          using model = make(stack);
          checkPlan(model, true);
          checkPlan(model, false);
        }),
        { numRuns: 300 },
      );
    });
  });

  it("gives the same results with and without sharing room", async () => {
    const { x, y, hot } = drawSamples(2, shape, 3);
    await leavesNothing(() => {
      fc.assert(
        fc.property(anyStack, (stack) => {
          using model = make(stack);
          const all = Object.values(model.activations(x)); // each layer's output in room of its own
          using out = model.predict(x);
          const last = all[all.length - 1];
          // Folded into the convolution before or behind them, these round elsewhere.
          const folds = model.layers.some(({ className }) => /^(BatchNormalization|ZeroPadding2D)$/.test(className));
          if (folds) expectClose(out.data, last.data, { relative: 1e-4, absolute: 1e-4 });
          else expect(bitsOf([out.data])).toEqual(bitsOf([last.data]));
          for (const made of all) made.dispose();
          model.trainOnBatch(x, stack.loss === "sparseCategoricalCrossentropy" ? y : hot);
        }),
        { numRuns: 100 },
      );
    });
  });

  it("computes the same gradients for a layer, whatever else is frozen", () => {
    const { x, y, hot } = drawSamples(2, shape, 3);
    fc.assert(
      fc.property(anyStack, (stack) => {
        // Frozen batch normalisation is another function, so it is left out.
        const plain = (makers: (() => Layer)[]) =>
          makers.filter((maker) => !/BatchNorm/.test(maker().className)) as Stack["images"];
        const still = { ...stack, images: plain(stack.images), rows: plain(stack.rows) };
        using some = make(still);
        using all = make({ ...still, frozen: still.frozen.map(() => false) });
        const targets = still.loss === "sparseCategoricalCrossentropy" ? y : hot;
        expect(some.trainOnBatch(x, targets)).toEqual(all.trainOnBatch(x, targets));
        for (const [i, layer] of some.layers.entries()) {
          if (!layer.trainable) continue;
          const [mine, theirs] = [layer, all.layers[i]].map(({ parameters }) =>
            bitsOf(parameters.map(({ gradientData }) => gradientData)),
          );
          expect(mine, layer.name).toEqual(theirs);
        }
      }),
      { numRuns: 100 },
    );
  });
});
