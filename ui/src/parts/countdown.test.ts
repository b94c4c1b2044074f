// Time left, at its edges.
import { expect, test } from "vitest";

import { left, spoken } from "./countdown";

const noon = Date.parse("2026-11-02T12:00:00Z");

test.each([
  ["2026-11-02T12:15:00Z", "15:00", 900, false],
  ["2026-11-02T12:14:59.001Z", "15:00", 900, false],
  ["2026-11-02T12:01:00Z", "1:00", 60, false],
  ["2026-11-02T12:00:59Z", "0:59", 59, true],
  ["2026-11-02T12:00:00.001Z", "0:01", 1, true],
  ["2026-11-02T12:00:00Z", "0:00", 0, true],
  ["2026-11-02T11:00:00Z", "0:00", 0, true],
])("until %s it is %s", (deadline, text, seconds, short) => {
  expect(left(deadline, noon)).toEqual({ text, seconds, short });
});

test("no deadline, or one that is no date, counts nothing down", () => {
  expect(left(null, noon)).toBeNull();
  expect(left("soon", noon)).toBeNull();
});

test("a screen reader hears it twice, not every second", () => {
  const said = Array.from({ length: 901 }, (_, seconds) => spoken(seconds)).filter((text) => text !== null);
  expect(said).toEqual(["One minute left to sign in.", "5 minutes left to sign in."]);
});
