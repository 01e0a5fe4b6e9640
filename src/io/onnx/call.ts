/** One node of an ONNX file and what it is given. */
import { FormatError, show, UnsupportedError } from "../../errors.ts";
import type { Builder } from "../network/builder.ts";
import { type Budget, Folding } from "../network/folding.ts";
import { type Constant, type Operand, shapeOf, type Value, value } from "../network/value.ts";
import type { OnnxNode } from "./file.ts";
import type { AttributeProto } from "./onnx_pb.ts";
import { constantOf } from "./tensors.ts";

export type Operation = (at: Call) => Operand | readonly Operand[];

export class Call {
  readonly b: Builder;
  readonly node: OnnxNode;
  readonly inputs: readonly (Operand | undefined)[];
  /** Of the operators. */
  readonly opset: number;
  /** Computes with constants. */
  readonly fold: Folding;

  constructor(
    b: Builder,
    node: OnnxNode,
    inputs: readonly (Operand | undefined)[],
    { opset, budget }: { opset: number; budget: Budget },
  ) {
    this.b = b;
    this.node = node;
    this.inputs = inputs;
    this.opset = opset;
    this.fold = new Folding(`${b.file}: ${show(node.name)} (${node.op})`, budget);
  }

  get name(): string {
    return this.node.name;
  }

  /** Says what this version of striate does not do with the node. */
  unsupported(what: string): UnsupportedError {
    return new UnsupportedError(`${this.b.file}: ${show(this.name)} (${this.node.op}) ${what}`);
  }

  operand(i: number): Operand {
    const given = this.inputs[i];
    if (given !== undefined) return given;
    throw new FormatError(`${this.b.file}: ${show(this.name)} (${this.node.op}) lacks its input ${i}`);
  }

  value(i = 0): Value {
    const given = this.operand(i);
    if (given.kind === "value") return given;
    throw this.unsupported(
      `takes a constant as its input ${i}; only what comes from an input of the model can be there`,
    );
  }

  /** A value whose channels stand last here, [N,C,...] in the file. */
  image(i = 0): Value {
    return value(this.b.image(this.value(i)), true);
  }

  has(i: number): boolean {
    return this.inputs[i] !== undefined;
  }

  constant(i: number): Constant {
    const given = this.operand(i);
    if (given.kind === "constant") return given;
    throw this.unsupported(`computes its input ${i}; only constants can be there`);
  }

  optionalConstant(i: number): Constant | undefined {
    return this.has(i) ? this.constant(i) : undefined;
  }

  /** Whole numbers that older operators have as an attribute, and newer as an input. */
  listed(name: string, i: number): number[] | undefined {
    return this.has(i) ? Array.from(this.constant(i).data) : this.ints(name);
  }

  rank(i: number): number {
    return shapeOf(this.operand(i)).length;
  }

  /** Sizes and axes that count from the end are counted from the start. */
  axis(axis: number, rank: number = this.rank(0)): number {
    return axis < 0 ? axis + rank : axis;
  }

  ints(name: string): number[] | undefined {
    return this.node.attributes.get(name)?.ints.map(Number);
  }

  floats(name: string): number[] | undefined {
    return this.node.attributes.get(name)?.floats;
  }

  int(name: string, otherwise: number): number {
    const attribute = this.node.attributes.get(name);
    return attribute === undefined ? otherwise : Number(attribute.i);
  }

  float(name: string, otherwise: number): number {
    return this.node.attributes.get(name)?.f ?? otherwise;
  }

  text(name: string, otherwise: string): string {
    const bytes = this.node.attributes.get(name)?.s;
    return bytes === undefined ? otherwise : new TextDecoder().decode(bytes);
  }

  tensor(name: string): Constant | undefined {
    const tensor = this.attribute(name)?.t;
    return tensor === undefined ? undefined : constantOf(this.b.file, tensor);
  }

  attribute(name: string): AttributeProto | undefined {
    return this.node.attributes.get(name);
  }
}
