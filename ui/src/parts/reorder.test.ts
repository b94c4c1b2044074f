// Moving within a list, by index and by hand.
import { expect, test } from "vitest";

import { moved, slot } from "./reorder";

test.each([
  [0, 2, "bca"],
  [2, 0, "cab"],
  [1, 1, "abc"],
  [0, 9, "bca"],
  [2, -4, "cab"],
  [7, 0, "abc"],
])("from %i to %i gives %s", (from, to, expected) => {
  const list = ["a", "b", "c"];
  expect(moved(list, from, to).join("")).toBe(expected);
  expect(list).toEqual(["a", "b", "c"]);
});

test.each([
  [0, -50, 0],
  [0, 29, 0],
  [0, 31, 1],
  [0, 91, 2],
  [0, 120, 2],
  [0, 900, 2],
  [1, 29, 1],
  [1, 31, 2],
  [1, -31, 0],
  [2, -29, 2],
  [2, -31, 1],
  [2, -91, 0],
  [7, 31, 7],
])("row %i moved by %i px belongs at %i", (from, by, expected) => {
  const bands = [0, 60, 120].map((top) => ({ top, height: 60 }));
  expect(slot(bands, from, by)).toBe(expected);
});
