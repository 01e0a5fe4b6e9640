/** Objects of classes that are functions. */
import type { SymbolicTensor } from "./symbolic.ts";

/** What can be called with what flows through a graph. */
export interface Callable {
  /** Applies the layer in a graph: `layer(x)`, or `layer([a, b])` where it takes several. */
  // biome-ignore lint/style/useShorthandFunctionType: only an interface merges with the class
  (x: SymbolicTensor | readonly SymbolicTensor[]): SymbolicTensor;
}

/** Makes instances of the classes below it functions: `layer(x)` is `layer.connect(x)`. */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: the constructor sees to it that instances can be called
export abstract class Callable {
  constructor() {
    const call = (x: SymbolicTensor | readonly SymbolicTensor[]) => (call as unknown as Callable).connect(x);
    Object.setPrototypeOf(call, new.target.prototype);
    // Functions are born with these; a layer has a name of its own.
    delete (call as { name?: string }).name;
    delete (call as { length?: number }).length;
    // biome-ignore lint/correctness/noConstructorReturn: the only way to an object that can be called and has private fields
    return call as unknown as this;
  }

  abstract connect(x: SymbolicTensor | readonly SymbolicTensor[]): SymbolicTensor;
}
