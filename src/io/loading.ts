/** What the loaders of models share. */
import { FormatError, MemoryError, UnsupportedError } from "../errors.ts";

/** What the file holds makes no model: the file is to blame, whatever found out. Memory and what is missing are not. */
export function asFormatError(error: unknown, name: string): unknown {
  if (error instanceof FormatError || error instanceof MemoryError || error instanceof UnsupportedError) return error;
  const { message } = error as Error;
  return new FormatError(`${name}: the model's configuration makes no model (${message})`, { cause: error });
}
