import { expect, it } from "vitest";
import { input, layers, model } from "../../src/index.ts";

function residual() {
  const x = input({ shape: [8, 8, 3], name: 'an "odd" <name>' });
  const y = layers.conv2d({ filters: 3, kernelSize: 3, padding: "same", name: "conv\\1" })(x);
  const shared = layers.activation({ activation: "relu", name: "shared" });
  return model({ inputs: x, outputs: [layers.add()([shared(x), shared(y)]), y] });
}

it("draws a graph in Mermaid: shared layers twice, names escaped", () => {
  expect(residual().toMermaid()).toBe(`flowchart TD
  input0(["an #34;odd#34; #60;name#62;<br>8 x 8 x 3"])
  layer0["conv\\1<br>Conv2D<br>8 x 8 x 3"]
  layer1["shared<br>Activation<br>8 x 8 x 3"]
  layer2["shared:2<br>Activation<br>8 x 8 x 3"]
  layer3["add_1<br>Add<br>8 x 8 x 3"]
  output0(["output<br>8 x 8 x 3"])
  output1(["output<br>8 x 8 x 3"])
  input0 --> layer0
  input0 --> layer1
  layer0 --> layer2
  layer1 --> layer3
  layer2 --> layer3
  layer3 --> output0
  layer0 --> output1
`);
});

it("draws a graph in DOT", () => {
  const [first, second, third, fourth] = residual().toDot().split("\n");
  expect([first, second, third, fourth]).toEqual([
    "digraph model {",
    "  node [shape=box];",
    '  input0 [label="an \\"odd\\" <name>\\n8 x 8 x 3", shape=oval];',
    '  layer0 [label="conv\\\\1\\nConv2D\\n8 x 8 x 3"];',
  ]);
  expect(residual().toDot()).toContain("\n  layer0 -> layer2;\n");
});
