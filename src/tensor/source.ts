/** Data that is gone through bit by bit: more than fits into memory, or what comes over time. */
import { ArgumentError, show } from "../errors.ts";
import type { Samples } from "./samples.ts";
import { Tensor } from "./tensor.ts";

/**
 * What can be gone through: an array, a generator, a stream, anything iterable, now or over time; or a function that makes such a thing for
 * each epoch, counted from 0. What can be gone through only once, as a generator, lasts for one epoch.
 */
export type Source<T> = Iterable<T> | AsyncIterable<T> | ((epoch: number) => Iterable<T> | AsyncIterable<T>);

/** Samples of a batch, with their targets where they are known. */
export interface Batch {
  /** N samples. */
  readonly x: Samples;
  /** N targets. */
  readonly y?: Samples;
  /** How much each sample counts in the loss, N numbers >= 0. Default 1. */
  readonly sampleWeight?: ArrayLike<number>;
}

/** Whether this is data to be gone through, and not samples as such. */
export function isSource(data: unknown): data is Source<Batch> {
  if (typeof data === "function") return true;
  if (typeof data !== "object" || data === null || data instanceof Tensor || ArrayBuffer.isView(data)) return false;
  if (Array.isArray(data)) return isBatch(data[0]);
  return Symbol.iterator in data || Symbol.asyncIterator in data;
}

/** Whether this is an object with samples in it. */
export function isBatch(value: unknown): value is Batch {
  return typeof value === "object" && value !== null && "x" in value;
}

/**
 * The values of a source for an epoch, asked for one by one. The iterator is closed where these are not gone through to their end; with the
 * signal they end at once, also while a value is awaited.
 *
 * @throws ArgumentError where there is nothing to be gone through.
 */
export async function* valuesOf<T>(
  op: string,
  source: Source<T>,
  epoch: number,
  signal?: AbortSignal,
): AsyncGenerator<T, void, undefined> {
  const iterator = iteratorOf(op, typeof source === "function" ? source(epoch) : source);
  const aborted = signal && whenAborted(signal);
  let [isOpen, isLate] = [true, false];
  try {
    while (!signal?.aborted) {
      isOpen = false; // one that fails has closed itself
      const coming = Promise.resolve(iterator.next());
      const next = await (aborted === undefined ? coming : Promise.race([coming, aborted.promise]));
      isOpen = next?.done !== true;
      isLate = next === undefined;
      if (isLate) coming.catch(() => {}); // nobody waits for it any more
      if (next === undefined || next.done) return;
      yield next.value;
    }
  } finally {
    aborted?.forget();
    const closing = isOpen ? Promise.resolve(iterator.return?.()) : undefined;
    // A generator that waits for something closes when that comes.
    if (isLate) closing?.catch(() => {});
    else await closing;
  }
}

function iteratorOf<T>(op: string, values: Iterable<T> | AsyncIterable<T>): Iterator<T> | AsyncIterator<T> {
  if (typeof values === "object" && values !== null) {
    if (Symbol.asyncIterator in values) return values[Symbol.asyncIterator]();
    if (Symbol.iterator in values) return values[Symbol.iterator]();
  }
  throw new ArgumentError(`${op}: the data must be iterable, or a function that returns what is, got ${show(values)}`);
}

/** Resolves when the signal aborts; `forget` takes the listener away. */
function whenAborted(signal: AbortSignal): { promise: Promise<undefined>; forget: () => void } {
  let forget = () => {};
  const promise = new Promise<undefined>((resolve) => {
    const stop = () => resolve(undefined);
    signal.addEventListener("abort", stop, { once: true });
    forget = () => signal.removeEventListener("abort", stop);
  });
  return { promise, forget };
}
