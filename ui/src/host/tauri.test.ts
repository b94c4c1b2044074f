// What the program hands over is under the name it uses for it.
import { afterEach, expect, test, vi } from "vitest";

import { trio } from "./scenes";
import { TauriHost } from "./tauri";

afterEach(() => vi.unstubAllGlobals());

test("what the program handed over is there before anything is asked", () => {
  expect(new TauriHost().start).toBeNull();
  const start = { page: "usage", snapshot: trio() };
  vi.stubGlobal("codexLab", start);
  expect(new TauriHost().start).toBe(start);
});
