// What is typed and said of routing.
import { expect, test } from "vitest";

import type { Reason } from "../generated/Reason";
import { row, routing } from "../host/scenes";
import { words } from "../words";
import { dollars } from "../words/money";
import { chosen, forcedFor, found, holds, inOrder, nameOf, readCap, readThresholds, shortSession, wallOf } from "./routing";

const now = new Date(2026, 10, 21, 14, 0).getTime();
const at = (minutes: number) => new Date(now + minutes * 60_000).toISOString();

test.each<[string, string, string[]]>([
  ["20", "5", []],
  [" 1 ", "0", []],
  ["100", "99", []],
  ["20", "20", ["order"]],
  ["5", "20", ["order"]],
  ["0", "5", ["low"]],
  ["", "x", ["low", "critical"]],
  ["101", "1.5", ["low", "critical"]],
])("low %j and critical %j", (low, critical, faulty) => {
  expect(Object.keys(readThresholds({ low, critical }).faults ?? {})).toEqual(faulty);
});

test("thresholds the wrong way round are both named", () => {
  expect(readThresholds({ low: "5", critical: "20" }).faults?.order).toBe("Critical (20 %) has to be below Low (5 %).");
});

test.each([
  ["", null],
  ["5", 500],
  ["$5.5", 550],
  [" 0.05 ", 5],
  ["4.10", 410],
  ["5.555", undefined],
  ["-5", undefined],
  ["five", undefined],
  ["99999999", undefined],
])("a cap of %j is %j cents", (text, cents) => expect(readCap(text)).toBe(cents));

test("cents are said as they are typed", () => {
  expect([500, 550, 5, 0].map(dollars)).toEqual(["5", "5.50", "0.05", "0"]);
});

test.each<[Reason, string]>([
  ["paused", "Paused by you."],
  [{ exhausted: { minutes: 300, resets_at: at(80) } }, "Its 5-hour limit is used up; back in 1 h 20 min."],
  [{ exhausted: { minutes: 10_080, resets_at: null } }, "Its weekly limit is used up."],
  [{ blocked: { kind: "forbidden", until: at(5) } }, "OpenAI refused it without a reason; tried again in 5 min."],
  [{ blocked: { kind: "rate_limited", until: at(1) } }, "It had too many requests in a short time; back in 1 min."],
  [{ on_trial: { kind: "unreliable" } }, "Its last attempt failed; another request is just trying whether that is over."],
  [{ workspace_out: { until: null } }, "Its workspace has no credits left."],
])("%j", (reason, said) => expect(found({ refused: [reason] }, now)).toBe(said));

test("several reasons are all told, and a rank is one too", () => {
  expect(found({ refused: ["paused", "role_wall"] }, now)).toBe("Paused by you. It stands on the other side of a wall.");
  expect(found({ eligible: { rank: "preferred" } }, now)).toBe("Ready.");
});

test("who serves is told by name, and nobody as such", () => {
  const decision = { at: at(0), session: null, family: "codex", model: null, tried: [], verdicts: [], others: 0, times: 1 };
  expect(chosen({ ...decision, chosen: { profile: "a", choice: "sticky" } }, { a: "main" })).toBe("main: the session is at home there");
  expect(chosen({ ...decision, chosen: null }, {})).toBe("Nobody: no account can serve");
  expect(nameOf("gone", {})).toBe(words.routing.removedProfile);
});

test("a force holds until its time", () => {
  const force = { profile: "a", until: at(432), strict: false };
  expect([holds(force, now), holds(force, now + 432 * 60_000), holds({ ...force, until: null }, now), holds(null, now)]).toEqual([true, false, true, false]);
  expect(forcedFor(force, now)).toBe("for 7 h 12 min more, until 21:12");
  expect(forcedFor({ ...force, until: null }, now)).toBe("until you stop it");
});

test("the order has what is named first, and everyone", () => {
  const rows = [row(1, "a"), row(2, "b"), row(3, "c")];
  expect(inOrder(rows, [row(3, "").id, "gone", row(1, "").id]).map(({ name }) => name)).toEqual(["c", "a", "b"]);
});

test("a profile stands behind one wall at most, and long ids are cut", () => {
  expect(wallOf("a", { ...routing, walls: { office: ["b"], home: ["a"] } })).toBe("home");
  expect(wallOf("c", routing)).toBeNull();
  expect([shortSession("0192a7b3-6c1d-7000"), shortSession("short")]).toEqual(["0192a7b3-6c1d…", "short"]);
});
