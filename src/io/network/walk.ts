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

/** What a format makes of its nodes. */
export interface Operations<Node> {
  readonly isKnown: (op: string) => boolean;
  /** UnsupportedError where this node cannot be had: the walk goes on, to find all of them. */
  readonly compute: (node: Node, inputs: readonly (Operand | undefined)[]) => readonly Operand[];
}

/** What a node makes, unless it, or one before it, cannot be had. */
type Made = readonly Operand[] | "lost";

/** So many reasons stand in a message. */
const MOST_SHOWN = 20;

/** A node before whom others have to come. */
interface Waiting<Node> {
  readonly node: Node;
  /** How many of the values that it reads are not there yet. */
  open: number;
}

export class Walk<Node extends WalkNode> {
  readonly #file: string;
  readonly #builder: Builder;
  readonly #nodes: readonly Node[];
  readonly #ends: readonly string[];
  readonly #values = new Map<string, Operand | "lost">();
  readonly #readers = new Map<string, number>();
  /** How many nodes there are of operations that nobody knows. */
  readonly #unknown = new Map<string, number>();
  readonly #refusals: { readonly op: string; readonly error: UnsupportedError }[] = [];

  constructor(file: string, builder: Builder, nodes: readonly Node[], ends: readonly string[]) {
    this.#file = file;
    this.#builder = builder;
    this.#nodes = nodes;
    this.#ends = ends;
    for (const name of [...nodes.flatMap(({ inputs }) => inputs), ...ends]) {
      this.#readers.set(name, (this.#readers.get(name) ?? 0) + 1);
    }
  }

  set(name: string, operand: Operand): void {
    this.#values.set(name, operand);
  }

  /**
   * Computes all nodes.
   *
   * @throws UnsupportedError that tells all that cannot be had; FormatError where a node reads what nothing makes.
   */
  run({ isKnown, compute }: Operations<Node>): void {
    const waiting = new Map<string, Waiting<Node>[]>();
    const guarded = this.#guarded(isKnown, compute);
    for (const node of this.#nodes) {
      const missing = this.#missing(node);
      const one = { node, open: missing.length };
      for (const name of missing) {
        const others = waiting.get(name);
        if (others === undefined) waiting.set(name, [one]);
        else others.push(one);
      }
      if (one.open === 0) this.#runFrom(node, waiting, guarded);
    }
    for (const [{ node }] of waiting.values()) {
      throw new FormatError(
        `${this.#file}: ${show(node.name)} takes ${show(this.#missing(node))}, which nothing makes`,
      );
    }
    this.#throwRefusals();
  }

  /** What `finish` makes of the ends. */
  outputs(finish: (end: Value) => SymbolicTensor): SymbolicTensor[] {
    return this.#ends.map((name) => {
      const end = this.#values.get(name);
      if (end !== undefined && end !== "lost" && end.kind === "value") return finish(end);
      const what = end === undefined ? "which nothing makes" : "which no input leads to";
      throw new FormatError(`${this.#file}: the output ${show(name)}, ${what}`);
    });
  }

  #missing({ inputs }: Node): string[] {
    return [...new Set(inputs)].filter((name) => name !== "" && !this.#values.has(name));
  }

  /** This node, and those which waited for it alone. */
  #runFrom(first: Node, waiting: Map<string, Waiting<Node>[]>, compute: (node: Node) => Made): void {
    const ready = [first];
    for (let node = ready.pop(); node !== undefined; node = ready.pop()) {
      const made = compute(node);
      for (const [i, name] of node.outputs.entries()) {
        const operand = made === "lost" ? made : made[i];
        if (name === "" || operand === undefined) continue;
        this.#values.set(name, operand === "lost" ? operand : this.#settled(node.name, name, operand));
        for (const one of waiting.get(name) ?? []) if (--one.open === 0) ready.push(one.node);
        waiting.delete(name);
      }
    }
  }

  /** `compute`, where a node that cannot be had, or reads what cannot be had, makes what is lost. */
  #guarded(isKnown: Operations<Node>["isKnown"], compute: Operations<Node>["compute"]): (node: Node) => Made {
    return (node) => {
      const inputs = node.inputs.map((name) => this.#values.get(name));
      if (!isKnown(node.op)) this.#unknown.set(node.op, (this.#unknown.get(node.op) ?? 0) + 1);
      if (!isKnown(node.op) || inputs.includes("lost")) return "lost";
      try {
        return compute(node, inputs as (Operand | undefined)[]);
      } catch (error) {
        if (!(error instanceof UnsupportedError)) throw error;
        this.#refusals.push({ op: node.op, error });
        return "lost";
      }
    };
  }

  /** One error for all. */
  #throwRefusals(): void {
    const unknown = [...this.#unknown].map(([op, count]) => `${op} (${count})`).join(", ");
    const reasons = [
      ...(unknown === "" ? [] : [`there are no layers for ${unknown}`]),
      ...this.#refusals.map(({ error }) => error.message.replace(`${this.#file}: `, "")),
    ];
    if (reasons.length === 0) return;
    const missing = [...new Set([...this.#unknown.keys(), ...this.#refusals.map(({ op }) => op)])];
    const shown = reasons.length > MOST_SHOWN ? [...reasons.slice(0, MOST_SHOWN), "and more"] : reasons;
    throw new UnsupportedError(`${this.#file}: ${shown.join("\n  ")}`, { missing });
  }

  /** What several nodes read is computed once, not once in the curve of each. */
  #settled(node: string, name: string, made: Operand): Operand {
    if (made.kind === "constant" || isComputed(made)) return made;
    const named = { ...made, node };
    return (this.#readers.get(name) ?? 0) < 2 ? named : value(this.#builder.computed(named), made.channelsFirst);
  }
}
