import { describe, expect, it } from "vitest";
import {
  ArgumentError,
  FormatError,
  layers,
  loadModel,
  MemoryError,
  sequential,
  UnsupportedError,
} from "../../src/index.ts";
import { loadOnnx } from "../../src/io/onnx/index.ts";
import { refuses } from "../support/invalid.ts";
import { floats, integers, type NodeLine, type OnnxDescription, onnxFile } from "../support/onnx.ts";
import { Random } from "../support/random.ts";

const random = new Random(1);
const weights = (dims: readonly number[]) => floats(dims, random.floats(dims.reduce((a, b) => a * b, 1)));

/** A small network of what files hold: a convolution, hard swish in parts, a shape that is computed, a matrix behind it. */
const NETWORK: OnnxDescription = {
  opset: 13,
  inputs: { image: [null, 3, 6, 7] },
  constants: {
    w: weights([4, 3, 3, 3]),
    b: weights([4]),
    three: floats([], [3]),
    zero: floats([], [0]),
    six: floats([], [6]),
    m: weights([5, 100]),
    first: integers([1], [0]),
    rest: integers([1], [-1]),
  },
  nodes: [
    ["Conv", ["image", "w", "b"], ["c"], { pads: [1, 0, 0, 0] }],
    ["Add", ["c", "three"], ["d"]],
    ["Clip", ["d", "zero", "six"], ["e"]],
    ["Mul", ["c", "e"], ["f"]],
    ["Div", ["f", "six"], ["g"]],
    ["Shape", ["g"], ["s"]],
    ["Gather", ["s", "first"], ["n"]],
    ["Concat", ["n", "rest"], ["t"], { axis: 0 }],
    ["Reshape", ["g", "t"], ["h"]],
    ["Gemm", ["h", "m"], ["y"], { transB: 1 }],
  ],
  outputs: ["y"],
};

describe("loadOnnx", () => {
  it("makes as few layers as there can be, named as the nodes", () => {
    const model = loadOnnx(onnxFile(NETWORK));
    expect(model.inputs).toEqual([{ name: "image", shape: [6, 7, 3] }]);
    expect(model.layers.map(({ name, className }) => [name, className])).toEqual([
      ["Conv_0", "Conv2D"],
      ["Div_4", "Activation"],
      ["Gemm_9/flatten", "Flatten"],
      ["Gemm_9", "Dense"],
    ]);
  });

  it("is trained and saved as any model", () => {
    const model = loadOnnx(onnxFile(NETWORK), { seed: 1 });
    model.compile({ optimizer: "sgd", loss: "meanSquaredError" });
    const [x, y] = [random.floats(2 * 126), random.floats(2 * 5)];
    const before = model.trainOnBatch(x, y).loss;
    expect(model.trainOnBatch(x, y).loss).toBeLessThan(before);
    expect(loadModel(model.save()).predict(x).data).toEqual(model.predict(x).data);
  });

  it("takes images in either layout", () => {
    const bytes = onnxFile(NETWORK);
    const hwc = random.floats(126);
    const chw = Float32Array.from({ length: 126 }, (_, i) => hwc[(i % 42) * 3 + Math.floor(i / 42)]);
    const [last, first] = [loadOnnx(bytes), loadOnnx(bytes, { layout: "NCHW" })];
    expect(first.inputShape).toEqual([3, 6, 7]);
    expect(first.predict(chw).data).toEqual(last.predict(hwc).data);
  });

  it("leaves inputs as they are that the file transposes to channels-first itself", () => {
    const bytes = onnxFile({
      inputs: { x: [1, 4, 5, 3] },
      constants: { w: weights([2, 3, 3, 3]) },
      nodes: [
        ["Transpose", ["x"], ["a"], { perm: [0, 3, 1, 2] }],
        ["Conv", ["a", "w"], ["b"]],
        ["Transpose", ["b"], ["y"], { perm: [0, 2, 3, 1] }],
      ],
      outputs: ["y"],
    });
    for (const layout of ["NHWC", "NCHW"] as const) {
      const model = loadOnnx(bytes, { layout });
      expect([model.inputShape, model.outputShape]).toEqual([
        [4, 5, 3],
        [2, 3, 2],
      ]);
      expect(model.layers.map(({ className }) => className)).toEqual(["Conv2D"]);
      model.dispose();
    }
  });

  it("leaves inputs as they are whose numbers the file scales before it transposes them", () => {
    const model = loadOnnx(
      onnxFile({
        inputs: { x: [null, 4, 5, 3] },
        constants: { w: weights([2, 3, 3, 3]), mean: floats([3], [1, 2, 3]), scale: floats([], [2]) },
        nodes: [
          ["Cast", ["x"], ["a"], { to: 1 }],
          ["Sub", ["a", "mean"], ["b"]],
          ["Div", ["b", "scale"], ["c"]],
          ["Transpose", ["c"], ["d"], { perm: [0, 3, 1, 2] }],
          ["Conv", ["d", "w"], ["y"]],
        ],
        outputs: ["y"],
      }),
    );
    expect([model.inputShape, model.outputShape]).toEqual([
      [4, 5, 3],
      [2, 3, 2],
    ]);
    model.dispose();
  });

  it.each([
    ["large", [-1e5, 0.5], [-0.75, 0.125, 0.5]],
    ["the largest", [-3.4028234663852886e38, 0.5], [-0.75, 0.125, 0.5]],
    ["none", [-3.4028234663852886e38, 3.4028234663852886e38], [-0.75, 0.125, 2]],
    ["crossed", [0, -1], [-1, -1, -1]],
  ])("keeps all digits of what lies within limits: %s", (_, [low, high], expected) => {
    const model = loadOnnx(
      onnxFile({
        inputs: { x: [1, 3] },
        constants: { low: floats([], [low]), high: floats([], [high]) },
        nodes: [
          ["Neg", ["x"], ["a"]],
          ["Clip", ["a", "low", "high"], ["y"]],
        ],
        outputs: ["y"],
      }),
    );
    expect(Array.from(model.predict([0.75, -0.125, -2]).data)).toEqual(expected);
    expect(model.layers.filter(({ className, trainable }) => className === "Elementwise" && trainable)).toEqual([]);
    model.dispose();
  });

  it("takes nodes in any order, in a time that grows with their number", () => {
    const count = 20_000;
    const nodes = Array.from(
      { length: count },
      (_, i): NodeLine => ["Identity", [i === 0 ? "a" : `v${i - 1}`], [`v${i}`]],
    );
    const bytes = onnxFile({
      inputs: { x: [1, 3] },
      nodes: [...nodes.reverse(), ["Relu", ["x"], ["a"]]],
      outputs: [`v${count - 1}`],
    });
    const started = performance.now();
    const model = loadOnnx(bytes);
    expect(model.layers.map(({ className }) => className)).toEqual(["Activation"]);
    expect(performance.now() - started).toBeLessThan(5000); // 0.2 s; 18 s where every round looks at all nodes
    model.dispose();
  });

  it("gives images back in the layout that is asked for", () => {
    const image: OnnxDescription = { inputs: { x: [1, 2, 2, 3] }, nodes: [["Relu", ["x"], ["y"]]], outputs: ["y"] };
    expect(loadOnnx(onnxFile(image)).outputShape).toEqual([2, 3, 2]);
    expect(loadOnnx(onnxFile(image), { layout: "NCHW" }).outputShape).toEqual([2, 2, 3]);
  });

  it("needs no room beside its model: a model that does not come about gives everything back", () => {
    const { runtime } = sequential({ inputShape: [1] }, [layers.flatten()]);
    const before = runtime.memory().used;
    const broken = { ...NETWORK, outputs: ["nothing"] };
    expect(() => loadOnnx(onnxFile(broken))).toThrow(FormatError);
    expect(runtime.memory().used).toBe(before);
  });

  it("ends with an error of its own, whatever is cut off or changed", () => {
    const bytes = onnxFile(NETWORK);
    const fuzz = new Random(2);
    const expected = [FormatError, UnsupportedError, MemoryError];
    const attempt = (damaged: Uint8Array) => {
      try {
        loadOnnx(damaged).dispose();
      } catch (error) {
        if (!expected.some((kind) => error instanceof kind)) throw error;
      }
    };
    for (let cut = 0; cut < bytes.length; cut += 7) attempt(bytes.slice(0, cut));
    for (let round = 0; round < 400; round++) {
      const damaged = bytes.slice();
      for (let i = 0; i <= round % 4; i++) {
        damaged[Math.floor(fuzz.next() * damaged.length)] = Math.floor(fuzz.next() * 256);
      }
      attempt(damaged);
    }
  });

  const one = (op: string, change: Partial<OnnxDescription> = {}, attributes = {}) =>
    onnxFile({ inputs: { x: [1, 3, 4, 5] }, nodes: [[op, ["x"], ["y"], attributes]], outputs: ["y"], ...change });
  const loading =
    (bytes: Uint8Array, options = {}) =>
    () =>
      loadOnnx(bytes, { name: "net.onnx", ...options });
  refuses([
    [
      "all operators that there are no layers for, in one error",
      loading(
        onnxFile({
          inputs: { x: [1, 3, 4, 5] },
          nodes: [
            ["NonZero", ["x"], ["a"]],
            ["Relu", ["x"], ["b"]],
            ["LSTM", ["b"], ["c"]],
            ["NonZero", ["c"], ["y"]],
          ],
          outputs: ["y"],
        }),
      ),
      new UnsupportedError("net.onnx: there are no layers for NonZero (2), LSTM (1)", { missing: ["NonZero", "LSTM"] }),
    ],
    [
      "what is known, but not like this, in the same error",
      loading(
        onnxFile({
          inputs: { x: [1, 3, 4, 5] },
          nodes: [
            ["Exp", ["x"], ["a"]],
            ["Relu", ["a"], ["b"]],
            ["Sqrt", ["x"], ["c"]],
            ["NonZero", ["x"], ["d"]],
            ["Concat", ["b", "c", "d"], ["y"], { axis: 1 }],
          ],
          outputs: ["y"],
        }),
      ),
      new UnsupportedError(
        `net.onnx: there are no layers for NonZero (1)
  "Exp_0" (Exp) is computed for constants only
  "Sqrt_2" (Sqrt) is computed for constants only`,
        { missing: ["NonZero", "Exp", "Sqrt"] },
      ),
    ],
    ...(
      [
        ["Cast", { to: 7 }, "makes whole numbers of what is computed"],
        ["LpPool", { kernel_shape: [2, 2], dilations: [2, 2] }, "pools with dilations [2,2]"],
        ["LpPool", { kernel_shape: [2, 2], ceil_mode: 1 }, "rounds its size up (ceil_mode)"],
        ["LpPool", { kernel_shape: [2] }, "pools over 1 axes; only images can be"],
        ["LpPool", { kernel_shape: [2, 2], p: 3 }, "has p 3; 1 and 2 can be"],
        ["Resize", { keep_aspect_ratio_policy: "not_larger" }, "keeps the ratio of sides"],
      ] as const
    ).map(
      ([op, attributes, what]) =>
        [
          `${op} that ${what}`,
          loading(one(op, {}, attributes)),
          new UnsupportedError(`net.onnx: "${op}_0" (${op}) ${what}`, { missing: [op] }),
        ] as const,
    ),
    [
      "slopes along the last axis, as many as there are channels",
      loading(
        onnxFile({
          inputs: { x: [1, 3, 4, 3] },
          constants: { s: weights([3]) },
          nodes: [["PRelu", ["x", "s"], ["y"]]],
          outputs: ["y"],
        }),
      ),
      new UnsupportedError('net.onnx: "PRelu_0" (PRelu) has slopes that differ within a channel', {
        missing: ["PRelu"],
      }),
    ],
    [
      "open sizes",
      loading(one("Relu", { inputs: { x: [1, 3, null, null] } })),
      new FormatError(
        'net.onnx: input "x" has shape [null,null,3]; give it one that fits, as inputShape: [...], got undefined',
      ),
    ],
    [
      "a shape that does not fit",
      loading(one("Relu", { inputs: { x: [1, 3, null, null] } }), { inputShape: [4, 4, 1] }),
      new FormatError(
        'net.onnx: input "x" has shape [null,null,3]; give it one that fits, as inputShape: [...], got [4,4,1]',
      ),
    ],
    [
      "old operators",
      loading(one("Relu", { opset: 6 })),
      new UnsupportedError("net.onnx: the operators must be of set 7 or later, got 6"),
    ],
    [
      "an output that nothing makes",
      loading(one("Relu", { outputs: ["z"] })),
      new FormatError('net.onnx: the output "z", which nothing makes'),
    ],
    [
      "an input that nothing makes",
      loading(one("Add", { nodes: [["Add", ["x", "z"], ["y"]]] })),
      new FormatError('net.onnx: "Add_0" takes ["z"], which nothing makes'),
    ],
    [
      "what does not fit into memory for its few bytes",
      loading(
        one("Resize", { constants: { s: floats([4], [1, 1, 1e6, 1e6]) }, nodes: [["Resize", ["x", "", "s"], ["y"]]] }),
      ),
      new UnsupportedError('net.onnx: "Resize_0" has sizes [1,3,4000000,5000000]; up to 65536 can be', {
        missing: ["Resize"],
      }),
    ],
    [
      "large constants out of nothing",
      loading(
        one("Add", {
          constants: { s: integers([2], [100000, 100000]) },
          nodes: [
            ["ConstantOfShape", ["s"], ["c"]],
            ["Add", ["x", "c"], ["y"]],
          ],
        }),
      ),
      new UnsupportedError(
        'net.onnx: "ConstantOfShape_0" (ConstantOfShape) makes a constant of 10000000000 elements; a file as small as this may make 1048584 more',
        { missing: ["ConstantOfShape"] },
      ),
    ],
    [
      "large constants out of many small ones",
      loading(
        one("Add", {
          constants: { s: integers([2], [1000, 500]) },
          nodes: [
            ...[0, 1, 2, 3].map((i): NodeLine => ["ConstantOfShape", ["s"], [`c${i}`]]),
            ["Add", ["x", "c3"], ["y"]],
          ],
        }),
      ),
      new UnsupportedError(
        `net.onnx: ${[2, 3]
          .map((i) => `"ConstantOfShape_${i}" (ConstantOfShape) makes a constant of 500000 elements`)
          .map((text) => `${text}; a file as small as this may make 48584 more`)
          .join("\n  ")}`,
        { missing: ["ConstantOfShape"] },
      ),
    ],
    [
      "a constant with a batch of its own",
      loading(one("Add", { constants: { c: weights([2, 3, 4, 5]) }, nodes: [["Add", ["x", "c"], ["y"]]] })),
      new UnsupportedError('net.onnx: "Add_0" joins [1,3,4,5] and a constant [2,3,4,5] that has a batch of its own', {
        missing: ["Add"],
      }),
    ],
    [
      "a tensor that holds less than its shape",
      loading(one("Add", { constants: { c: floats([3, 1, 1], [1, 2]) }, nodes: [["Add", ["x", "c"], ["y"]]] })),
      new FormatError('net.onnx: tensor "c" of shape [3,1,1] needs 3 elements, got 2'),
    ],
    ["no nodes", loading(new Uint8Array(0)), new FormatError("net.onnx: this is no ONNX model: it has no nodes")],
    [
      "another kind of file",
      loading(new TextEncoder().encode("<!doctype html>")),
      new FormatError("net.onnx: this is no ONNX model, or it is truncated (invalid end group tag)"),
    ],
    [
      "what is no bytes",
      () => loadOnnx("net.onnx" as never),
      new ArgumentError('loadOnnx: bytes must be a Uint8Array or an ArrayBuffer, got "net.onnx"'),
    ],
    [
      "an unknown layout",
      loading(one("Relu"), { layout: "CHW" }),
      new ArgumentError('loadOnnx: layout must be one of "NHWC", "NCHW", got "CHW"; did you mean "NCHW"?'),
    ],
  ]);
});
