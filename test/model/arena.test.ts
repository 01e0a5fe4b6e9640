import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { layOut, type Tenant } from "../../src/model/arena.ts";

const anyTenant = fc.record({ bytes: fc.integer({ min: 1, max: 5000 }), first: fc.nat(20), length: fc.nat(10) });

describe("layOut", () => {
  it("never lets buffers overlap that are alive together, and needs no more than all of them side by side", () => {
    fc.assert(
      fc.property(fc.array(anyTenant, { maxLength: 40 }), (list) => {
        const tenants: Tenant[] = list.map(({ bytes, first, length }) => ({
          bytes,
          first,
          last: first + length,
          offset: -1,
        }));
        const total = layOut(tenants);
        for (const [i, a] of tenants.entries()) {
          expect(a.offset % 64).toBe(0);
          expect(a.offset + a.bytes).toBeLessThanOrEqual(total);
          for (const b of tenants.slice(i + 1)) {
            const together = a.first <= b.last && b.first <= a.last;
            const apart = a.offset + a.bytes <= b.offset || b.offset + b.bytes <= a.offset;
            expect(!together || apart).toBe(true);
          }
        }
        expect(total).toBeLessThanOrEqual(tenants.reduce((sum, { bytes }) => sum + Math.ceil(bytes / 64) * 64, 0));
      }),
    );
  });

  it("lets a chain of layers live in two buffers", () => {
    const chain = Array.from({ length: 10 }, (_, i) => ({ bytes: 640, first: i, last: i + 1, offset: 0 }));
    expect(layOut(chain)).toBe(1280);
  });
});
