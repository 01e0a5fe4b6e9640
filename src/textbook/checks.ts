/** What the chapters ask of hyperparameters and caches. */
import { ArgumentError, show } from "../errors.ts";

/** `hparameters[name]` where it is a whole number >= least. */
export function hyperparameter(op: string, hparameters: object, name: string, least: number): number {
  if (typeof hparameters !== "object" || hparameters === null) {
    throw new ArgumentError(
      `${op}: hparameters must be an object such as { ${name}: 2, ... }, got ${show(hparameters)}`,
    );
  }
  const value: unknown = (hparameters as Readonly<Record<string, unknown>>)[name];
  if (Number.isInteger(value) && (value as number) >= least) return value as number;
  throw new ArgumentError(`${op}: hparameters.${name} must be a whole number >= ${least}, got ${show(value)}`);
}

/** Throws ArgumentError unless `cache` is what `forward` gave with its result. */
export function expectCache(op: string, cache: unknown, forward: string, length: number): void {
  if (Array.isArray(cache) && cache.length === length) return;
  throw new ArgumentError(`${op}: cache must be the cache that ${forward} returned, got ${show(cache)}`);
}
