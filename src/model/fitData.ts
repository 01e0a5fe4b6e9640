/** What `fit` is given, parted into what is trained on and what is judged by. */
import { ArgumentError, show } from "../errors.ts";
import { Batches, type Expected } from "./batches.ts";
import type { FitOptions } from "./options.ts";
import type { Samples } from "./samples.ts";

/** The samples to train on, and those to judge by. */
export function fitData(
  expected: Expected,
  x: Samples,
  y: Samples,
  options: FitOptions,
): { data: Batches; held: Batches | undefined } {
  const { batchSize = 32, validationData, validationSplit = 0, classWeight, sampleWeight } = options;
  if (!(validationSplit >= 0 && validationSplit < 1)) {
    throw new ArgumentError(`fit: validationSplit must lie in [0, 1), got ${show(validationSplit)}`);
  }
  const cut = 1 - validationSplit;
  const data = new Batches("fit", x, y, expected, { batchSize, classWeight, sampleWeight }, [0, cut]);
  if (validationData === undefined) {
    const held = validationSplit > 0 ? new Batches("fit", x, y, expected, { batchSize }, [cut, 1]) : undefined;
    return { data, held };
  }
  if (validationSplit > 0) throw new ArgumentError("fit: give validationData or validationSplit, not both");
  if (!Array.isArray(validationData) || validationData.length !== 2) {
    throw new ArgumentError(`fit: validationData must be [x, y], got ${show(validationData)}`);
  }
  const [heldX, heldY]: readonly [Samples, Samples] = validationData;
  return { data, held: new Batches("fit: validationData", heldX, heldY, expected, { batchSize }) };
}
