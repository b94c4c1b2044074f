// Keys draw the window larger and smaller, within 100 and 200 percent, and the next window is as large.
import { expect, test } from "vitest";

import { ScriptedHost } from "../host/scripted";
import { trio } from "../host/scenes";
import { followZoom, zoomed } from "./zoom";

const ctrl = (key: string) => ({ key, ctrlKey: true, metaKey: false, altKey: false });

test.each([
  ["+", 100, 110],
  ["=", 150, 175],
  ["+", 200, 200],
  ["-", 125, 110],
  ["-", 100, 100],
  ["0", 175, 100],
  ["p", 100, null],
])("%s at %i", (key, now, then) => {
  expect(zoomed(ctrl(key), now)).toBe(then);
  expect(zoomed({ ...ctrl(key), ctrlKey: false }, now)).toBeNull();
  expect(zoomed({ ...ctrl(key), ctrlKey: false, metaKey: true }, now)).toBe(then);
  expect(zoomed({ ...ctrl(key), altKey: true }, now)).toBeNull();
});

test("what was chosen is there in the next window", () => {
  localStorage.clear();
  const first = new ScriptedHost(trio());
  const letGo = followZoom(first);
  for (const key of ["+", "+"]) window.dispatchEvent(new KeyboardEvent("keydown", { key, ctrlKey: true }));
  expect(first.zoomed).toBe(125);
  letGo();
  window.dispatchEvent(new KeyboardEvent("keydown", { key: "+", ctrlKey: true }));
  expect(first.zoomed).toBe(125);
  const next = new ScriptedHost(trio());
  followZoom(next)();
  expect(next.zoomed).toBe(125);
  localStorage.clear();
});
