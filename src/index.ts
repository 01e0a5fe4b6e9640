/**
 * Convolutional networks, forward and backward, in WebAssembly; this entry works as it is in every host that may compile it.
 *
 * - {@link init} comes first: it loads the kernels.
 * - {@link sequential} and {@link model} make a {@link Model} of {@link layers}, which learns by `compile` and `fit` and tells by
 *   `predict`; {@link loadModel} reads what it saved.
 * - {@link ops} are the same computations alone, each with its gradient, over what {@link tensor} and {@link zeros} make.
 * - {@link losses}, {@link metrics} and {@link optimizers} are for `compile`, where their names do, too; {@link schedules} are
 *   learning rates, {@link regularizers} are for layers.
 *
 * @example
 * await init();
 * const model = sequential({ inputShape: [28, 28, 1] }, [
 *   layers.conv2d({ filters: 8, kernelSize: 5, activation: "relu" }),
 *   layers.globalMaxPool2d(),
 *   layers.dense({ units: 10, activation: "softmax" }),
 * ]);
 * model.predict(zeros([1, 28, 28, 1])).shape; // [1,10]
 * @module striate
 */
import { type Init, initFrom } from "./runtime/init.ts";
import { load } from "./runtime/loaders/everywhere.ts";

export * from "./library.ts";

/** Loads the kernels; see {@link Init}. */
export const init: Init = /* @__PURE__ */ initFrom(load);
