/** What the commands print. Results go to the standard output, everything else to the standard error. */

/** A reader that closes early, as `head` does, wants no more: that is no failure. */
export function tolerateClosedPipes(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "EPIPE") throw error;
      process.exit();
    });
  }
}

export function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

export function printJson(value: unknown): void {
  print(JSON.stringify(value, null, 2));
}

export function complain(text: string): void {
  process.stderr.write(`striate: ${text}\n`);
}

/** 13245678 -> "13.2 MB" */
export function bytesText(bytes: number): string {
  const [power, unit] = bytes >= 1e9 ? [9, "GB"] : bytes >= 1e6 ? [6, "MB"] : bytes >= 1e3 ? [3, "kB"] : [0, "bytes"];
  return `${power === 0 ? bytes : (bytes / 10 ** power).toFixed(1)} ${unit}`;
}

/** Columns, the first to the left, the others to the right. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  const cell = (text: string, column: number) =>
    column === 0 ? text.padEnd(widths[column]) : text.padStart(widths[column]);
  return rows.map((row) => row.map(cell).join("  ").trimEnd()).join("\n");
}
