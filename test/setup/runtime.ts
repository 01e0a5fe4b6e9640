// Every test file starts with a fresh runtime on the binary that its vitest project names, with guard zones on.
import { beforeAll, expect, inject } from "vitest";
import { init } from "../../src/index.ts";

declare module "vitest" {
  interface ProvidedContext {
    host: "node" | "chromium";
    binary: "simd" | "relaxed";
  }
}

beforeAll(async () => {
  const binary = inject("binary");
  const runtime = await init({ deterministic: binary === "simd", guard: 64 });
  expect(runtime.features.binary, runtime.features.reason).toBe(binary);
  if (inject("host") === "chromium") expect(globalThis.crossOriginIsolated).toBe(true);
});
