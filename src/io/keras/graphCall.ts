/** One node of a graph model, and what it is given. */
import { show, UnsupportedError } from "../../errors.ts";
import type { Shape } from "../../tensor/shape.ts";
import type { Builder } from "../network/builder.ts";
import { type Budget, Folding, type Part } from "../network/folding.ts";
import type { Constant, Operand, Value } from "../network/value.ts";
import type { WalkNode } from "../network/walk.ts";
import type { WindowGeometry, WindowPadding } from "../network/windows.ts";
import type { Attributes } from "./attributes.ts";

export interface Node extends WalkNode {
  readonly attributes: Attributes;
}

export type Inputs = readonly (Operand | undefined)[];
export type Operation = (at: Call) => Operand;

export class Call {
  readonly b: Builder;
  readonly node: Node;
  readonly inputs: Inputs;
  /** Computes with constants. */
  readonly fold: Folding;

  constructor(b: Builder, node: Node, inputs: Inputs, budget: Budget) {
    this.b = b;
    this.node = node;
    this.inputs = inputs;
    this.fold = new Folding(`${b.file}: ${show(node.name)} (${node.op})`, budget);
  }

  get name(): string {
    return this.node.name;
  }
  get attributes(): Attributes {
    return this.node.attributes;
  }

  /** Says what this version of striate does not do with the node. */
  unsupported(what: string): UnsupportedError {
    return new UnsupportedError(`${this.b.file}: ${show(this.name)} (${this.node.op}) ${what}`);
  }

  value(i: number): Value {
    const given = this.inputs[i];
    if (given?.kind === "value") return given;
    throw this.unsupported(
      `takes ${given?.kind ?? "nothing"} as its input ${i}; it must come from an input of the model`,
    );
  }

  constant(i: number): Constant {
    const given = this.inputs[i];
    if (given?.kind === "constant") return given;
    throw this.unsupported(`computes its input ${i}; only constants can be there`);
  }

  /** Whole numbers: axes, sizes, shapes. */
  numbers(i: number): number[] {
    return Array.from(this.constant(i).data);
  }

  /** Strides and their like, [1,h,w,1]. */
  window(name: string): number[] {
    const list = this.attributes.numbers(name);
    return list.length === 4 ? list.slice(1, 3) : [1, 1];
  }

  padding(): WindowPadding {
    const name = this.attributes.text("padding", "VALID");
    if (name !== "EXPLICIT") return name === "SAME" ? "same" : "valid";
    const [, , top, bottom, left, right] = this.attributes.numbers("explicit_paddings");
    return [
      [top, bottom],
      [left, right],
    ];
  }

  geometry(): WindowGeometry {
    if (this.attributes.text("data_format", "NHWC") !== "NHWC") {
      throw this.unsupported("must have data_format NHWC");
    }
    return { strides: this.window("strides"), padding: this.padding(), dilations: this.window("dilations") };
  }

  /** Axes that count from the end are counted from the start. */
  axis(axis: number, rank: number): number {
    return axis < 0 ? axis + rank : axis;
  }

  /** ExpandDims: the shape with a new axis. */
  withAxis(shape: Shape): Shape {
    const axis = this.axis(this.numbers(1)[0], shape.length + 1);
    return [...shape.slice(0, axis), 1, ...shape.slice(axis)];
  }

  /** Squeeze: the shape without the axes that are named, or of size 1; the first ones, such as a batch, stay. */
  withoutAxes(shape: Shape, first: number): Shape {
    const listed = this.attributes.numbers("squeeze_dims").map((axis) => this.axis(axis, shape.length));
    return shape.filter((size, axis) => axis < first || !(listed.length > 0 ? listed.includes(axis) : size === 1));
  }

  /** StridedSlice, x[starts:ends:steps], where bits of the masks leave ends open or take an axis away. */
  stridedParts(shape: Shape): { parts: Part[]; left: (axis: number) => boolean } {
    const [starts, ends, steps] = [1, 2, 3].map((i) => this.numbers(i));
    const [begin, end, shrink, ...others] = [
      "begin_mask",
      "end_mask",
      "shrink_axis_mask",
      "ellipsis_mask",
      "new_axis_mask",
    ].map((name) => this.attributes.number(name, 0));
    if (others.some((mask) => mask !== 0)) throw this.unsupported("has an ellipsis or new axes");
    const isOpen = (mask: number, axis: number) => axis >= starts.length || ((mask >> axis) & 1) === 1;
    const isLeft = (axis: number) => axis >= starts.length || ((shrink >> axis) & 1) === 0;
    const parts = shape.map((size, axis) => {
      const step = isLeft(axis) ? (steps[axis] ?? 1) : 1;
      if (step < 0) throw this.unsupported("goes backwards");
      const from = isOpen(begin, axis) ? 0 : this.axis(starts[axis], size);
      if (!isLeft(axis)) return { start: from, end: from + 1, step };
      return { start: from, end: isOpen(end, axis) ? size : Math.min(this.axis(ends[axis], size), size), step };
    });
    return { parts, left: isLeft };
  }
}
