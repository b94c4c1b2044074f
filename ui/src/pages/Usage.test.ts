// The page for usage, operated as a user would. There is no canvas: what uPlot is given stands for what it draws.
import { cleanup, waitFor, within } from "@testing-library/svelte";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import type { Request } from "../generated/Request";
import type { Snapshot } from "../generated/Snapshot";
import type { ScriptedHost } from "../host/scripted";
import { row, scenes } from "../host/scenes";
import { mark } from "../words/marks";
import { words } from "../words";
import { all, by, isOff, open, press } from "./acting";

const { drawn } = vi.hoisted(() => ({ drawn: [] as { series: { dash?: number[] }[]; values: unknown[][]; gone: boolean }[] }));

vi.mock("uplot", () => ({
  default: class {
    static readonly paths = { stepped: () => () => null };
    private readonly record: (typeof drawn)[number];
    constructor(options: { series: { dash?: number[] }[] }, values: unknown[][]) {
      this.record = { series: options.series, values, gone: false };
      drawn.push(this.record);
    }
    destroy() {
      this.record.gone = true;
    }
  },
}));

beforeEach(() => drawn.splice(0));
afterEach(() => {
  cleanup();
  vi.useRealTimers();
});

async function openUsage(snapshot: Snapshot): Promise<ScriptedHost> {
  const host = await open(snapshot);
  await press(mark.navUsage);
  return host;
}

const asked = (host: ScriptedHost) =>
  host.asked.filter((request): request is Extract<Request, { method: "usage_history" }> => request.method === "usage_history").map(({ params }) => params.hours);
const shown = () => by(mark.usageChart)?.dataset.lines?.split(" ");
const cells = (at: number) => within(all(mark.usageRow)[at]!).getAllByRole("cell").map(({ textContent }) => textContent.trim());
/** What is drawn now. */
const plot = () => drawn.filter(({ gone }) => !gone);
const id = (at: number) => row(at, "").id;

test("each account has a line, a dashed one from now on, and its words in the table", async () => {
  const host = await openUsage(scenes.usage!());
  await waitFor(() => expect(plot()).toHaveLength(1));
  expect(asked(host)).toEqual([168]);
  expect(shown()).toEqual(["all", id(1), id(2), id(3)]);
  expect(plot()[0]?.series.map(({ dash }) => dash !== undefined)).toEqual([false, false, false, false, false, true, true, true, true]);
  expect(plot()[0]?.values).toHaveLength(9);
  expect(cells(1)).toEqual(["Low: 18 %", "1.0 % an hour", expect.stringMatching(/^runs out .*\d\d:\d\d$/)]);
  expect(cells(2)[2]).toMatch(/^lasts until the reset /);
  expect(by(mark.usageChart)?.getAttribute("aria-label")).toContain("The table below it says the same.");
  expect(by(mark.usageSome)).toBeNull();
});

test("the table stands before the history has come, and a late answer to an old question is dropped", async () => {
  const host = await open(scenes.usage!());
  const answer = host.holdNext();
  await press(mark.navUsage);
  expect(cells(1)).toEqual(["Low: 18 %", "", ""]);
  expect(by(mark.usageChart)?.textContent).toContain(words.usage.loading);
  expect(isOff(mark.usageCsv)).toBe(true);
  await press(`${mark.usageSpan}-24`);
  await waitFor(() => expect(plot()).toHaveLength(1));
  const before = plot()[0];
  answer();
  await Promise.resolve();
  await waitFor(() => expect(asked(host)).toEqual([168, 24]));
  expect(plot()).toEqual([before]);
});

test("another window is shown without asking, another time is asked for", async () => {
  const host = await openUsage(scenes.usage!());
  await waitFor(() => expect(plot()).toHaveLength(1));
  await press(`${mark.usageWindow}-300`);
  await waitFor(() => expect(cells(3)).toEqual([words.usage.unverified, "too little was seen", ""]));
  expect(by(mark.usage)?.textContent).toContain(words.usage.byDay);
  expect(asked(host)).toEqual([168]);
  await press(`${mark.usageSpan}-24`);
  await waitFor(() => expect(asked(host)).toEqual([168, 24]));
  await waitFor(() => expect(by(mark.usage)?.textContent).not.toContain(words.usage.byDay));
});

test("lines go and come back, and none is an answer too", async () => {
  await openUsage(scenes.usage!());
  await waitFor(() => expect(plot()).toHaveLength(1));
  await press(mark.usageShow, 2);
  expect(shown()).toEqual(["all", id(1), id(3)]);
  expect(by(mark.usageSome)?.textContent).toBe(words.usage.someShown(2, 3));
  for (const at of [0, 1, 3]) await press(mark.usageShow, at);
  expect(by(mark.usageChart)?.textContent).toContain(words.usage.nothingShown);
  await press(mark.usageShow, 2);
  expect(shown()).toEqual([id(2)]);
  await waitFor(() => expect(plot()[0]?.series).toHaveLength(3));
});

test("of fifty the six that were used most are drawn, the others can be chosen", async () => {
  await openUsage(scenes["usage-many"]!());
  await waitFor(() => expect(plot()).toHaveLength(1));
  await waitFor(() => expect(shown()?.[1]).not.toBe(id(1)));
  expect(shown()).toHaveLength(7);
  expect(by(mark.usageSome)?.textContent).toBe(words.usage.mostUsed(6, 50));
  expect(all(mark.usageRow)).toHaveLength(10);
  await press(mark.usageMore);
  expect(all(mark.usageRow)).toHaveLength(51);
  await press(mark.usageShow, 50);
  expect(shown()).toHaveLength(8);
  expect(by(mark.usageSome)?.textContent).toBe(words.usage.someShown(7, 50));
});

test("one account has one line, and no account no chart", async () => {
  await openUsage(scenes["usage-one"]!());
  await waitFor(() => expect(plot()[0]?.series).toHaveLength(3));
  expect(all(mark.usageRow)).toHaveLength(1);
  await openUsage(scenes["usage-none"]!());
  expect(by(mark.usage)?.dataset.known).toBe("false");
  expect(by(mark.usage)?.textContent).toContain(words.usage.none);
  expect(by(mark.usageChart)).toBeNull();
});

test("a removed account is gone at once", async () => {
  const host = await openUsage(scenes.usage!());
  await waitFor(() => expect(plot()).toHaveLength(1));
  host.publish({ profiles: scenes.usage!().profiles.slice(0, 2) });
  await waitFor(() => expect(shown()).toEqual(["all", id(1), id(2)]));
  expect(all(mark.usageRow)).toHaveLength(3);
});

test("all points are a table, newest first, as many as are asked for", async () => {
  await openUsage(scenes.usage!());
  await waitFor(() => expect(isOff(mark.usageCsv)).toBe(false));
  expect(all(mark.usagePoint)).toHaveLength(0);
  await press(mark.usagePoints);
  await waitFor(() => expect(all(mark.usagePoint)).toHaveLength(100));
  await press(mark.usagePointsMore);
  expect(all(mark.usagePoint)).toHaveLength(200);
  const times = all(mark.usagePoint).map((point) => point.querySelector("time")!.dateTime);
  expect(times).toEqual([...times].sort().reverse());
});

test("the history goes to the clipboard as both", async () => {
  const host = await openUsage(scenes.usage!());
  await waitFor(() => expect(isOff(mark.usageCsv)).toBe(false));
  await press(mark.usageCsv);
  expect(host.copied).toMatch(/^profile,window_minutes,at,used_percent\n"main",300,\d{4}-/);
  await waitFor(() => expect(by(mark.announcer)?.textContent).toBe(words.copied));
  await press(mark.usageJson);
  expect(JSON.parse(host.copied ?? "")).toMatchObject({ windows: [{ name: "main", minutes: 300 }, {}, {}, {}, {}, {}], together: [{ minutes: 300 }, { minutes: 10_080 }] });
});

test("what changes is read again, but seldom, and a button does not wait", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"] });
  const host = await open(scenes.usage!());
  await press(mark.navUsage);
  await vi.advanceTimersByTimeAsync(5_000);
  for (const _ of [1, 2, 3]) host.publish({});
  await vi.advanceTimersByTimeAsync(24_000);
  expect(asked(host)).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(2_000);
  expect(asked(host)).toHaveLength(2);
  await press(mark.usageRefresh);
  expect(asked(host)).toHaveLength(3);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(asked(host)).toHaveLength(3);
  expect(by(mark.announcer)?.textContent).toBe(words.usage.refreshed);
  host.publish({});
  await vi.advanceTimersByTimeAsync(10);
  expect(asked(host)).toHaveLength(4);
  host.publish({});
  await press(mark.navRouting);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(asked(host)).toHaveLength(4);
});

test("a refusal of something else stays on the screen while histories are read", async () => {
  const host = await open(scenes.usage!());
  host.refuseNext = { code: "storage", message: "It cannot be switched.", hints: [] };
  await press(mark.profileUse);
  await waitFor(() => expect(by(mark.refusal)?.textContent).toContain("It cannot be switched."));
  await press(mark.navUsage);
  await waitFor(() => expect(plot()).toHaveLength(1));
  expect(by(mark.refusal)?.textContent).toContain("It cannot be switched.");
});

test("a refusal is told on the page, and what was known stays", async () => {
  const host = await openUsage(scenes.usage!());
  await waitFor(() => expect(plot()).toHaveLength(1));
  host.refuseNext = { code: "storage", message: "The history cannot be read.", hints: [] };
  await press(mark.usageRefresh);
  await waitFor(() => expect(by(mark.problem)?.textContent).toContain("The history cannot be read."));
  expect(cells(1)[1]).toBe("1.0 % an hour");
  expect(by(mark.announcer)?.textContent).not.toBe(words.usage.refreshed);
  await press(mark.usageRefresh);
  await waitFor(() => expect(by(mark.problem)).toBeNull());
});
