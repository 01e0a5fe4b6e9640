// Images moved, coloured, overwritten and mixed.
import { ops } from "striate";
import { adjustBrightness, adjustContrast } from "../../test/reference/adjust.ts";
import { affineTransform } from "../../test/reference/affineTransform.ts";
import type { Array64 } from "../../test/reference/array.ts";
import { erase } from "../../test/reference/erase.ts";
import { mixUp } from "../../test/reference/mixUp.ts";
import { type OpCase, unary } from "./case.ts";

const PICTURES = { small: { x: [2, 7, 6, 3] }, large: { x: [2, 224, 224, 3] } } as const;

/** Turned by an eighth and a little, about the corner. */
const TURN = [0.9, 0.3, -0.4, -0.3, 0.9, 0.7] as const;
const BOX = [1, 2, 3, 2] as const;
const MIX = { weights: [0.7, 0.4], partners: [1, 0] } as const;
const UNLIMITED = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY] as const;
const each = <T>({ shape: [n] }: Array64, value: T): T[] => Array(n).fill(value);

export const AUGMENTATIONS: Readonly<Record<string, OpCase>> = {
  affineTransform: unary(
    PICTURES,
    (x) => ops.affineTransform(x, TURN),
    (dy, x) => ops.affineTransformBackward(dy, x, TURN),
    (x) => {
      const how = { mode: "constant", value: 0, interpolation: "bilinear" } as const;
      return affineTransform(x, each(x, TURN), [x.shape[1], x.shape[2]], how);
    },
  ),
  adjustBrightness: unary(
    PICTURES,
    (x) => ops.adjustBrightness(x, 0.3),
    (dy, x) => ops.adjustBrightnessBackward(dy, x, 0.3),
    (x) => adjustBrightness(x, each(x, 0.3), UNLIMITED),
  ),
  adjustContrast: unary(
    PICTURES,
    (x) => ops.adjustContrast(x, 1.3),
    (dy, x) => ops.adjustContrastBackward(dy, x, 1.3),
    (x) => adjustContrast(x, each(x, 1.3), UNLIMITED),
  ),
  erase: unary(
    PICTURES,
    (x) => ops.erase(x, BOX),
    (dy, x) => ops.eraseBackward(dy, x, BOX),
    (x) => erase(x, each(x, BOX), 0),
  ),
  mixUp: unary(
    PICTURES,
    (x) => ops.mixUp(x, MIX),
    (dy, x) => ops.mixUpBackward(dy, x, MIX),
    (x) => mixUp(x, MIX.weights, MIX.partners),
  ),
};
