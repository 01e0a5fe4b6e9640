/** Files, for hosts that have a file system (Node, Bun): what every loader needs of one. */

/** The bytes of a file; throws where the host has no file system, where there is no such file, or where asking would prompt. */
export function readFile(url: URL): Uint8Array<ArrayBuffer> {
  // Deno asks the user at the terminal for what was not permitted, and a library should make nobody answer.
  if ("Deno" in globalThis) throw new Error(`${url} is not read under Deno`);
  return globalThis.process.getBuiltinModule("node:fs").readFileSync(url);
}
