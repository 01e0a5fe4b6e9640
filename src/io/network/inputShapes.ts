/** Shapes of inputs whose sizes a file leaves open. */
import { FormatError, show } from "../../errors.ts";
import type { Shape } from "../../tensor/shape.ts";

/** For the only input, or by name. */
export type InputShapes = Shape | Readonly<Record<string, Shape>>;

/** The shape of an input of a file that has `count` of them; null: open. */
export function closedShape(
  file: string,
  name: string,
  shape: readonly (number | null)[],
  count: number,
  given: InputShapes | undefined,
): Shape {
  const own = given === undefined || isShape(given) ? given : given[name];
  const fits = own === undefined || (own.length === shape.length && own.every((n, i) => (shape[i] ?? n) === n));
  const closed = own ?? shape;
  if (fits && closed.every((size) => size !== null)) return closed as Shape;
  const hint = count === 1 ? "inputShape: [...]" : `inputShape: { ${show(name)}: [...] }`;
  throw new FormatError(
    `${file}: input ${show(name)} has shape ${show(shape)}; give it one that fits, as ${hint}, got ${show(own)}`,
  );
}

function isShape(given: InputShapes): given is Shape {
  return Array.isArray(given);
}
