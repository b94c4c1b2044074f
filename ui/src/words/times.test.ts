// Times in a few words; the same cases as the core's.
import { expect, test } from "vitest";

import { past, span, when } from "./en/times";

const now = new Date(2026, 10, 21, 23, 30).getTime();
const at = (day: number, hour: number, minute: number, month = 10, year = 2026) => new Date(year, month, day, hour, minute).toISOString();

test.each([
  [at(21, 23, 59), "23:59"],
  [at(22, 0, 0), "Sun 00:00"],
  [at(26, 14, 0), "Thu 14:00"],
  [at(27, 23, 59), "Fri 23:59"],
  [at(28, 14, 0), "28 Nov"],
  [at(2, 14, 0, 0, 2027), "2 Jan 2027"],
  [at(20, 14, 0), "20 Nov"],
  ["soon", ""],
])("%s is %j", (iso, said) => expect(when(iso, now)).toBe(said));

test.each([
  [-5, "0 s"],
  [59, "59 s"],
  [60, "1 min"],
  [61, "2 min"],
  [3599, "1 h"],
  [3600, "1 h"],
  [7260, "2 h 1 min"],
  [172_800, "2 d"],
  [172_801, "2 d 1 h"],
])("%i seconds are %s", (seconds, said) => expect(span(seconds * 1000)).toBe(said));

test("a time of the past has its day if that was another one", () => {
  expect([at(21, 9, 5), at(20, 14, 0), "once"].map((iso) => past(iso, now))).toEqual(["09:05", "20 Nov, 14:00", ""]);
});
