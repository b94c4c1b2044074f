// Where settings come from, the way back to their defaults, and the language.
import { cleanup, fireEvent, waitFor } from "@testing-library/svelte";
import { afterAll, afterEach, expect, test } from "vitest";

import { trio } from "../host/scenes";
import { ScriptedHost } from "../host/scripted";
import { speak } from "../words";
import { mark } from "../words/marks";
import { all, by, openSettings, press } from "./acting";

const printed = Object.values(import.meta.glob<string>("../../../tests/terminal/expected/settings.txt", { query: "?raw", import: "default", eager: true }))[0] ?? "";

afterEach(cleanup);
afterAll(() => speak("en"));

const note = (setting: string) => all(mark.settingNote).find((it) => it.dataset.setting === setting)!;
const row = (setting: string) => all(mark.settingRow).find((it) => it.dataset.setting === setting)!;

test("each setting says what is usual, how far it goes, and that nobody has changed it", async () => {
  await openSettings(trio());
  await waitFor(() => expect(note("background_budget").textContent).toMatch(/Default: 120\s*· 16 to 1,000/));
  for (const [setting, said] of [
    ["after_switch", "Default: Ask me"],
    ["notifications", "Default: on"],
    ["theme", "Default: As the system"],
    ["language", "Default: As the system"],
    ["quiet_hours", "Default: none"],
    ["http_only", "Default: off"],
  ] as const)
    expect(note(setting).textContent?.trim(), setting).toBe(said);
  expect(all(mark.settingNote).every((it) => it.dataset.source === "default")).toBe(true);
  expect(all(mark.settingReset)).toHaveLength(0);
});

test("what was changed says so, and goes back", async () => {
  const host = await openSettings(trio());
  await fireEvent.click(by(`${mark.theme}-dark`)!);
  await waitFor(() => expect(note("theme").textContent).toContain("Set in config.toml."));
  expect(document.documentElement.dataset.theme).toBe("dark");
  await press(mark.settingReset);
  expect(host.asked.at(-1)).toEqual({ method: "set_setting", params: { key: "theme", value: null } });
  await waitFor(() => expect(note("theme").dataset.source).toBe("default"));
  expect(document.documentElement.dataset.theme).toBeUndefined();
  expect(by(mark.announcer)?.textContent).toBe("Back to the default.");
});

test("what the environment sets is told, and is not for here to change", async () => {
  const host = await openSettings(trio());
  host.kept.inEnvironment.add("theme").add("conservative").add("background_budget");
  host.publish({});
  await waitFor(() => expect(note("theme").textContent).toContain("Set by the environment (CODEX_LAB_THEME), so not here."));
  const controls = [`${mark.theme}-dark`, mark.conservative].map((test) => by(test) as HTMLInputElement);
  expect(controls.map((control) => control.disabled)).toEqual([true, true]);
  expect((by(mark.backgroundBudget) as HTMLInputElement).readOnly).toBe(true);
  expect((by(mark.notifications) as HTMLButtonElement).disabled).toBe(false);
});

test("all of them stand in one list, those of routing too, and can be taken back there", async () => {
  const host = await openSettings(trio());
  await waitFor(() => expect(row("routing.low").textContent).toMatch(/routing\.low 20\s*Default: 20 · can be 1 to 100 · from the default/));
  host.kept.inFile.add("routing.low");
  host.publish({ routing: { ...trio().routing, low: 30 } });
  await waitFor(() => expect(row("routing.low").dataset.source).toBe("file"));
  await press(mark.settingRowReset);
  await waitFor(() => expect(row("routing.low").textContent).toContain("from the default"));
});

test("the language changes at once, keeps the focus, and what is not English stays so until it is changed back", async () => {
  const host = await openSettings(trio());
  by(`${mark.language}-de`)!.focus();
  await fireEvent.click(by(`${mark.language}-de`)!);
  await waitFor(() => expect(document.querySelector("h1")?.textContent).toBe("Einstellungen"));
  expect([document.documentElement.lang, by(mark.page)?.dataset.page]).toEqual(["de", "settings"]);
  await waitFor(() => expect(document.activeElement?.getAttribute("data-test")).toBe(`${mark.language}-de`));
  expect(host.asked.at(-1)).toMatchObject({ method: "set_settings", params: { settings: { language: "de" } } });
  await fireEvent.click(by(`${mark.language}-en`)!);
  await waitFor(() => expect(document.querySelector("h1")?.textContent).toBe("Settings"));
});

test("the scripted host's table is the core's", async () => {
  const reply = await new ScriptedHost(trio()).call({ method: "settings" });
  const rows = reply.kind === "settings" ? reply.rows : [];
  const said = (value: unknown) => (value === true ? "on" : value === false ? "off" : String(value ?? "none"));
  const lines = printed.split("\n---")[0]!.trim().split("\n").slice(1);
  expect(lines.map((line) => line.split(/ {2,}/)).map(([key, , , usual, choices]) => [key, usual, choices])).toEqual(rows.map((it) => [it.key, said(it.default), it.choices]));
});
