import { describe, expect, inject, it } from "vitest";
import { ArgumentError, full, init, MemoryError, ops, ShapeError, scope, tensor, zeros } from "../../src/index.ts";
import { currentRuntime } from "../../src/runtime/runtime.ts";
import { refuses } from "../support/invalid.ts";

const deterministic = inject("binary") === "simd";

describe("init", () => {
  it("returns the same runtime for the same options, also while the first is under way", async () => {
    const [a, b] = await Promise.all([init({ deterministic, guard: 64 }), init({ deterministic, guard: 64 })]);
    expect(a).toBe(b);
  });

  it("tells which binary runs and why", () => {
    const { features } = currentRuntime("test");
    expect(features.simd).toBe(true);
    expect(features.binary).toBe(inject("binary"));
    expect(features.reason).not.toBe("");
  });

  it("bounds the memory, and survives reaching the bound", async () => {
    const before = currentRuntime("test");
    const small = await init({ deterministic, memoryLimit: 4 * 2 ** 20 });
    const blocks = small.memory().blocks;
    const message =
      /^memory: the limit of 4194304 bytes is reached \(\d+ bytes needed, \d+ reserved\); raise memoryLimit in init$/;
    expect(() => zeros([2 ** 20 + 1])).toThrow(message);
    expect(small.memory().blocks).toBe(blocks);
    expect(zeros([1000]).size).toBe(1000);
    expect(await init({ deterministic, guard: 64 })).not.toBe(small);
    expect(before.memory().reserved).toBeGreaterThan(0);
  });

  it("says where memory ends for good", () => {
    const message =
      /^memory: the limit of 2147483648 bytes is reached \(\d+ bytes needed, \d+ reserved\); striate reaches no further$/;
    expect(() => zeros([2 ** 15, 2 ** 15])).toThrow(message);
  });

  it("refuses options outside their domain", async () => {
    const text = "init: memoryLimit must be a whole number of bytes from 2^20 to 2^31, got";
    await expect(init({ memoryLimit: 0.5 })).rejects.toThrow(new ArgumentError(`${text} 0.5`));
    await expect(init({ memoryLimit: 2 ** 33 })).rejects.toThrow(new ArgumentError(`${text} ${2 ** 33}`));
    await expect(init({ guard: 1 })).rejects.toThrow(new ArgumentError("init: guard must be a multiple of 64, got 1"));
    await expect(init({ determinstic: true } as never)).rejects.toThrow(
      new ArgumentError(
        'init: every option must be one of "deterministic", "memoryLimit", "guard", "module", got "determinstic"; did you mean "deterministic"?',
      ),
    );
  });
});

describe("memory", () => {
  it("views survive growth: data is derived anew", () => {
    const x = tensor([1, 2, 3]);
    const runtime = currentRuntime("test");
    const { reserved } = runtime.memory();
    const large = zeros([reserved / 4 + 1000]);
    expect(runtime.memory().reserved).toBeGreaterThan(reserved);
    expect([...x.data]).toEqual([1, 2, 3]);
    expect([...ops.relu(x).data]).toEqual([1, 2, 3]);
    large.dispose();
  });

  it("guard zones tell of a stray write", () => {
    const runtime = currentRuntime("test");
    const x = zeros([5]);
    runtime.f32[x.pointer / 4 + 5] = 1;
    expect(() => x.dispose()).toThrow(new MemoryError("heap: a write 20 bytes into a block of 20 bytes"));
  });
});

describe("scope", () => {
  it("disposes what is made in it, but not what it returns", () => {
    const { blocks } = currentRuntime("test").memory();
    let inner = zeros([1]);
    inner.dispose();
    const kept = scope(() => {
      inner = zeros([2]);
      return { sum: [full([2], 3)], other: 4 };
    });
    expect(inner.disposed).toBe(true);
    expect([...kept.sum[0].data]).toEqual([3, 3]);
    kept.sum[0].dispose();
    expect(currentRuntime("test").memory().blocks).toBe(blocks);
  });

  it("disposes all when the body throws, and nests", () => {
    const { blocks } = currentRuntime("test").memory();
    expect(() =>
      scope(() => {
        zeros([2]);
        scope(() => zeros([3]));
        throw new Error("stop");
      }),
    ).toThrow("stop");
    expect(currentRuntime("test").memory().blocks).toBe(blocks);
  });
});

describe("tensor", () => {
  it("takes nested arrays, flat ones with a shape, typed arrays and a number", () => {
    expect(
      tensor([
        [1, 2],
        [3, 4],
      ]).shape,
    ).toEqual([2, 2]);
    expect(tensor([1, 2, 3, 4], [2, 2]).toArray()).toEqual([
      [1, 2],
      [3, 4],
    ]);
    expect(tensor(Uint8Array.of(7, 8)).toArray()).toEqual([7, 8]);
    expect(tensor(5).shape).toEqual([]);
    expect(tensor(5).toArray()).toBe(5);
  });

  it("ends with `using`", () => {
    const x = zeros([1]);
    {
      using y = x;
      expect(y.disposed).toBe(false);
    }
    expect(x.disposed).toBe(true);
  });

  const gone = () => {
    const x = zeros([2]);
    x.dispose();
    return x;
  };
  refuses([
    [
      "a length that does not fit",
      () => tensor([1, 2, 3], [2, 2]),
      new ShapeError("tensor: shape [2,2] holds 4 elements, but data has 3"),
    ],
    [
      "ragged arrays",
      () => tensor([[1, 2], [3]]),
      new ShapeError("tensor: data must be regular, got 1 where 2 elements stand on axis 1"),
    ],
    [
      "a fractional shape",
      () => tensor([1], [1.5]),
      new ShapeError("tensor: shape must hold whole numbers >= 1, got [1.5]"),
    ],
    [
      "text",
      () => tensor("abc" as never),
      new ArgumentError('tensor: data must be numbers, arrays or a typed array, got "abc"'),
    ],
    ["nothing", () => tensor([]), new ShapeError("tensor: data must not be empty, got []")],
    ["data after dispose", () => gone().data, new MemoryError("tensor [2]: used after dispose")],
  ]);
});
