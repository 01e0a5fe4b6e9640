/** Goes through the nodes of a file, each as soon as what it reads is there. */
import { FormatError, show, UnsupportedError } from "../../errors.ts";
import type { SymbolicTensor } from "../../layers/symbolic.ts";
import type { Builder } from "./builder.ts";
import { isComputed, type Operand, type Value, value } from "./value.ts";

/** What every format's nodes have. */
export interface WalkNode {
  readonly name: string;
  readonly op: string;
  /** Names of values; "" where an optional one is left out. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

export class Walk<Node extends WalkNode> {
  readonly #file: string;
  readonly #builder: Builder;
  readonly #nodes: readonly Node[];
  readonly #ends: readonly string[];
  readonly #values = new Map<string, Operand>();
  readonly #readers = new Map<string, number>();

  constructor(file: string, builder: Builder, nodes: readonly Node[], ends: readonly string[]) {
    this.#file = file;
    this.#builder = builder;
    this.#nodes = nodes;
    this.#ends = ends;
    for (const name of [...nodes.flatMap(({ inputs }) => inputs), ...ends]) {
      this.#readers.set(name, (this.#readers.get(name) ?? 0) + 1);
    }
  }

  /** One error for all operations that cannot be had. */
  checkKnown(isKnown: (op: string) => boolean): void {
    const counts = new Map<string, number>();
    for (const { op } of this.#nodes) if (!isKnown(op)) counts.set(op, (counts.get(op) ?? 0) + 1);
    if (counts.size === 0) return;
    const list = [...counts].map(([op, count]) => `${op} (${count})`).join(", ");
    throw new UnsupportedError(`${this.#file}: there are no layers for ${list}`);
  }

  set(name: string, operand: Operand): void {
    this.#values.set(name, operand);
  }

  run(compute: (node: Node, inputs: readonly (Operand | undefined)[]) => readonly Operand[]): void {
    let open = this.#nodes;
    while (open.length > 0) {
      const later = open.filter((node) => {
        if (node.inputs.some((name) => name !== "" && !this.#values.has(name))) return true;
        const inputs = node.inputs.map((name) => this.#values.get(name));
        compute(node, inputs).forEach((made, i) => {
          const name = node.outputs[i];
          if (name !== undefined && name !== "") this.set(name, this.#settled(node.name, name, made));
        });
        return false;
      });
      if (later.length === open.length) {
        const [{ name, inputs }] = later;
        const missing = inputs.filter((one) => one !== "" && !this.#values.has(one));
        throw new FormatError(`${this.#file}: ${show(name)} takes ${show(missing)}, which nothing makes`);
      }
      open = later;
    }
  }

  /** What `finish` makes of the ends. */
  outputs(finish: (end: Value) => SymbolicTensor): SymbolicTensor[] {
    return this.#ends.map((name) => {
      const end = this.#values.get(name);
      if (end?.kind === "value") return finish(end);
      const what = end === undefined ? "which nothing makes" : "which no input leads to";
      throw new FormatError(`${this.#file}: the output ${show(name)}, ${what}`);
    });
  }

  /** What several nodes read is computed once, not once in the curve of each. */
  #settled(node: string, name: string, made: Operand): Operand {
    if (made.kind === "constant" || isComputed(made)) return made;
    const named = { ...made, node };
    return (this.#readers.get(name) ?? 0) < 2 ? named : value(this.#builder.computed(named), made.channelsFirst);
  }
}
