// node bench/bench.mjs NAME [options]
// Builds the library, installs the peers where the benchmark needs them, then runs it on a core of its own.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "../scripts/build.mjs";
import { fail, install, readIfPresent } from "../scripts/setup.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const withPeers = ["run", "train", "size", "startup", "error", "memory"];
const withNetworks = ["networks"];
const alone = ["augment", "first", "tune", "roofline", "ops"];
const benchmarks = [...withPeers, ...withNetworks, ...alone];

const [asked, ...options] = process.argv.slice(2);
const name = asked === "run" && options.includes("--tune") ? "tune" : asked;
if (!benchmarks.includes(name)) fail(`bench: expected one of ${benchmarks.join(", ")}, got ${name ?? "nothing"}`);
const callerDirectory = process.cwd();
await build();
if (withNetworks.includes(name)) install(join(here, "../test/networks"), "pretrained networks and peers, about 600 MB");
if (needsPeers()) install(here, "the peers into bench/node_modules, about 750 MB");
else linkLibrary();
process.chdir(callerDirectory);
process.exit(runPinned([process.execPath, "--expose-gc", join(here, `${name}.mjs`), ...options]));

/** False where `--contenders` names nothing but striate and an empty process. */
function needsPeers() {
  if (!withPeers.includes(name)) return false;
  const text = options.join(" ").match(/--contenders[ =](\S+)/)?.[1];
  return text === undefined || text.split(",").some((each) => !/^(striate|empty)/.test(each));
}

/** What `npm ci` would do for `import "striate"`, without the peers. */
function linkLibrary() {
  const link = join(here, "node_modules/striate");
  if (existsSync(link)) return;
  mkdirSync(dirname(link), { recursive: true });
  symlinkSync(dirname(here), link, "junction");
}

/**
 * Runs a command on as many cores as BENCH_THREADS says (1 by default), where the system has `taskset`.
 * BENCH_CORES names them ("0" or "2,3"); otherwise they are the last ones that this process may use, since the first
 * serves interrupts.
 */
function runPinned(command) {
  const cores = process.env.BENCH_CORES ?? lastCores(Number(process.env.BENCH_THREADS ?? 1));
  const pin = cores && hasTaskset() ? ["taskset", "-c", cores] : [];
  if (pin.length === 0) console.error("striate: not pinned to a core (no taskset here); expect noise");
  const [program, ...args] = [...pin, ...command];
  const { status, error } = spawnSync(program, args, { stdio: "inherit" });
  if (error) fail(`bench: ${error.message}`);
  return status ?? 1;
}

function hasTaskset() {
  return spawnSync("taskset", ["--version"], { stdio: "ignore" }).status === 0;
}

/** The last `count` cores of "Cpus_allowed_list: 0-3,8" as "3,8". */
function lastCores(count) {
  const list = readIfPresent("/proc/self/status")?.match(/^Cpus_allowed_list:\s*(\S+)$/m)?.[1];
  const allowed = list?.split(",").flatMap((range) => {
    const [first, last = first] = range.split("-").map(Number);
    return Array.from({ length: last - first + 1 }, (_, i) => first + i);
  });
  return allowed?.slice(-count).join(",");
}
