/** What a model runs for one batch size and mode: a plan, and the buffers that go in and come out. */
import type { Layer } from "../layers/layer.ts";
import type { Loss } from "../losses/loss.ts";
import type { Slot } from "../ops/planned.ts";
import type { Runtime } from "../runtime/runtime.ts";
import type { Parameter } from "../tensor/parameter.ts";
import { type Shape, sizeOf } from "../tensor/shape.ts";
import { Plan } from "./plan.ts";
import { type Buffer, ModelPlanner, type PlannedModel } from "./planner.ts";

/** What a program is made from. */
export interface ProgramSource extends PlannedModel {
  readonly layers: readonly Layer[];
  /** Of one sample. */
  readonly inputShape: Shape;
}

/** y = model(x), straight from one tensor to another. */
export interface Prediction {
  readonly plan: Plan;
  readonly input: Buffer;
  readonly output: Buffer;
}

/** The loss of a batch and, in training, all gradients. */
export interface Training {
  readonly plan: Plan;
  readonly input: Buffer;
  /** Class indices (i32) or values (f32). */
  readonly targets: Buffer;
  /** One factor per sample. */
  readonly weights: Buffer;
  /** One weighted loss per sample. */
  readonly losses: Slot;
  readonly predictions: Slot;
}

/** Plans a prediction for `batch` samples. */
export function planPrediction(source: ProgramSource, batch: number): Prediction {
  const planner = new ModelPlanner(source, false, new Set());
  const input = planner.outside([batch, ...source.inputShape]);
  const output = outward(source.runtime, planner, planLayers(source, planner, input));
  return { plan: new Plan(source.runtime, planner), input, output };
}

/** Plans the loss of `batch` samples; with parameters to learn, a training step. */
export function planTraining(
  source: ProgramSource,
  batch: number,
  loss: Loss,
  training: boolean,
  learning: ReadonlySet<Parameter>,
): Training {
  const planner = new ModelPlanner(source, training, learning);
  const input = planner.filled([batch, ...source.inputShape]);
  const y = planLayers(source, planner, input);
  const targets = planner.filled(loss.targets === "indices" ? [batch] : y.shape);
  const weights = planner.filled([batch]);
  const losses = planner.slot([batch]);
  const predictions = loss.plan(planner, { y, targets, weights, losses }) as Buffer;
  // Loss and metrics are read when all steps have run: the way back must not take their room.
  for (const buffer of [losses, targets, predictions]) buffer.root.persist();
  planner.backward();
  return { plan: new Plan(source.runtime, planner), input, targets, weights, losses, predictions };
}

/** Plans the outputs of all layers, each in memory of its own. */
export function planActivations(source: ProgramSource, batch: number): { plan: Plan; input: Buffer; outputs: Slot[] } {
  const planner = new ModelPlanner(source, false, new Set());
  const input = planner.filled([batch, ...source.inputShape]);
  const outputs: Slot[] = [];
  let x: Slot = input;
  for (const layer of source.layers) {
    (x as Buffer).root.kept = true;
    (x as Buffer).root.persist();
    x = layer.plan(planner, x);
    outputs.push(x);
  }
  (x as Buffer).root.persist();
  return { plan: new Plan(source.runtime, planner), input, outputs };
}

function planLayers({ layers }: ProgramSource, planner: ModelPlanner, input: Slot): Slot {
  let x = input;
  for (const layer of layers) x = layer.plan(planner, x);
  return x;
}

/** The output in memory of the caller: moved there as a whole, unless it is the input under another name. */
function outward(runtime: Runtime, planner: ModelPlanner, y: Slot): Buffer {
  const root = (y as Buffer).root;
  if (!root.outside) {
    root.outside = true;
    return root;
  }
  const copy = planner.outside(y.shape);
  const size = sizeOf(y.shape);
  planner.step({
    kind: "copy",
    reads: [y],
    writes: [copy],
    run: () => {
      runtime.f32.copyWithin(copy.pointer / 4, y.pointer / 4, y.pointer / 4 + size);
    },
  });
  return copy;
}
