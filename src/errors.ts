/** What went wrong, by kind. Every message names the op and the argument, what was expected and what came. */

/** Shapes that do not fit each other: rank, channels, kernel larger than the padded input. */
export class ShapeError extends Error {
  /** The name of the class. */
  override readonly name = "ShapeError";
}

/** An argument outside its domain: NaN or fractional stride, negative padding, an unknown name. */
export class ArgumentError extends Error {
  /** The name of the class. */
  override readonly name = "ArgumentError";
}

/** A file or buffer that is not what it says: wrong magic number, truncated, inconsistent. */
export class FormatError extends Error {
  /** The name of the class. */
  override readonly name = "FormatError";
}

/** Linear memory: exhausted, over its limit, used after dispose, a guard zone overwritten. */
export class MemoryError extends Error {
  /** The name of the class. */
  override readonly name = "MemoryError";
}

/** What this host or this version cannot do. */
export class UnsupportedError extends Error {
  /** The name of the class. */
  override readonly name = "UnsupportedError";
  /** What a file asks for and there is none of, by the names it has there: operators, layers. Empty where it is something else. */
  readonly missing: readonly string[];

  /** As of any error, and `missing`. */
  constructor(message?: string, { missing = [], ...options }: ErrorOptions & { missing?: readonly string[] } = {}) {
    super(message, options);
    this.missing = missing;
  }
}

/** Shows a value as it should stand in a message: `[1,2]`, `"same"`, `NaN`, `undefined`. */
export function show(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(show).join(",")}]`;
  if (ArrayBuffer.isView(value)) return `${value.constructor.name}(${(value as Uint8Array).length})`;
  if (value instanceof Function) return "a function";
  // Layers can be called, but are objects to those who use them.
  if ((typeof value === "object" || typeof value === "function") && value !== null)
    return Object.prototype.toString.call(value).slice(8, -1);
  return String(value);
}

/** The known name nearest to `name` by edit distance, or undefined where none is near (more than half the letters differ). */
export function nearest(name: string, known: readonly string[]): string | undefined {
  let best: string | undefined;
  let least = Math.ceil(name.length / 2) + 1;
  for (const candidate of known) {
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase());
    if (distance < least) {
      least = distance;
      best = candidate;
    }
  }
  return best;
}

/** `value` when it is one of `known`; otherwise an ArgumentError that lists them and names the nearest. */
export function oneOf<T extends string>(op: string, argument: string, value: unknown, known: readonly T[]): T {
  if (typeof value === "string" && (known as readonly string[]).includes(value)) return value as T;
  const near = typeof value === "string" ? nearest(value, known) : undefined;
  const hint = near === undefined ? "" : `; did you mean "${near}"?`;
  throw new ArgumentError(`${op}: ${argument} must be one of ${known.map(show).join(", ")}, got ${show(value)}${hint}`);
}

/**
 * Throws ArgumentError unless `options` is an object whose keys are all among those of `known`. A misspelt option would
 * otherwise go unseen, with the default in its place. The type of `known` keeps it complete.
 */
export function checkOptions<T extends object>(
  op: string,
  options: T,
  known: Readonly<Record<keyof T & string, true>>,
): void {
  const names = Object.keys(known);
  if (typeof options !== "object" || options === null || Array.isArray(options)) {
    throw new ArgumentError(`${op}: options must be an object such as { ${names[0]}: ... }, got ${show(options)}`);
  }
  for (const name of Object.keys(options)) oneOf(op, "every option", name, names);
}

/** Throws ArgumentError where `given` is a maker itself, `losses.huber` where `losses.huber()` is meant. */
export function checkCalled(
  op: string,
  argument: string,
  given: unknown,
  namespace: string,
  makers: Readonly<Record<string, unknown>>,
): void {
  const uncalled = Object.keys(makers).find((name) => makers[name] === given);
  if (uncalled === undefined) return;
  throw new ArgumentError(`${op}: ${argument} must be called: ${namespace}.${uncalled}()`);
}

/** Levenshtein's distance, one row at a time. */
function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = previous[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1);
      row.push(Math.min(substitution, previous[j] + 1, row[j - 1] + 1));
    }
    previous = row;
  }
  return previous[b.length];
}
