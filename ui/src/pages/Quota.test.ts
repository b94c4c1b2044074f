// Quota on the first page: bars that are read out, and what is behind them.
import { cleanup, fireEvent, screen, within } from "@testing-library/svelte";
import { afterEach, expect, test } from "vitest";

import { quota, reading } from "../host/readings";
import { row, scenes, trio } from "../host/scenes";
import { mark } from "../words/marks";
import { words } from "../words/en";
import { all, by, item, open, openSettings, press } from "./acting";

afterEach(cleanup);

test("each window is a meter with its number, its name and its reset", async () => {
  await open(trio());
  const [hours, week] = item("main").getAllByRole("meter");
  expect([hours?.getAttribute("aria-label"), week?.getAttribute("aria-label")]).toEqual(["5 hours", "Week"]);
  expect([hours?.getAttribute("aria-valuenow"), week?.getAttribute("aria-valuenow")]).toEqual(["62", "18"]);
  expect(week?.getAttribute("aria-valuetext")).toMatch(/^18 % left, resets \w+ \d\d:\d\d, in 2 d 4 h$/);
  expect(week?.dataset.note).toBe("low");
  expect(within(document.querySelector<HTMLElement>(`[data-test="${mark.live}"]`)!).getAllByRole("meter")).toHaveLength(2);
});

test("age and source are behind the bars, for the focus too, and Escape takes them away", async () => {
  await open(scenes.quota!());
  const group = item("main").getByRole("group", { name: "Quota of main" });
  expect(group.tabIndex).toBe(0);
  const more = within(group).getByRole("tooltip", { hidden: true });
  expect(group.getAttribute("aria-describedby")).toBe(more.id);
  expect(more.textContent).toContain("in an answer of OpenAI");
  expect(more.textContent).toContain("by asking OpenAI");
  await fireEvent.keyDown(group, { key: "Escape" });
  expect(more.classList.contains("away")).toBe(true);
  await fireEvent.focus(group);
  expect(more.classList.contains("away")).toBe(false);
});

test("no reading, a reset nobody has seen, another family and an empty workspace are said in words", async () => {
  await open(scenes.quota!());
  expect(item("never-seen").getByText(words.quota.none)).toBeTruthy();
  expect(item("backup").getAllByText("Reset")).toHaveLength(2);
  expect(item("work").getByText("Used up")).toBeTruthy();
  expect(item("families").getByRole("meter", { name: "GPT-6-Luna, week" })).toBeTruthy();
  expect(item("team-seat").getByText("Its workspace has no credits left.")).toBeTruthy();
  expect(item("key-metered").queryByText(words.quota.none)).toBeNull();
});

test("numbers that arrive take the place that was kept for them", async () => {
  const host = await open(trio());
  expect(all(mark.quota).map((shown) => shown.dataset.known)).toEqual(["true", "true", "true", "false"]);
  host.publish({ profiles: trio().profiles.map((old) => (old.name === "backup" ? row(3, "backup", { quota: quota([reading(300, 7, 20)]) }) : old)) });
  expect(await screen.findByText("7 %")).toBeTruthy();
  expect(item("backup").queryByText(words.quota.none)).toBeNull();
});

test("nobody is asked for quota where the user wants that", async () => {
  const host = await openSettings(trio());
  await press(mark.conservative);
  expect(host.asked.at(-1)).toMatchObject({ method: "set_settings", params: { settings: { conservative: true, keep_alive: true } } });
  expect(by(mark.conservative)?.getAttribute("aria-checked")).toBe("true");
});

test("what was asked in the background is told when it is opened, with what is left of the budget", async () => {
  const host = await openSettings(trio());
  const summary = by(mark.background)!;
  (summary.parentElement as HTMLDetailsElement).open = true;
  await fireEvent(summary.parentElement!, new Event("toggle"));
  expect(await screen.findByText("1 of 120 requests in the last 24 hours")).toBeTruthy();
  expect(host.asked.at(-1)).toEqual({ method: "background" });
  expect(screen.getByText(/main · Ask for quota \(chatgpt\.com\)/)).toBeTruthy();
});
