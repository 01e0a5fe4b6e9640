// npm run size: fails where the library is more than 2 % larger than release/sizes.json says; `npm run size -- --update`
// writes the present sizes there. bench/size.mjs bundles and compresses; the sizes are those of bench:size.
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { fail, root, runTool } from "../scripts/setup.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const recordFile = join(here, "sizes.json");
const MOST = 1.02;
const files = ["simd.wasm", "simd-extra.wasm", "relaxed.wasm", "relaxed-extra.wasm"];

const sizes = measure();
if (process.argv.includes("--update")) {
  writeFileSync(recordFile, `${JSON.stringify(sizes, null, 2)}\n`);
  console.log("size: release/sizes.json written");
} else {
  const recorded = JSON.parse(readFileSync(recordFile, "utf8"));
  const tooLarge = Object.keys(sizes).filter((name) => !(sizes[name] <= recorded[name] * MOST));
  for (const [name, bytes] of Object.entries(sizes)) {
    const change = (bytes / recorded[name] - 1) * 100;
    console.log(`${name.padEnd(30)} ${String(bytes).padStart(8)} bytes  ${change.toFixed(1).padStart(6)} %`);
  }
  if (tooLarge.length > 0) {
    fail(`size: more than 2 % over release/sizes.json: ${tooLarge.join("; ")}
where the growth is worth it, record it: npm run size -- --update`);
  }
}

/** Bytes by name. */
function measure() {
  const out = join(root, "bench/out/sizes.json");
  const bench = ["bench/bench.mjs", "size", "--contenders", "striate,striate-all", "--out", out];
  if (!runTool(bench, { stdio: ["ignore", "ignore", "inherit"] })) fail("size: bench/size.mjs failed");
  const programs = JSON.parse(readFileSync(out, "utf8"));
  return {
    "conv2d and maxPool2d, brotli": programs.striate.total.brotli,
    "all of striate, brotli": programs["striate-all"].total.brotli,
    ...Object.fromEntries(files.map((file) => [file, statSync(join(root, "dist", file)).size])),
  };
}
