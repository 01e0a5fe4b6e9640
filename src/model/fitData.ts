/** What `fit` is given, parted into what is trained on and what is judged by. */
import { ArgumentError, checkOptions, show } from "../errors.ts";
import type { Samples } from "../tensor/samples.ts";
import { type Batch, isSource, type Source } from "../tensor/source.ts";
import { Batches, type Expected } from "./batches.ts";
import type { BatchesOfEpoch } from "./fit.ts";
import type { FitOptions } from "./options.ts";
import { Stream } from "./stream.ts";

/** The options of fit that say how samples become batches. */
const FOR_SAMPLES = ["batchSize", "shuffle", "sampleWeight", "validationSplit"] as const;

/** The samples to train on, and those to judge by; `seed` is that of their order. */
export function fitData(
  expected: Expected,
  x: Samples | Source<Batch>,
  y: Samples,
  options: FitOptions,
  seed: number,
): { data: BatchesOfEpoch; held: BatchesOfEpoch | undefined } {
  const { batchSize = 32, shuffle = true, validationData, validationSplit = 0, classWeight, sampleWeight } = options;
  if (!(validationSplit >= 0 && validationSplit < 1)) {
    throw new ArgumentError(`fit: validationSplit must lie in [0, 1), got ${show(validationSplit)}`);
  }
  if (validationData !== undefined && validationSplit > 0) {
    throw new ArgumentError("fit: give validationData or validationSplit, not both");
  }
  const given = validationData === undefined ? undefined : judgedBy(expected, validationData, batchSize);
  if (isSource(x)) {
    refuseForSamples("fit", options, FOR_SAMPLES);
    return { data: new Stream("fit", x, expected, { classWeight }), held: given };
  }
  const cut = 1 - validationSplit;
  const settings = { batchSize, classWeight, sampleWeight, seed: shuffle ? seed : undefined };
  const trained = new Batches("fit", x, y, expected, settings, [0, cut]);
  if (validationSplit === 0) return { data: trained, held: given };
  return { data: trained, held: new Batches("fit", x, y, expected, { batchSize }, [cut, 1]) };
}

/** What `evaluate` is given. */
export function evaluateData(
  expected: Expected,
  x: Samples | Source<Batch>,
  y: Samples | undefined,
  options: { batchSize?: number },
): BatchesOfEpoch {
  checkOptions("evaluate", options, { batchSize: true });
  const { batchSize = 32 } = options;
  if (!isSource(x)) return new Batches("evaluate", x, y as Samples, expected, { batchSize });
  if (y !== undefined)
    throw new ArgumentError(`evaluate: batches { x, y } bring their targets along, got y ${show(y)}`);
  return new Stream("evaluate", x, expected);
}

function judgedBy(
  expected: Expected,
  data: NonNullable<FitOptions["validationData"]>,
  batchSize: number,
): BatchesOfEpoch {
  const op = "fit: validationData";
  if (isSource(data)) return new Stream(op, data, expected);
  if (!Array.isArray(data) || data.length !== 2) {
    throw new ArgumentError(`${op} must be [x, y], or an iterable of batches { x, y }, got ${show(data)}`);
  }
  const [x, y]: readonly [Samples, Samples] = data;
  return new Batches(op, x, y, expected, { batchSize });
}

/** Batches come as they are: options that would make them anew are refused, not passed over. */
function refuseForSamples<T extends object>(op: string, options: T, names: readonly (keyof T & string)[]): void {
  const name = names.find((one) => options[one] !== undefined);
  if (name === undefined) return;
  throw new ArgumentError(`${op}: ${name} is for samples; batches of an iterable are taken as they come, see datasets`);
}
