// The rows of the Usage page: which, in what order, in which colours, and what they say.
import { expect, test } from "vitest";

import type { Forecast } from "../generated/Forecast";
import type { ProfileRow } from "../generated/ProfileRow";
import type { UsageHistory } from "../generated/UsageHistory";
import { quota, reading, reset } from "../host/readings";
import { row } from "../host/scenes";
import { words } from "../words";
import { ALL } from "./chart";
import { ahead, csv, firstShown, lengths, order, pointRows, shownLength, usageRows } from "./usage";

const WEEK = 10_080;
const now = new Date(2026, 10, 21, 12).getTime();
const iso = (hours: number) => new Date(now + hours * 3_600_000).toISOString();
const forecast = (percent_per_hour: number, out: number | null, resets: number | null): Forecast => ({
  percent_per_hour,
  runs_out_at: out === null ? null : iso(out),
  resets_at: resets === null ? null : iso(resets),
});

function weekly(at: number, left: number, part: Partial<ProfileRow> = {}): ProfileRow {
  return row(at, `account-${at}`, { quota: quota([reading(WEEK, left, 2000)]), ...part });
}

/** A history in which each profile's window was used as told, an hour apart. */
function historyOf(used: [ProfileRow, number[], Forecast | null][], part: Partial<UsageHistory> = {}): UsageHistory {
  const windows = used.map(([{ id, name }, percents, forecast]) => ({
    profile: id,
    name,
    minutes: WEEK,
    points: percents.map((used_percent, at) => ({ at: iso(at - percents.length), used_percent })),
    forecast,
  }));
  return { since: iso(-168), until: iso(0), windows, together: [], ...part };
}

// The same table as in view/forecast.rs.
test.each<[number, number | null, number | null, string, string]>([
  [1.44, 122, 142, "1.4 % an hour", "runs out Thu 14:00"],
  [0.5, null, 142, "0.5 % an hour", "lasts until the reset Fri 10:00"],
  [0.04, null, null, "nothing used of late", "does not run out"],
  [9.96, null, null, "10 % an hour", "does not run out"],
  [23.4, 0, 142, "23 % an hour", "used up"],
])("a forecast of %d an hour says how fast and until when", (pace, out, resets, expectedPace, expectedEnd) => {
  const told = forecast(pace, out, resets);
  expect([words.usage.pace(told), words.usage.end(told, now)]).toEqual([expectedPace, expectedEnd]);
});

test("without a forecast there is one sentence", () => expect([words.usage.pace(null), words.usage.end(null, now)]).toEqual(["too little was seen", ""]));

test.each<[string, number, Forecast, [number, number, boolean] | null]>([
  ["to where nothing is left", 40, forecast(2, 20, 30), [20, 0, true]],
  ["to the reset", 40, forecast(1, null, 30), [30, 10, false]],
  ["of several no further than the first reset, which gives back", 40, forecast(1, 50, 30), [30, 10, false]],
  ["as far as any chart, without an end", 40, forecast(0, null, null), [720, 40, false]],
  ["nowhere, where nothing is left already", 0, forecast(1, 0, 30), null],
  ["nowhere, where the reset has passed", 40, forecast(1, null, -1), null],
])("a line goes on %s", (_, left, told, expected) => {
  const found = ahead(left, told, now);
  expect(found && [(found.to.at - now) / 3_600_000, found.to.left, found.out]).toEqual(expected);
});

test("the lengths there are, and the week first if there is one", () => {
  const five = row(1, "five", { quota: quota([reading(300, 50, 20)]) });
  expect(lengths([weekly(2, 50), five, row(3, "unseen")])).toEqual([300, WEEK]);
  expect([shownLength(null, [300, WEEK]), shownLength(300, [300, WEEK]), shownLength(60, [300]), shownLength(null, [])]).toEqual([WEEK, 300, 300, null]);
});

test("six stay in the user's order; of more, those come first that were used most, resets or not", () => {
  const [a, b, c, ...rest] = Array.from({ length: 7 }, (_, at) => weekly(at + 1, 50)) as [ProfileRow, ProfileRow, ProfileRow, ...ProfileRow[]];
  const history = historyOf([[a, [90, 90], null], [b, [0, 30], null], [c, [90, 100, 0, 40], null], ...rest.map((row): [ProfileRow, number[], null] => [row, [], null])]);
  expect(order([a, b, c, ...rest], WEEK, history).slice(0, 3)).toEqual([c.id, b.id, a.id]);
  expect(order([a, b, c], WEEK, history)).toEqual([a.id, b.id, c.id]);
  expect(order([a, b, c, ...rest], WEEK, null)[0]).toBe(a.id);
});

test("rows are those of the snapshot: words before the history, nothing of who was removed, new ones last", () => {
  const [main, work, removed, added] = [weekly(1, 18), weekly(2, 71), weekly(3, 50), weekly(4, 4)];
  const before = usageRows([main, work], WEEK, null, [], now);
  expect(before.map(({ line, left, pace, forecast }) => [line.key, left, pace, forecast])).toEqual([["All", "", "", ""], ["1", "Low: 18 %", "", ""], ["2", "71 %", "", ""]]);
  const history = historyOf([[main, [70, 82], forecast(2, 9, 30)], [work, [29], null], [removed, [50], null]], {
    together: [{ minutes: WEEK, profiles: 2, points: [{ at: iso(-1), used_percent: 55.6 }], forecast: forecast(1, null, 30) }],
  });
  const rows = usageRows([added, main, work], WEEK, history, [main.id, work.id], now);
  expect(rows.map(({ line, left, pace, forecast }) => [line.name, left, pace, forecast])).toEqual([
    ["All together", "45 %", "1.0 % an hour", "lasts until the reset Sun 18:00"],
    ["account-1", "Low: 18 %", "2.0 % an hour", "runs out 21:00"],
    ["account-2", "71 %", "too little was seen", ""],
    ["account-4", "Critical: 4 %", "too little was seen", ""],
  ]);
  expect(rows[1]?.line.points.map(({ left }) => left)).toEqual([30, 18]);
});

test("one account has no line for all", () => {
  expect(usageRows([weekly(1, 18)], WEEK, null, [], now).map(({ line }) => line.id)).toEqual([row(1, "").id]);
});

test("what was left before a reset that nobody has seen ends there", () => {
  const passed = row(1, "main", { quota: quota([reset(WEEK, 30)]) });
  const until = new Date(Date.now()).toISOString();
  const history = { ...historyOf([[passed, [40], null]]), until };
  const [found] = usageRows([passed], WEEK, history, [], Date.parse(until));
  expect(found?.left).toBe("Reset, unverified");
  expect(Math.round((Date.parse(until) - (found?.line.end ?? 0)) / 60_000)).toBe(30);
});

test("marks keep their colours, the others get those that are free", () => {
  const marked = (at: number, colour: ProfileRow["details"]["colour"]) => weekly(at, 50, { details: { ...row(at, "").details, colour } });
  const tones = (rows: ProfileRow[]) => usageRows(rows, WEEK, null, [], now).slice(1).map(({ line }) => line.tone);
  expect(tones([weekly(1, 50), marked(2, "blue"), weekly(3, 50)])).toEqual(["orange", "blue", "green"]);
  expect(tones([marked(1, "pink"), marked(2, "pink")])).toEqual(["pink", "pink"]);
  const many = tones(Array.from({ length: 14 }, (_, at) => weekly(at + 1, 50)));
  expect(new Set(many.slice(0, 6)).size).toBe(6);
  expect(many[6]).toBe(many[0]);
  expect(many[12]).toBe(many[0]);
});

test("all together and the first six are shown", () => {
  const rows = usageRows(Array.from({ length: 9 }, (_, at) => weekly(at + 1, 50)), WEEK, null, [], now);
  expect(firstShown(rows)).toEqual([ALL, ...[1, 2, 3, 4, 5, 6].map((at) => row(at, "").id)]);
  expect(firstShown(rows.slice(1, 2))).toEqual([row(1, "").id]);
});

test("points are listed newest first, and copied as the terminal prints them", () => {
  const [main, odd] = [weekly(1, 18), weekly(2, 71, { name: 'the "odd", one' })];
  const history = historyOf([[main, [70, 82.25], null], [odd, [29], null]]);
  const lines = usageRows([main, odd], WEEK, history, [], now).map(({ line }) => line);
  expect(pointRows(lines).map(({ name, left }) => [name, left])).toEqual([["account-1", 17.75], ['the "odd", one', 71], ["account-1", 30]]);
  expect(csv(history)).toBe(`profile,window_minutes,at,used_percent\n"account-1",10080,${iso(-2)},70\n"account-1",10080,${iso(-1)},82.25\n"the ""odd"", one",10080,${iso(-1)},29\n`);
});
