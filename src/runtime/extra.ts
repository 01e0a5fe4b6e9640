/**
 * The second module: kernels that few programs need, which travel only where one of their ops is in the program. Ops call them
 * through `extra`. Where no op of a program does, bundlers leave `extra` out, and with it all that only the second module needs.
 */
import { UnsupportedError } from "../errors.ts";
import type { ExtraKernels } from "./extraKernels.ts";
import type { Binary, KernelFile } from "./features.ts";
import type { Kernels } from "./kernels.ts";
import { exportsOf, instantiating, type Label, labelOf } from "./load.ts";

/** Makes kernels of the second module, over the memory of those that are there. */
type Instantiate = (module: WebAssembly.Module, memory: WebAssembly.Memory, beside: Label<Binary>) => ExtraKernels;

const program: { instantiateExtra?: Instantiate } = {};

/** The kernels of the second module beside these; until they are loaded, what tells the way out. */
export const extra: (kernels: Kernels) => ExtraKernels = /* @__PURE__ */ noted();

function noted(): (kernels: Kernels) => ExtraKernels {
  program.instantiateExtra = instantiateExtra;
  return (kernels) => kernels.extra ?? missingKernels();
}

/** undefined where no op of the program calls `extra`: then there is nothing to load. */
export function extraOfProgram(): Instantiate | undefined {
  return program.instantiateExtra;
}

function instantiateExtra(module: WebAssembly.Module, memory: WebAssembly.Memory, beside: Label<Binary>): ExtraKernels {
  const wanted: KernelFile = `${beside.file}-extra`;
  return instantiating(`module for "${wanted}"`, () => {
    const { file, build } = labelOf(module);
    if (file !== wanted) throw new TypeError(`it is striate/${file}.wasm`);
    if (build !== beside.build) throw new TypeError(`it is of another version than striate/${beside.file}.wasm`);
    return exportsOf(module, memory) as unknown as ExtraKernels;
  });
}

function missingKernels(): ExtraKernels {
  return new Proxy({} as ExtraKernels, {
    get(_, kernel) {
      const help =
        'call "await init()" again; where you pass module, let it be a function that gives each file it is asked for';
      throw new UnsupportedError(`${String(kernel)}: its kernel is in the second module, which is not loaded; ${help}`);
    },
  });
}
