// Quota on the first page: bars that are read out, and what is behind them.
import { cleanup, fireEvent, screen, waitFor, within } from "@testing-library/svelte";
import { afterEach, expect, test } from "vitest";

import { quota, reading } from "../host/readings";
import { row, scenes, trio } from "../host/scenes";
import { mark } from "../words/marks";
import { words } from "../words";
import { all, by, item, open, openSettings, press, type } from "./acting";

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

test("an account that is used up is not said to be ready", async () => {
  const shown = trio();
  const [main, work, backup] = shown.profiles;
  const empty = quota([reading(300, 0, 80), reading(10_080, 18, 3000)]);
  await open({ ...shown, profiles: [{ ...main!, quota: empty }, { ...work!, quota: empty, state: "paused" }, backup!] });
  const chips = all(mark.profileState).map((chip) => chip.textContent);
  expect(chips).toEqual([expect.stringMatching(/^Used up until (\w+ )?\d\d:\d\d$/), "Paused", "Ready"]);
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

test("the limits of the background are kept where they are in range, and refused at the field where not", async () => {
  const host = await openSettings(trio());
  const leave = (test: string) => fireEvent.focusOut(by(test)!);
  for (const [test, bad, range] of [
    [mark.backgroundBudget, "15", "This setting can be: 16 to 1000, in requests per profile and day."],
    [mark.backgroundBudget, "many", "This setting can be: 16 to 1000, in requests per profile and day."],
    [mark.primeApart, "25", "This setting can be: 0 to 24, in hours."],
    [mark.primeApart, "", "This setting can be: 0 to 24, in hours."],
  ] as const) {
    await type(test, bad);
    await leave(test);
    await waitFor(() => expect(by(test)?.getAttribute("aria-invalid"), bad).toBe("true"));
    expect(screen.getByText(range)).toBeTruthy();
    expect((by(test) as HTMLInputElement).value, "what was typed stays").toBe(bad);
    await type(test, test === mark.primeApart ? "3" : "120");
    await leave(test);
    await waitFor(() => expect(by(test)?.getAttribute("aria-invalid")).toBe("false"));
  }
  await type(mark.primeApart, "0");
  await leave(mark.primeApart);
  await waitFor(() => expect(host.asked.at(-1)).toEqual({ method: "set_setting", params: { key: "prime_apart_hours", value: "0" } }));
  await type(mark.backgroundBudget, " 300 ");
  await leave(mark.backgroundBudget);
  await waitFor(() => expect(host.asked.at(-1)).toEqual({ method: "set_setting", params: { key: "background_budget", value: "300" } }));
  await waitFor(() => expect((by(mark.backgroundBudget) as HTMLInputElement).value).toBe("300"));
  expect(by(mark.backgroundBudget)?.getAttribute("aria-invalid")).toBe("false");
  expect((by(mark.backgroundBudget) as HTMLInputElement).value).toBe("300");
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
