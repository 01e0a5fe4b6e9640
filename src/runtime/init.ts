/** init: chooses a binary, has it loaded, and makes a runtime of it. The entries differ in where they load it from. */
import { ArgumentError, checkOptions, show, UnsupportedError } from "../errors.ts";
import { extraOfProgram } from "./extra.ts";
import { detectFeatures, type Features } from "./features.ts";
import { compile, type KernelSource } from "./load.ts";
import { LARGEST_LIMIT, makeCurrent, Runtime } from "./runtime.ts";

/** What `init` takes. */
export interface InitOptions {
  /** Use the binary whose results are the same bits on every machine. Default false. */
  deterministic?: boolean;
  /** The most bytes the linear memory may grow to. Default and largest: 2 GiB. */
  memoryLimit?: number;
  /** For tests of kernels: bytes of canary around every block, checked when it is freed. Default 0. */
  guard?: number;
  /**
   * The kernels, brought by you, each file as a WebAssembly.Module, bytes, a Response or a URL: a function that is asked for
   * `"simd"` or `"relaxed"` (`striate/simd.wasm`, `striate/relaxed.wasm`), and for `"simd-extra"` or `"relaxed-extra"` where an op of
   * the program needs the second module; or one binary, for programs without such ops. Default: what the entry loads.
   */
  module?: KernelSource;
}

/**
 * Loads the kernels: the fastest binary this host runs, or the bit-exact one, and a second module where the program has an op that
 * needs it. Call it once before anything else; again with the same options it returns the same runtime, with others it makes
 * a new one current (what the old one owns stays valid). A part of the program that is imported later and whose ops need the second
 * module says so where that has not been loaded: `await init()` again then adds it to the same runtime.
 *
 * @throws UnsupportedError where the host has no WebAssembly SIMD or forbids compiling.
 * @throws ArgumentError for a memoryLimit that is not a whole number of bytes from 1 MiB to 2 GiB.
 * @throws FormatError for a module that cannot be read, or holds no kernels of this version.
 * @example
 * const runtime = await init();
 * console.log(runtime.features.binary);
 */
export type Init = (options?: InitOptions) => Promise<Runtime>;

interface Settings {
  readonly source: KernelSource;
  readonly deterministic: boolean;
  readonly memoryLimit: number;
  readonly guard: number;
}

let latest: { settings: Settings; runtime: Promise<Runtime> } | undefined;

/** The init of an entry, which loads from `source` unless the user brings a module. */
export function initFrom(source: KernelSource): Init {
  return async (options = {}) => {
    const settings = checked(options, source);
    if (latest === undefined || !same(latest.settings, settings)) latest = { settings, runtime: start(settings) };
    const asked = latest;
    const runtime = await asked.runtime.catch((error) => {
      if (latest === asked) latest = undefined;
      throw error;
    });
    if (runtime.kernels.extra === undefined) runtime.addExtra(await compileExtra(settings.source, runtime.features)); // for what came since
    makeCurrent(runtime);
    return runtime;
  };
}

async function start({ source, deterministic, memoryLimit, guard }: Settings): Promise<Runtime> {
  if (typeof WebAssembly === "undefined") throw new UnsupportedError("init: this host has no WebAssembly");
  const features = detectFeatures(deterministic);
  if (!features.simd)
    throw new UnsupportedError("init: this host's WebAssembly has no SIMD (128-bit), which striate needs");
  const [module, extra] = await Promise.all([compile(source, features.binary), compileExtra(source, features)]);
  const runtime = new Runtime(module, features, memoryLimit, guard);
  if (deterministic && runtime.features.binary !== "simd")
    throw new ArgumentError("init: deterministic needs striate/simd.wasm as module, got striate/relaxed.wasm");
  runtime.addExtra(extra);
  return runtime;
}

/** The second module, where the program has an op for it and the source more than one file. */
async function compileExtra(source: KernelSource, { binary }: Features): Promise<WebAssembly.Module | undefined> {
  return extraOfProgram() && typeof source === "function" ? compile(source, `${binary}-extra`) : undefined;
}

function checked(options: InitOptions, usual: KernelSource): Settings {
  checkOptions("init", options, { deterministic: true, memoryLimit: true, guard: true, module: true });
  const { deterministic = false, memoryLimit = LARGEST_LIMIT, guard = 0, module: source = usual } = options;
  if (!Number.isInteger(memoryLimit) || memoryLimit < 2 ** 20 || memoryLimit > LARGEST_LIMIT) {
    throw new ArgumentError(
      `init: memoryLimit must be a whole number of bytes from 2^20 to 2^31, got ${show(memoryLimit)}`,
    );
  }
  if (!Number.isInteger(guard) || guard < 0 || guard % 64 !== 0) {
    throw new ArgumentError(`init: guard must be a multiple of 64, got ${show(guard)}`);
  }
  return { source, deterministic, memoryLimit, guard };
}

function same(a: Settings, b: Settings): boolean {
  return (Object.keys(a) as (keyof Settings)[]).every((name) => a[name] === b[name]);
}
