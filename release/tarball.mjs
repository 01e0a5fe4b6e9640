// The package as npm would get it.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { fail, npm, root } from "../scripts/setup.mjs";

/** Packs `folder`, which is built, into `into`; the path of the tarball. */
export function pack(into, folder = root) {
  mkdirSync(into, { recursive: true });
  const { status, stdout } = npm(["pack", "--json", "--loglevel=error", "--pack-destination", into], {
    cwd: folder,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  });
  if (status !== 0) fail("npm pack failed");
  return join(into, JSON.parse(stdout)[0].filename);
}
