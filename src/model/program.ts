/** What a model runs for one batch size and mode: a plan, and the buffers that go in and come out. */
import { ShapeError, show } from "../errors.ts";
import type { Layer } from "../layers/layer.ts";
import { wantsOf } from "../metrics/metric.ts";
import type { Slot } from "../ops/planned.ts";
import type { Runtime } from "../runtime/runtime.ts";
import type { Parameter } from "../tensor/parameter.ts";
import type { Rows } from "../tensor/samples.ts";
import { type Shape, sameShape, sizeOf } from "../tensor/shape.ts";
import { copyOf, type Tensor } from "../tensor/tensor.ts";
import type { Buffer } from "./buffer.ts";
import { countReaders, type Graph, nodeNames } from "./graph.ts";
import { Plan } from "./plan.ts";
import { ModelPlanner, type PlannedModel } from "./planner.ts";
import type { Compiled } from "./trainer.ts";

/** What a program is made from. */
export interface ProgramSource extends PlannedModel {
  readonly graph: Graph;
}

/** Outputs of inputs, straight from tensors to others. */
export interface Prediction {
  readonly plan: Plan;
  readonly inputs: readonly Buffer[];
  readonly outputs: readonly Buffer[];
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
  const inputs = source.graph.inputs.map(({ shape }) => planner.outside([batch, ...shape]));
  const values = planGraph(source.graph, planner, inputs);
  const outputs = source.graph.outputs.map((value) => outward(source.runtime, planner, values[value]));
  return { plan: new Plan(source.runtime, source.weights, planner), inputs, outputs };
}

/** Plans the loss of `batch` samples; with parameters to learn, a training step. */
export function planTraining(
  source: ProgramSource,
  batch: number,
  { loss, metrics }: Compiled,
  training: boolean,
  learning: ReadonlySet<Parameter>,
): Training {
  const planner = new ModelPlanner(source, training, learning);
  const input = planner.filled([batch, ...source.graph.shapes[0]]);
  const y = planGraph(source.graph, planner, [input])[source.graph.outputs[0]];
  const targets = planner.filled(loss.targets === "indices" ? y.shape.slice(0, -1) : y.shape);
  const weights = planner.filled([batch]);
  const losses = planner.slot([batch]);
  const predictions = loss.plan(planner, {
    y,
    targets,
    weights,
    losses,
    wants: wantsOf(metrics, y.shape[y.shape.length - 1]),
  }) as Buffer;
  // Loss and metrics are read when all steps have run: the way back must not take their room.
  for (const buffer of [losses, targets, predictions]) buffer.root.persist();
  planner.backward();
  return { plan: new Plan(source.runtime, source.weights, planner), input, targets, weights, losses, predictions };
}

/** Plans the outputs of all nodes, each in memory of its own. */
function planActivations(source: ProgramSource, batch: number): { plan: Plan; input: Buffer; outputs: Slot[] } {
  const planner = new ModelPlanner(source, false, new Set());
  const input = planner.filled([batch, ...source.graph.shapes[0]]);
  const values = planGraph(source.graph, planner, [input], (value) => {
    planner.keep(value);
    (value as Buffer).root.persist();
  });
  return { plan: new Plan(source.runtime, source.weights, planner), input, outputs: values.slice(1) };
}

/** Runs all nodes; what each made comes back by its name. */
export function runActivations(source: ProgramSource, rows: Rows): Record<string, Tensor> {
  const { runtime, graph } = source;
  const { plan, input, outputs } = planActivations(source, rows.count);
  plan.allocate();
  rows.copy(runtime.floats(input.pointer, sizeOf(input.shape)));
  plan.run();
  const names = nodeNames(graph);
  const named = outputs.map((slot, i) => {
    return [names[i], copyOf(runtime, slot.pointer, slot.shape)] as const;
  });
  plan.dispose();
  return Object.fromEntries(named);
}

/** Plans all nodes and returns all values; `onValue` sees each before another node reads it. */
export function planGraph(
  graph: Graph,
  planner: ModelPlanner,
  inputs: readonly Buffer[],
  onValue: (value: Slot) => void = () => {},
): Slot[] {
  const readers = countReaders(graph);
  inputs.forEach((input, i) => {
    input.readers = readers[i];
    onValue(input);
  });
  const values: Slot[] = [...inputs];
  for (const { layer, inputs: numbers } of graph.nodes) {
    const xs = numbers.map((number) => values[number]);
    const inferred = [xs[0].shape[0], ...graph.shapes[values.length]];
    const y = planner.consume(
      xs,
      () => asInferred(layer, inferred, layer.plan(planner, ...xs)),
      readers[values.length],
    );
    values.push(y);
    onValue(y);
  }
  return values;
}

/** A layer of the user's own may plan something else than it inferred, or return nothing. */
function asInferred({ name }: Layer, shape: Shape, y: Slot | undefined): Slot {
  if (y !== undefined && sameShape(y.shape, shape)) return y;
  throw new ShapeError(`${name}: plan must return a slot of ${show(shape)}, as infer says, got ${show(y?.shape)}`);
}

/** An output in memory of the caller: moved there as a whole, unless it is an input, another output or part of something. */
function outward(runtime: Runtime, planner: ModelPlanner, y: Slot): Buffer {
  const root = (y as Buffer).root;
  if (!root.outside && root.bytes === (y as Buffer).bytes) {
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
