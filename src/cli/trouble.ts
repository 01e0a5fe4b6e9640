/** What the one who runs the command can mend: shown as one line, without a stack. */
import { ArgumentError, FormatError, MemoryError, ShapeError, UnsupportedError } from "../index.ts";

/** A file, a model or a picture is not as it should be: exit code 1. */
export class Trouble extends Error {
  override readonly name: string = "Trouble";
}

/** What was asked for makes no sense: exit code 2. */
export class Misuse extends Trouble {
  override readonly name = "Misuse";
}

/** Anything else is a defect, and keeps its stack. */
export function isExpected(error: unknown): error is Error {
  const kinds = [Trouble, ArgumentError, FormatError, MemoryError, ShapeError, UnsupportedError];
  return kinds.some((kind) => error instanceof kind);
}

/** The message of a failed file access without the call and the path that Node puts into it. */
export function fileTrouble(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === "ENOENT") return "no such file or folder";
  if (code === "EISDIR") return "is a folder";
  if (code === "ENOTDIR") return "is not a folder";
  if (code === "EACCES" || code === "EPERM") return "permission denied";
  if (code === "ENOSPC") return "no space left on the disk";
  return message;
}
