import { expect, it } from "vitest";
import { fromBrain, fromHalf } from "../../src/io/half.ts";

it.each([
  [0x0000, 0],
  [0x8000, -0],
  [0x3c00, 1],
  [0xc000, -2],
  [0x3555, 0.333251953125],
  [0x7bff, 65504],
  [0x0001, 2 ** -24],
  [0x03ff, 1023 * 2 ** -24],
  [0x7c00, Number.POSITIVE_INFINITY],
  [0xfc00, Number.NEGATIVE_INFINITY],
  [0x7e00, Number.NaN],
])("binary16 %i is %d", (bits, value) => {
  expect(fromHalf(bits)).toBe(value);
});

it("bfloat16 is the upper half of an f32, whatever its bits", () => {
  const view = new DataView(new ArrayBuffer(4));
  for (let bits = 0; bits < 65536; bits++) {
    view.setUint32(0, bits << 16);
    const expected = view.getFloat32(0);
    const value = fromBrain(bits);
    if (!Object.is(value, expected)) expect([bits, value]).toEqual([bits, expected]);
  }
});
