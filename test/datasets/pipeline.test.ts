import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ArgumentError, datasets, ops, ShapeError, tensor, zeros } from "../../src/index.ts";
import { refuses } from "../support/invalid.ts";
import { leavesNothing, rejects } from "../support/model.ts";

/** All values for an epoch. */
async function all<T>(values: (epoch: number) => AsyncIterable<T>, epoch = 0): Promise<T[]> {
  const found: T[] = [];
  for await (const value of values(epoch)) found.push(value);
  return found;
}

const numbers = (n: number) => Array.from({ length: n }, (_, i) => i);

/** A source of numbers that tells what is done with it. */
function watched(n = Number.POSITIVE_INFINITY) {
  const seen = { asked: 0, closed: 0, epochs: [] as number[] };
  async function* source(epoch: number) {
    seen.epochs.push(epoch);
    try {
      for (let i = 0; i < n; i++) {
        seen.asked++;
        yield i;
      }
    } finally {
      seen.closed++;
    }
  }
  return { source, seen };
}

describe("map, take and shuffle", () => {
  it("go through arrays, generators, streams and functions that make them", async () => {
    const twice = (value: number) => 2 * value;
    function* generate() {
      yield* numbers(3);
    }
    const stream = new Blob(["abc"]).stream();
    expect(await all(datasets.map(new Set(numbers(3)), twice))).toEqual([0, 2, 4]);
    expect(await all(datasets.map(generate(), twice))).toEqual([0, 2, 4]);
    expect(await all(datasets.map(generate, twice))).toEqual([0, 2, 4]);
    expect(
      await all(
        datasets.map(async function* () {
          yield* generate();
        }, twice),
      ),
    ).toEqual([0, 2, 4]);
    const bytes = await all(
      datasets.map(async function* () {
        for (const reader = stream.getReader(); ; ) {
          const { done, value } = await reader.read();
          if (done) return;
          yield value.length;
        }
      }, twice),
    );
    expect(bytes.reduce((a, b) => a + b)).toBe(6);
    expect(
      await all(
        datasets.map(
          (epoch: number) => [epoch],
          async (value, i) => [value, i],
        ),
        3,
      ),
    ).toEqual([[3, 0]]);
  });

  it("ask for no more than they give, and close what they leave early", async () => {
    const { source, seen } = watched();
    const steps = datasets.take(
      datasets.map(source, (value) => value + 1),
      5,
    );
    const iterator = steps(0);
    expect(seen).toEqual({ asked: 0, closed: 0, epochs: [] });
    expect((await iterator.next()).value).toBe(1);
    expect(seen.asked).toBe(1);
    await iterator.return();
    expect(seen.closed).toBe(1);
    expect(await all(steps, 7)).toEqual([1, 2, 3, 4, 5]);
    expect(seen).toEqual({ asked: 6, closed: 2, epochs: [0, 7] });
  });

  it("close their source where a step fails, and leave one alone that failed itself", async () => {
    const { source, seen } = watched();
    const failing = datasets.map(source, (value) => {
      if (value === 2) throw new RangeError("enough");
      return value;
    });
    await expect(all(failing)).rejects.toThrow(new RangeError("enough"));
    expect(seen).toEqual({ asked: 3, closed: 1, epochs: [0] });
    let returned = 0;
    const broken = {
      [Symbol.iterator]: () => ({
        next: () => {
          throw new RangeError("disk");
        },
        return: () => {
          returned++;
          return { done: true, value: 0 } as const;
        },
      }),
    };
    await expect(all(datasets.take(broken, 1))).rejects.toThrow(new RangeError("disk"));
    expect(returned).toBe(0);
  });

  it("shuffle gives each value once, by seed and epoch, none more than the buffer early", async () => {
    const anyCase = fc.record({
      n: fc.integer({ min: 0, max: 40 }),
      bufferSize: fc.integer({ min: 1, max: 50 }),
      seed: fc.maxSafeNat(),
      epoch: fc.nat(),
    });
    await fc.assert(
      fc.asyncProperty(anyCase, async ({ n, bufferSize, seed, epoch }) => {
        const shuffled = datasets.shuffle(() => numbers(n), { bufferSize, seed });
        const order = await all(shuffled, epoch);
        expect([...order].sort((a, b) => a - b)).toEqual(numbers(n));
        expect(await all(shuffled, epoch)).toEqual(order);
        order.forEach((value, i) => expect(value).toBeLessThanOrEqual(i + bufferSize));
      }),
    );
    const shuffled = datasets.shuffle(() => numbers(40), { bufferSize: 40 });
    expect(await all(shuffled, 1)).not.toEqual(await all(shuffled, 0));
    expect(await all(datasets.shuffle(() => numbers(40), { bufferSize: 40, seed: 1 }))).not.toEqual(
      await all(shuffled),
    );
  });

  it("shuffle with a buffer for all makes every order equally likely", async () => {
    const counts = new Map<string, number>();
    const shuffled = datasets.shuffle(() => numbers(3), { bufferSize: 3 });
    const rounds = 3000;
    for (let epoch = 0; epoch < rounds; epoch++) {
      const order = (await all(shuffled, epoch)).join("");
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect(counts.size).toBe(6);
    const chiSquare = [...counts.values()].reduce((sum, n) => sum + (n - rounds / 6) ** 2 / (rounds / 6), 0);
    expect(chiSquare).toBeLessThan(5 + 4 * Math.sqrt(10)); // 5 degrees of freedom: deviation sqrt 10
  });

  it("shuffle holds a buffer and no more", async () => {
    const { source, seen } = watched(100);
    const iterator = datasets.shuffle(source, { bufferSize: 8 })(0);
    await iterator.next();
    expect(seen.asked).toBe(9);
    await iterator.next();
    expect(seen.asked).toBe(10);
    await iterator.return();
    expect(seen.closed).toBe(1);
  });
});

describe("samples and batch", () => {
  it("are each other's reverse, whatever form the arrays have", async () => {
    const rows = [1, 2, 3, 4, 5].map((i) => [i, -i]);
    const labels = [0, 1, 0, 1, 1];
    const forms: [datasets.Batch, number | undefined][] = [
      [{ x: rows, y: labels }, undefined],
      [{ x: tensor(rows), y: tensor(labels), sampleWeight: labels }, undefined],
      [{ x: Float32Array.from(rows.flat()), y: Uint8Array.from(labels) }, 5],
      [{ x: rows.map((row) => Int8Array.from(row)), y: labels.map((i) => [i, 1 - i]) }, undefined],
      [{ x: rows }, undefined],
    ];
    for (const [given, count] of forms) {
      const batches = await all(datasets.batch(datasets.samples(given, count), { batchSize: 2 }));
      expect(batches.map(({ x }) => (x as unknown[]).length)).toEqual([2, 2, 1]);
      const x = batches.flatMap((batch) => [...(batch.x as Iterable<ArrayLike<number>>)]);
      expect(x.map((row) => Array.from(row))).toEqual(rows);
      expect(batches.every((batch) => (batch.y === undefined) === (given.y === undefined))).toBe(true);
      expect(batches.map((batch) => Array.from(batch.sampleWeight ?? []))).toEqual(
        given.sampleWeight === undefined ? [[], [], []] : [[0, 1], [0, 1], [1]],
      );
    }
    const whole = datasets.batch(datasets.samples({ x: rows }), { batchSize: 2, dropRemainder: true });
    expect(await all(whole)).toHaveLength(2);
  });

  it("does not copy what lies in one typed array", () => {
    const x = new Float32Array(6);
    const [first] = datasets.samples({ x }, 3);
    expect((first.x as Float32Array).buffer).toBe(x.buffer);
  });

  it("copies what a tensor holds, which may move", () => {
    const x = zeros([2, 2]);
    const [first] = datasets.samples({ x });
    const big = zeros([3_000_000]);
    expect(first.x).toEqual(new Float32Array(2));
    big.dispose();
  });
});

describe("mixUp", () => {
  const batches = () => {
    const x = numbers(6).map((i) => Float32Array.of(i, 10 * i, 1));
    const y = numbers(6).map((i) => numbers(6).map((j) => (i === j ? 1 : 0)));
    return datasets.batch(datasets.samples({ x, y }), { batchSize: 6 });
  };

  it("blends targets as it blends samples, by seed, epoch and batch", async () => {
    const mixed = datasets.mixUp(batches(), { alpha: 1, seed: 3 });
    const [{ x, y }] = await all(mixed);
    for (const [i, row] of (x as Float32Array[]).entries()) {
      const shares = (y as Float32Array[])[i];
      expect(shares.reduce((a, b) => a + b)).toBeCloseTo(1, 6);
      expect(shares.filter((share) => share > 0).length).toBeLessThanOrEqual(2);
      const place = shares.reduce((sum, share, j) => sum + share * j, 0);
      expect(row[0]).toBeCloseTo(place, 5);
      expect(row[1]).toBeCloseTo(10 * place, 4);
      expect(row[2]).toBeCloseTo(1, 6);
    }
    expect(await all(mixed)).toEqual([{ x, y }]);
    expect(await all(mixed, 1)).not.toEqual([{ x, y }]);
    expect(await all(datasets.mixUp(batches(), { alpha: 1, seed: 4 }))).not.toEqual([{ x, y }]);
  });

  it("is what the op makes, of tensors too, and leaves no memory behind", async () => {
    await leavesNothing(async () => {
      const x = tensor([
        [1, 2],
        [3, 4],
      ]);
      const [mixed] = await all(datasets.mixUp([{ x, y: [5, 6] }]));
      const weight = 6 - (mixed.y as Float32Array[])[0][0];
      const partners = weight === 1 ? [0, 1] : [1, 0];
      const other = (mixed.y as Float32Array[])[1][0] - 5;
      const expected = ops.mixUp(x, { weights: [weight, other], partners });
      (mixed.x as Float32Array[]).forEach((row, i) => {
        row.forEach((value, j) => expect(value).toBeCloseTo(expected.data[2 * i + j], 5));
      });
      x.dispose();
      expected.dispose();
    });
  });

  rejects([
    [
      "class indices in typed arrays",
      () => all(datasets.mixUp([{ x: [[1]], y: new Uint8Array(1) }])),
      new ArgumentError(
        "mixUp: y must be a tensor or a list, which tell how many samples there are, got Uint8Array(1)",
      ),
    ],
    [
      "rows of different lengths",
      () => all(datasets.mixUp([{ x: [[1], [1, 2]], y: [0, 1] }])),
      new ShapeError("mixUp: x[1] must hold 1 numbers as those before it, got 2"),
    ],
    [
      "batches without targets",
      () => all(datasets.mixUp([{ x: [[1]] }])),
      new ArgumentError("mixUp: a batch must be an object { x, y } of samples and targets, got Object"),
    ],
  ]);
});

describe("what is no data", () => {
  rejects([
    [
      "a number",
      () => all(datasets.take(5 as never, 1)),
      new ArgumentError("take: the data must be iterable, or a function that returns what is, got 5"),
    ],
    [
      "a function that makes none",
      () => all(datasets.map(() => null as never, String)),
      new ArgumentError("map: the data must be iterable, or a function that returns what is, got null"),
    ],
    [
      "pairs for samples",
      () => all(datasets.batch([[1, 2]] as never, { batchSize: 1 })),
      new ArgumentError("batch: a sample must be an object { x, y }, got [1,2]"),
    ],
  ]);
  refuses([
    [
      "a buffer of nothing",
      () => datasets.shuffle([], { bufferSize: 0 }),
      new ArgumentError("shuffle: bufferSize must be a whole number >= 1, got 0"),
    ],
    [
      "batches of half a sample",
      () => datasets.batch([], { batchSize: 0.5 }),
      new ArgumentError("batch: batchSize must be a whole number >= 1, got 0.5"),
    ],
    [
      "an alpha of 0",
      () => datasets.mixUp([], { alpha: 0 }),
      new ArgumentError("mixUp: alpha must be a finite number > 0, got 0"),
    ],
    [
      "a map by nothing",
      () => datasets.map([], undefined as never),
      new ArgumentError("map: change must be a function, got undefined"),
    ],
    [
      "samples in a typed array that does not tell how many",
      () => datasets.samples({ x: new Float32Array(4) }),
      new ArgumentError("samples: count must be a whole number >= 1, got undefined"),
    ],
    [
      "targets for other samples",
      () => datasets.samples({ x: [[1], [2]], y: [1, 2, 3] }),
      new ArgumentError("samples: y must hold 2 samples, got 3"),
    ],
    [
      "a typed array that does not divide",
      () => datasets.samples({ x: new Float32Array(5) }, 2),
      new ArgumentError("samples: x must hold 2 samples, got Float32Array(5)"),
    ],
  ]);
});
