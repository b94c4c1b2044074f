// The page for activity, operated as a user would.
import { cleanup, fireEvent, screen, waitFor, within } from "@testing-library/svelte";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import type { ActivityEntry } from "../generated/ActivityEntry";
import type { Request } from "../generated/Request";
import { activityOf, happened, manyActivities } from "../host/activities";
import type { ScriptedHost } from "../host/scripted";
import { row, scenes } from "../host/scenes";
import { mark } from "../words/marks";
import { words } from "../words";
import { all, by, isOff, open, press, type } from "./acting";

const three = () => scenes.three!();
const id = (at: number) => row(at, "").id;

beforeEach(() => {
  window.scrollTo = vi.fn() as unknown as typeof window.scrollTo;
  Object.defineProperty(window, "scrollY", { value: 0, writable: true });
});

afterEach(() => {
  cleanup();
  vi.useRealTimers();
});

async function openActivity(entries: ActivityEntry[] | null = null): Promise<ScriptedHost> {
  const host = await open(three());
  host.activity = entries;
  await press(mark.navActivity);
  return host;
}

const asked = (host: ScriptedHost) =>
  host.asked.filter((request): request is Extract<Request, { method: "activity" }> => request.method === "activity").map(({ params }) => params.filter);
const lines = () => all(mark.activityOpen).map((line) => line.textContent!.replace(/\s+/g, " ").trim());
const count = (entries: number) => waitFor(() => expect(by(mark.activity)?.dataset.entries).toBe(String(entries)));

test("each entry says what, why, until when and at what time, by days", async () => {
  const host = await openActivity();
  await count(11);
  expect(asked(host)).toEqual([{ kinds: [], profile: null, search: null, since: null, until: null, before: null, limit: 100 }]);
  expect(lines()[0]).toMatch(/^Switched from main to work you asked for it \d\d:\d\d$/);
  expect(lines()[3]).toMatch(/^work stood in for main its 5-hour limit is used up until .*\d\d:\d\d \d\d:\d\d$/);
  expect(lines()[2]).toMatch(/^You were told that work stands in for main/);
  expect(screen.getAllByRole("list").length).toBeGreaterThan(2);
  const days = screen.getAllByRole("heading", { level: 2 }).map(({ textContent }) => textContent);
  expect(days[0]).toBe("Today");
  expect(new Set(days).size).toBe(days.length);
  expect(lines().join()).not.toContain("was given a session");
});

test("an entry opens to all that is known of it", async () => {
  await openActivity();
  await count(11);
  const entry = all(mark.activityEntry)[3]!;
  expect(within(entry).queryAllByRole("term", { hidden: true })).toEqual([]);
  await press(mark.activityOpen, 3);
  await waitFor(() => expect(within(entry).queryAllByRole("term", { hidden: true }).length).toBeGreaterThan(5));
  const facts = Object.fromEntries(within(entry).getAllByRole("term", { hidden: true }).map((term) => [term.textContent, term.nextElementSibling?.textContent]));
  expect(facts).toMatchObject({ From: "main", To: "work", Why: "its 5-hour limit is used up", Session: expect.stringContaining("0192a7b3"), Model: "gpt-6-sol" });
  const at = all(mark.activityEntry).findIndex(({ dataset }) => dataset.what === "sign_in_failed");
  await press(mark.activityOpen, at);
  await waitFor(() => expect(all(mark.activityEntry)[at]!.textContent).toContain(words.failure.sign_in_expired));
});

test("kinds, an account and words narrow it, and all of it comes back", async () => {
  const host = await openActivity();
  await count(11);
  await press(`${mark.activityKind}-switch`);
  await count(1);
  expect(by(`${mark.activityKind}-switch`)?.getAttribute("aria-pressed")).toBe("true");
  await press(`${mark.activityKind}-choice`);
  await count(2);
  await press(`${mark.activityKind}-switch`);
  await press(`${mark.activityKind}-choice`);
  await count(11);
  await type(mark.activityProfile, id(3));
  await waitFor(() => expect(asked(host).at(-1)?.profile).toBe(id(3)));
  await count(3);
  await type(mark.activitySearch, "no such thing");
  await count(0);
  expect(by(mark.activity)?.textContent).toContain(words.activity.notFound);
  await waitFor(() => expect(by(mark.announcer)?.textContent).toBe("0 entries."));
  expect(isOff(mark.activityCsv)).toBe(true);
  await press(mark.activityClear);
  await count(11);
  expect(document.activeElement).toBe(screen.getByRole("heading", { level: 1 }));
  expect((by(mark.activitySearch) as HTMLInputElement).value).toBe("");
});

test("who types is not asked for at every letter, and a late answer to an old question is dropped", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval"] });
  const host = await openActivity();
  await vi.advanceTimersByTimeAsync(10);
  for (const text of ["w", "we", "week"]) await type(mark.activitySearch, text);
  const late = host.holdNext();
  await vi.advanceTimersByTimeAsync(300);
  expect(asked(host).map(({ search }) => search)).toEqual([null, "week"]);
  await press(`${mark.activityKind}-switch`);
  await type(mark.activitySearch, "");
  await vi.advanceTimersByTimeAsync(300);
  expect(by(mark.activity)?.dataset.entries).toBe("1");
  late();
  await vi.advanceTimersByTimeAsync(10);
  expect(by(mark.activity)?.dataset.entries).toBe("1");
});

test("nothing yet is said as such, and what is there before the answer keeps its room", async () => {
  const host = await open(three());
  host.activity = [];
  const answer = host.holdNext();
  await press(mark.navActivity);
  expect(by(mark.activity)?.textContent).toContain(words.activity.loading);
  expect(by(mark.activity)?.getAttribute("aria-busy")).toBe("true");
  answer();
  await count(0);
  expect(by(mark.activity)?.textContent).toContain(words.activity.none);
  expect(by(mark.activityClear)).toBeNull();
  expect(by(mark.activityMore)).toBeNull();
});

test("five hundred come page by page", { timeout: 20_000 }, async () => {
  const host = await openActivity(manyActivities(three(), 500));
  await count(100);
  for (const more of [200, 300, 400]) {
    await press(mark.activityMore);
    await count(more);
  }
  await press(mark.activityMore);
  await waitFor(() => expect(by(mark.activityMore)).toBeNull());
  expect(new Set(lines()).size).toBeGreaterThan(11);
  expect(asked(host).map(({ before }) => before)).toEqual([null, "100", "200", "300", "400"]);
});

test("what is new comes in by itself, and waits for who reads further down", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "Date"] });
  const some = activityOf(three());
  const host = await openActivity(some);
  await vi.advanceTimersByTimeAsync(10);
  host.activity = [happened("renewed", 0, { to: id(1) }), ...some];
  host.publish({});
  await vi.advanceTimersByTimeAsync(3_000);
  expect(lines()[0]).toContain("The login of main was renewed");
  expect(by(mark.activityFresh)).toBeNull();
  window.scrollY = 900;
  host.activity = [happened("signed_in", -1, { to: id(2) }), ...host.activity];
  await vi.advanceTimersByTimeAsync(31_000);
  expect(lines()[0]).toContain("The login of main was renewed");
  expect(by(mark.activityFresh)?.textContent).toBe(words.activity.fresh(1));
  await press(mark.activityFresh);
  expect(lines()[0]).toContain("Signed in to work again");
  expect(by(mark.activityFresh)).toBeNull();
});

test("what has changed since is shown as it is now", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "Date"] });
  const sent = happened("prime_sent", 5, { key: "prime", to: id(1) });
  const host = await openActivity([sent]);
  await vi.advanceTimersByTimeAsync(10);
  host.activity = [{ ...sent, what: "primed" }];
  host.publish({});
  await vi.advanceTimersByTimeAsync(3_000);
  expect(lines()).toHaveLength(1);
  expect(lines()[0]).toContain("Started main’s week");
});

test("everything that fits goes to the clipboard as both", async () => {
  const host = await openActivity(manyActivities(three(), 700));
  await count(100);
  await press(mark.activityCsv);
  await waitFor(() => expect(host.copied).not.toBeNull());
  const csv = host.copied!.trimEnd().split("\n");
  expect(csv[0]).toBe("at,kind,what,from,to,why,until,session,model,code");
  expect(csv.length).toBeGreaterThan(500);
  expect(csv[1]).toMatch(/^\d{4}-.*Z,switch,switched,main,work,you asked for it,,,,$/);
  host.copied = null;
  await press(mark.activityJson);
  await waitFor(() => expect(host.copied).not.toBeNull());
  const { entries, names } = JSON.parse(host.copied!) as { entries: ActivityEntry[]; names: Record<string, string> };
  expect([entries.length, entries[0]?.what, names[id(1)]]).toEqual([csv.length - 1, "switched", "main"]);
});

test("a refusal is told on the page, and what was known stays", async () => {
  const host = await openActivity();
  await count(11);
  host.refuseNext = { code: "storage", message: "It cannot be read.", hints: [] };
  await press(`${mark.activityKind}-switch`);
  await waitFor(() => expect(by(mark.problem)?.textContent).toContain("It cannot be read."));
  expect(lines()).toHaveLength(11);
  await fireEvent.click(by(`${mark.activityKind}-switch`)!);
  await waitFor(() => expect(by(mark.problem)).toBeNull());
});

test("a removed account keeps its name where it is known, and is called so where not", async () => {
  await openActivity([happened("removed", 1, { to: "ffffffffffffffff" })]);
  await count(1);
  expect(lines()[0]).toContain("Removed a removed account");
});
