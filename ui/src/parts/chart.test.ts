// What the chart is made of: columns, steps, dashes from now on, ticks, and marks that stay apart.
import { expect, test } from "vitest";

import { aheadAt, byDay, chartEnd, columns, heldAt, isByDay, spread, timeTicks, type Line } from "./chart";

const line = (points: [number, number][], part: Partial<Line> = {}): Line => ({
  id: "a",
  key: "1",
  name: "main",
  tone: "blue",
  points: points.map(([at, left]) => ({ at, left })),
  end: 100,
  ahead: null,
  ...part,
});
const ahead = (at: number, left: number) => ({ to: { at, left }, out: left === 0 });

test("lines of different times share their columns, each value holds until the next, forecasts begin now", () => {
  const first = line([[10, 80], [50, 40]], { ahead: ahead(140, 0) });
  const second = line([[30, 90]], { end: 60 });
  expect(columns([first, second], 100, 150)).toEqual({
    at: [10, 30, 50, 60, 100, 140, 150],
    held: [
      [80, 80, 40, 40, 40, null, null],
      [null, 90, 90, 90, null, null, null],
    ],
    ahead: [
      [null, null, null, null, 40, 0, null],
      [null, null, null, null, null, null, null],
    ],
  });
});

test("a forecast that ends beyond the chart is cut at its edge, and one of a line without points is none", () => {
  const { at, ahead: onwards } = columns([line([[0, 50]], { ahead: ahead(300, 0) }), line([], { ahead: ahead(120, 0) })], 100, 150);
  expect(at).toEqual([0, 100, 150]);
  expect(onwards).toEqual([[null, 50, 37.5], [null, null, null]]);
});

test("nothing at all is still a chart", () => expect(columns([], 100, 104)).toEqual({ at: [100, 104], held: [], ahead: [] }));

test.each<[string, number[], number]>([
  ["a thin edge without forecasts", [], 104],
  ["up to the last end of a forecast", [110, 130], 130],
  ["but a third of the width at most", [110, 900], 148],
])("the chart goes on: %s", (_, ends, expected) => {
  expect(chartEnd(ends.map((at) => line([[0, 50]], { ahead: ahead(at, 0) })), 4, 100)).toBe(expected);
});

test.each([
  [5, null, null],
  [10, 80, null],
  [60, 40, null],
  [100, 40, 40],
  [120, null, 20],
  [140, null, 0],
  [141, null, null],
])("at %d the line holds %j and goes on with %j", (at, held, onwards) => {
  const told = line([[10, 80], [50, 40]], { ahead: ahead(140, 0) });
  expect([heldAt(told, at), aheadAt(told, 100, at)]).toEqual([held, onwards]);
});

const local = (day: number, hour = 0, minute = 0) => new Date(2026, 10, day, hour, minute).getTime();

test.each<[string, number, number, number, string[]]>([
  ["a day", local(20, 18, 20), local(21, 18, 20), 5, ["Sat 21", "06:00", "12:00", "18:00"]],
  ["hours", local(20, 21, 20), local(21, 1), 5, ["22:00", "23:00", "Sat 21", "01:00"]],
  ["a week", local(15, 12), local(22, 12), 8, ["Mon 16", "Tue 17", "Wed 18", "Thu 19", "Fri 20", "Sat 21", "Sun 22"]],
  ["a week with little room", local(15), local(22), 4, ["15 Nov", "17 Nov", "19 Nov", "21 Nov"]],
  ["weeks", local(2, 12), local(25, 12), 6, ["7 Nov", "12 Nov", "17 Nov", "22 Nov"]],
])("ticks of %s are whole times with their words", (_, from, to, most, expected) => {
  const ticks = timeTicks(from, to, most);
  expect(ticks.map(({ text }) => text).slice(0, expected.length)).toEqual(expected);
  expect(ticks.length).toBeLessThanOrEqual(most + 1);
  expect(ticks.every(({ at }) => at >= from && at <= to)).toBe(true);
});

test.each<[number[], number[]]>([
  [[], []],
  [[50], [50]],
  [[10, 60], [10, 60]],
  [[50, 52, 51], [50, 70, 60]],
  [[99, 98, 100], [90, 80, 100]],
  [[-5, 0], [0, 10]],
])("marks at %j are drawn at %j", (heights, expected) => expect(spread(heights, 10, 0, 100)).toEqual(expected));

test.each<[number, number, boolean]>([
  [300, 24, false],
  [300, 168, true],
  [10_080, 720, false],
  [1440, 168, false],
  [1440, 720, true],
])("windows of %d minutes in %d hours are told by day: %j", (minutes, hours, expected) => expect(isByDay(minutes, 0, hours * 3_600_000)).toBe(expected));

test("by day the least of each day is told, and at the end what is left now", () => {
  const told = byDay(line([[local(18, 9), 80], [local(18, 14), 20], [local(18, 20), 90], [local(20, 10), 70], [local(21, 8), 30], [local(21, 11), 95]], { end: local(21, 12) }));
  expect(told.points.map(({ at, left }) => [at, left])).toEqual([[local(18, 9), 20], [local(20), 70], [local(21), 30], [local(21, 12), 95]]);
  expect(byDay(line([])).points).toEqual([]);
});
