// Every op of striate, but for `activation`, which the activations stand for.
import { AUGMENTATIONS } from "./augment.ts";
import type { OpCase } from "./case.ts";
import { ELEMENTS } from "./elements.ts";
import { LOSSES } from "./losses.ts";
import { MOVES } from "./moves.ts";
import { POOLS } from "./pools.ts";
import { SUMS } from "./sums.ts";

export { Random } from "../../test/support/random.ts";
export { sizeOf } from "./case.ts";
export const CASES: Readonly<Record<string, OpCase>> = {
  ...SUMS,
  ...POOLS,
  ...ELEMENTS,
  ...MOVES,
  ...LOSSES,
  ...AUGMENTATIONS,
};
