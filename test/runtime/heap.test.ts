import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MemoryError } from "../../src/index.ts";
import { Heap } from "../../src/runtime/heap.ts";

describe("Heap", () => {
  it("keeps blocks apart and gives room back, over random allocations and frees", () => {
    const operations = fc.array(fc.record({ free: fc.boolean(), bytes: fc.nat(2000), pick: fc.nat(1000) }), {
      maxLength: 200,
    });
    fc.assert(
      fc.property(operations, (list) => {
        let end = 100;
        const heap = new Heap(100, (needed) => {
          end = Math.max(end, needed);
        });
        const model: { address: number; size: number }[] = [];
        for (const { free, bytes, pick } of list) {
          if (free && model.length > 0) {
            heap.free(model.splice(pick % model.length, 1)[0].address);
          } else {
            const address = heap.allocate(bytes);
            const size = heap.sizeOf(address);
            expect(address % 64).toBe(0);
            expect(address).toBeGreaterThanOrEqual(100);
            expect(size).toBeGreaterThanOrEqual(bytes);
            expect(address + size).toBeLessThanOrEqual(end);
            for (const other of model) {
              const apart = address + size <= other.address || other.address + other.size <= address;
              expect(apart, `${address} overlaps ${other.address}`).toBe(true);
            }
            model.push({ address, size });
          }
          expect(heap.blocks).toBe(model.length);
          expect(heap.used).toBe(model.reduce((sum, { size }) => sum + size, 0));
          expect(heap.peak).toBeGreaterThanOrEqual(heap.used);
        }
        // All given back, everything is one free range again: a block as large as all of it needs no growth.
        for (const { address } of model) heap.free(address);
        const room = Math.floor((end - 128) / 64) * 64;
        const before = end;
        if (room > 0) heap.allocate(room);
        expect(end).toBe(before);
      }),
    );
  });

  it("refuses to free what is not allocated, and to free twice", () => {
    const heap = new Heap(0, () => {});
    const block = heap.allocate(10);
    heap.free(block);
    expect(() => heap.free(block)).toThrow(new MemoryError(`heap: free of ${block}, which is not an allocated block`));
    expect(() => heap.free(12345)).toThrow(MemoryError);
  });

  it("is unchanged where growth fails", () => {
    const heap = new Heap(0, (end) => {
      if (end > 256) throw new MemoryError("no more");
    });
    heap.allocate(128);
    expect(() => heap.allocate(256)).toThrow("no more");
    expect(heap.blocks).toBe(1);
    heap.allocate(128);
    expect(heap.used).toBe(256);
  });
});
