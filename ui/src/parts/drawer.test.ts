// uPlot is read on every desktop, whatever that calls its language.
import { expect, test, vi } from "vitest";

test.each([
  ["C", "en"],
  ["de-DE", "de-DE"],
])("with the language %s", async (language, expected) => {
  vi.resetModules();
  vi.stubGlobal("matchMedia", () => ({ addEventListener: () => {}, removeEventListener: () => {} }));
  Object.defineProperty(navigator, "language", { value: language, configurable: true });
  const { drawer } = await import("./drawer");
  expect(await drawer()).toBeTypeOf("function");
  expect(navigator.language).toBe(expected);
});
