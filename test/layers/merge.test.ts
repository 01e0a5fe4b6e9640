import { describe, expect, it } from "vitest";
import { ArgumentError, input, layers, model, ops, ShapeError, scope, tensor } from "../../src/index.ts";
import { refuses } from "../support/invalid.ts";
import { drawSamples } from "../support/model.ts";

const image = () => input({ shape: [4, 6, 8] });

describe("layers of several inputs, and those that rearrange", () => {
  it("give what the ops give, with sizes of 1 repeated behind the batch", () => {
    scope(() => {
      const { x } = drawSamples(2, [4, 6, 8], 2, 3);
      const { x: g } = drawSamples(2, [8], 2, 4);
      const [a, gate] = [input({ shape: [4, 6, 8], name: "a" }), input({ shape: [8], name: "gate" })];
      const outputs = [
        layers.multiply()([a, gate]),
        layers.subtract()([gate, a]),
        layers.divide()([gate, a]),
        layers.average()([a, gate, a]),
        layers.maximum()([a, gate]),
        layers.minimum()([a, gate]),
        layers.permute({ dims: [3, 1, 2] })(a),
        layers.slice({ start: [1, 0, -2], end: [3], step: [1, 2] })(a),
        layers.depthToSpace({ blockSize: 2, mode: "CRD" })(a),
        layers.spaceToDepth({ blockSize: 2 })(a),
        layers.resizing({ height: 3, width: 9, interpolation: "nearest" })(a),
        layers.upSampling2d({ size: [1, 2], interpolation: "bilinear" })(a),
        layers.concatenate({ axis: 2 })([a, a]),
        layers.dot({ axes: [3, 1] })([a, gate]),
        layers.dot({ axes: -1 })([gate, gate]),
      ];
      using made = model({ inputs: [a, gate], outputs });
      const [image, row] = [tensor(x, [2, 4, 6, 8]), tensor(g, [2, 8])];
      const rows = tensor(g, [2, 1, 1, 8]);
      const sum = ops.add(ops.add(image, rows), image);
      const expected = [
        ops.mul(image, rows),
        ops.sub(rows, image),
        ops.div(rows, image),
        ops.mul(sum, tensor(Math.fround(1 / 3))),
        ops.maximum(image, rows),
        ops.minimum(image, rows),
        ops.transpose(image, [0, 3, 1, 2]),
        ops.slice(image, { start: [0, 1, 0, -2], end: [2, 3], step: [1, 1, 2] }),
        ops.depthToSpace(image, { blockSize: 2, mode: "CRD" }),
        ops.spaceToDepth(image, { blockSize: 2 }),
        ops.resize(image, [3, 9], { interpolation: "nearest" }),
        ops.upsample2d(image, [1, 2], "bilinear"),
        ops.concat([image, image], 2),
        ops.reshape(ops.dot(ops.reshape(image, [2, 24, 8]), ops.reshape(row, [2, 8, 1])), [2, 4, 6]),
        ops.reshape(ops.dot(ops.reshape(row, [2, 1, 8]), ops.reshape(row, [2, 8, 1])), [2, 1]),
      ];
      for (const [i, y] of made.predictAll([x, g]).entries()) {
        expect(y.shape).toEqual(expected[i].shape);
        expect([...y.data]).toEqual([...expected[i].data]);
        y.dispose();
      }
    });
  });

  refuses([
    [
      "shapes that do not fit",
      () => layers.multiply()([image(), input({ shape: [4, 6, 3] })]),
      new ShapeError("multiply: b must fit a [4,6,8], with equal sizes or 1 from the last axis on, got [4,6,3]"),
    ],
    [
      "numbers that do not fit",
      () => layers.elementwise({ operation: "add", operandShape: [5] })(image()),
      new ShapeError("elementwise: b must fit a [1,4,6,8], with equal sizes or 1 from the last axis on, got [1,1,1,5]"),
    ],
    [
      "an operation that there is none of",
      () => layers.elementwise({ operation: "plus" as never }),
      new ArgumentError(
        'elementwise: operation must be one of "add", "subtract", "multiply", "divide", "minimum", "maximum", got "plus"',
      ),
    ],
    [
      "a shape of no sizes",
      () => layers.elementwise({ operation: "add", operandShape: [0.5] }),
      new ArgumentError("elementwise: operandShape must be an array of whole sizes >= 1, got [0.5]"),
    ],
    [
      "an order that is none",
      () => layers.elementwise({ operation: "add", operandFirst: 1 as never }),
      new ArgumentError("elementwise: operandFirst must be true or false, got 1"),
    ],
    [
      "to reduce batches",
      () => layers.reduce({ reduction: "sum", axes: [0, 1] })(image()),
      new ArgumentError("reduce: axes must not name the batch, got [0,1]"),
    ],
    [
      "to reduce nothing",
      () => layers.reduce({ reduction: "sum" } as never),
      new ArgumentError("reduce: axes must name an axis or several, got undefined"),
    ],
    [
      "to reduce by an operation that there is none of",
      () => layers.reduce({ reduction: "average" as never, axes: 1 }),
      new ArgumentError('reduce: reduction must be one of "sum", "mean", "max", "min", got "average"'),
    ],
    [
      "to join batches",
      () => layers.concatenate({ axis: 0 })([image(), image()]),
      new ArgumentError("concatenate: axis must not be 0, the batch"),
    ],
    [
      "an axis that is not there",
      () => layers.concatenate({ axis: 4 })([image(), image()]),
      new ArgumentError("concatenate: axis must be a whole number from -4 to 3, got 4"),
    ],
    [
      "a permutation with a hole",
      () => layers.permute({ dims: [1, 3] }),
      new ArgumentError("permute: dims must name the axes 1, 2, ... once each, got [1,3]"),
    ],
    [
      "a permutation of other axes than there are",
      () => layers.permute({ dims: [2, 1] })(image()),
      new ArgumentError("permute: order must name each axis of x [1,4,6,8] once, such as [0,1,2,3], got [0,2,1]"),
    ],
    [
      "a part with nothing in it",
      () => layers.slice({ start: [4] })(image()),
      new ShapeError("slice: nothing of x [1,4,6,8] is left, got [1,0,6,8]"),
    ],
    [
      "a size of zero",
      () => layers.resizing({ height: 0, width: 2 }),
      new ArgumentError("resizing: height must be a whole number >= 1, got 0"),
    ],
    [
      "a dot over the batch",
      () => layers.dot({ axes: [1, 0] }),
      new ArgumentError("dot: axes must be a whole number or two, none of them 0, got [1,0]"),
    ],
    [
      "a dot over an axis that is not there",
      () => layers.dot({ axes: 4 })([image(), image()]),
      new ShapeError("dot: axes must lie behind the batch of [N,4,6,8], got 4"),
    ],
    [
      "a dot of three",
      () => layers.dot({ axes: 1 })([image(), image(), image()]),
      new ArgumentError("dot: takes two inputs in an array, got 3"),
    ],
    [
      "a dot over different sizes",
      () => layers.dot({ axes: [1, 2] })([image(), image()]),
      new ShapeError("dot: b must be [...,4,N] beside a [1,48,4], got [1,6,32]"),
    ],
  ]);
});
