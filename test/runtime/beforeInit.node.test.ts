import { describe, expect, it, vi } from "vitest";

/** Only Node can load the library a second time, into a state before init. */
describe("before init", () => {
  it("everything that needs a runtime asks for init", async () => {
    vi.resetModules();
    const fresh = await import("../../src/index.ts");
    expect(() => fresh.tensor([1])).toThrow('tensor: call "await init()" first');
    expect(() => fresh.zeros([1])).toThrow('zeros: call "await init()" first');
    expect(() => fresh.sequential({ inputShape: [4] }, [fresh.layers.dense({ units: 1 })])).toThrow(
      'sequential: call "await init()" first',
    );
  });
});
