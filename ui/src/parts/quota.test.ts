// What a window of quota says, in each of its states.
import { expect, test } from "vitest";

import type { WindowView } from "../generated/WindowView";
import { quota, reading, reset } from "../host/readings";
import { words } from "../words";
import { accountWords, leftPercent, said, scarce, spent } from "./quota";

const now = new Date(2026, 10, 21, 14, 0).getTime();
const at = (minutes: number) => new Date(now + minutes * 60_000).toISOString();
const window = (left: number, part: Partial<WindowView> = {}) => reading(300, left, 0, { resets_at: at(80), observed_at: at(-4), ...part });

test.each<[string, WindowView, [string, string, string]]>([
  ["fine", window(61.2), ["", "62 %", "15:20, in 1 h 20 min"]],
  ["low", window(18), ["Low", "18 %", "15:20, in 1 h 20 min"]],
  ["critical", window(0.4), ["Critical", "1 %", "15:20, in 1 h 20 min"]],
  ["empty", window(0), ["", "Used up", "back 15:20, in 1 h 20 min"]],
  ["without a reset", window(50, { resets_at: null }), ["", "50 %", "reset not known"]],
  ["reset", window(100, { resets_at: at(-12), note: "reset_unverified" }), ["", "Reset", "unverified since 13:48"]],
])("%s", (_, shown, [note, value, resets]) => {
  expect(said(shown, now)).toMatchObject({ note, value, reset: resets });
});

test("an account is used up until all of its empty windows are back", () => {
  const week = (left: number, minutes: number | null) => reading(10_080, left, 0, { resets_at: minutes === null ? null : at(minutes) });
  const of = (windows: WindowView[], part = {}) => spent({ ...quota(windows), ...part }, now);
  expect(of([])).toBeNull();
  expect(of([window(1), week(2, 100)])).toBeNull();
  expect(of([window(0), week(40, 100)])).toBe("Used up until 15:20");
  expect(of([window(0), week(0, 2 * 1440)])).toBe("Used up until Mon 14:00");
  expect(of([window(0), week(0, null)])).toBe("Used up");
  expect(of([window(100, { resets_at: at(-12), note: "reset_unverified" })])).toBeNull();
  const credits = { has_credits: true, unlimited: false, balance: null, overage_limit_reached: null };
  expect(of([window(0)], { credits })).toBe("On credits until 15:20");
  expect(of([window(0)], { credits: { ...credits, has_credits: false } })).toBe("Used up until 15:20");
  const others = quota([window(50)], [{ family: "codex_other", name: null, main: false, windows: [window(0)] }]);
  expect(spent(others, now), "other models have a limit of their own").toBeNull();
});

test("who hears it hears all of it", () => {
  expect(said(window(18), now).spoken).toBe("18 % left, resets 15:20, in 1 h 20 min");
  expect(said(window(0), now).spoken).toBe("0 % left, back 15:20, in 1 h 20 min");
  expect(said(window(9, { resets_at: null }), now).spoken).toBe("9 % left, reset not known");
  expect(said(window(100, { resets_at: at(-12), note: "reset_unverified" }), now).spoken).toContain("nobody has looked since");
});

test.each<[Partial<WindowView>, string]>([
  [{}, "Seen 4 min ago, in an answer of OpenAI."],
  [{ source: "usage", confidence: "medium" }, "Seen 4 min ago, by asking OpenAI. It may have changed since."],
  [{ source: "session_log", confidence: "low" }, "Seen 4 min ago, in a log of Codex. That is long ago."],
  [{ source: "stream", observed_at: null, confidence: "low" }, "Seen in a stream of OpenAI; nobody can tell when."],
])("age and source: %o", (part, seen) => expect(said(window(50, part), now).seen).toBe(seen));

test("numbers stay within the bar, and nothing but nothing is 0", () => {
  expect([0, 0.01, 61.5, 100, 140, -3].map((left) => leftPercent(window(left)))).toEqual([0, 1, 62, 100, 100, 0]);
});

test.each([
  [300, "5 hours"],
  [10_080, "Week"],
  [1440, "Day"],
  [43_200, "30 days"],
  [60, "1 hour"],
  [90, "90 minutes"],
])("a window of %i minutes is %j", (minutes, name) => expect(words.quota.window(minutes)).toBe(name));

test("another family is worth a word where little is left of it", () => {
  const other = { family: "codex_x", name: "Spark", main: false, windows: [reading(300, 44, 50), reading(10_080, 2, 50), reset(60, 1)] };
  expect(scarce(quota([reading(300, 1, 50)], [other])).map(({ window: { minutes } }) => minutes)).toEqual([10_080]);
});

test("credits and limits have a sentence each", () => {
  const credits = { has_credits: true, unlimited: false, balance: "12.50", overage_limit_reached: true };
  const spend_limit = { reached: false, limit: "20", used_percent: 39.5, resets_at: null };
  expect(accountWords({ ...quota([]), credits, spend_limit, reset_credits: 1 })).toEqual([
    "Credits left: 12.50; the limit on their use is reached.",
    "Its spend limit of 20 is used to 40 %.",
    "Its windows can be reset once on request.",
  ]);
  expect(accountWords(quota([]))).toEqual([]);
  expect(words.quota.reached("rate_limit_reached")).toBeNull();
  expect(words.quota.reached("brand_new_limit")).toContain("does not know");
});
