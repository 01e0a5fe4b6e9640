/** The attributes of TensorFlow's nodes, as protobuf's JSON has them: 64-bit numbers and bytes are strings. */
import { FormatError, show } from "../../errors.ts";

export interface SavedAttribute {
  readonly s?: string;
  readonly i?: string | number;
  readonly f?: number | string;
  readonly b?: boolean;
  readonly list?: { readonly s?: readonly string[]; readonly i?: readonly (string | number)[] };
  readonly shape?: { readonly dim?: readonly { readonly size?: string | number }[]; readonly unknownRank?: boolean };
}

export class Attributes {
  readonly #file: string;
  readonly #node: string;
  readonly #saved: Readonly<Record<string, SavedAttribute>>;

  constructor(file: string, node: string, saved: Readonly<Record<string, SavedAttribute>>) {
    this.#file = file;
    this.#node = node;
    this.#saved = saved;
  }

  text(name: string, otherwise: string): string {
    const bytes = this.#saved[name]?.s;
    return bytes === undefined ? otherwise : this.#text(bytes);
  }

  texts(name: string): string[] {
    return (this.#saved[name]?.list?.s ?? []).map((bytes) => this.#text(bytes));
  }

  number(name: string, otherwise: number): number {
    const { f, i = f } = this.#saved[name] ?? {};
    return i === undefined ? otherwise : this.#number(name, i);
  }

  numbers(name: string): number[] {
    return (this.#saved[name]?.list?.i ?? []).map((n) => this.#number(name, n));
  }

  flag(name: string): boolean {
    return this.#saved[name]?.b === true;
  }

  /** -1: open. */
  shape(name: string): number[] {
    const { dim = [] } = this.#saved[name]?.shape ?? {};
    return dim.map(({ size = 0 }) => this.#number(name, size));
  }

  #text(bytes: string): string {
    try {
      return atob(bytes);
    } catch (cause) {
      throw new FormatError(`${this.#file}: ${show(this.#node)} has ${show(bytes)}, which is no base64`, { cause });
    }
  }

  #number(name: string, given: unknown): number {
    const number = Number(given);
    if (!Number.isNaN(number)) return number;
    throw new FormatError(`${this.#file}: ${show(this.#node)} has ${name} ${show(given)}, which is no number`);
  }
}
