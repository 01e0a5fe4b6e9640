/** What the one who runs the program can mend: shown as one line, without a stack. */
export class Trouble extends Error {
  override readonly name = "Trouble";
}

/** The message of a failed file access without the call and the path that Node puts into it: "no such file". */
export function fileTrouble(error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === "ENOENT") return "no such file or folder";
  if (code === "EISDIR") return "is a folder";
  if (code === "ENOTDIR") return "is not a folder";
  if (code === "EACCES" || code === "EPERM") return "permission denied";
  if (code === "ENOSPC") return "no space left on the disk";
  return (error as Error).message;
}
