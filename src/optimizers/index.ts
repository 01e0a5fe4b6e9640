/**
 * Optimizers for `compile`, with options; without them the name does, as in `optimizer: "adam"`.
 *
 * @module
 */
export { type AdamOptions, adam, adamax, adamw, type MomentOptions, nadam } from "./adam.ts";
export { type LionOptions, lion } from "./lion.ts";
export {
  type AdadeltaOptions,
  type AdagradOptions,
  adadelta,
  adagrad,
  type RmspropOptions,
  rmsprop,
} from "./rmsprop.ts";
export { type SgdOptions, sgd } from "./sgd.ts";
