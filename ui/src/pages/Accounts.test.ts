// The accounts, operated as a user would.
import { cleanup, fireEvent, render, screen, waitFor, within } from "@testing-library/svelte";
import { afterEach, expect, test } from "vitest";

import App from "../App.svelte";
import type { Snapshot } from "../generated/Snapshot";
import { row, scenes, trio } from "../host/scenes";
import { ScriptedHost } from "../host/scripted";
import { mark } from "../words/marks";

afterEach(cleanup);

const by = (test: string) => document.querySelector<HTMLElement>(`[data-test="${test}"]`);
const names = () => [...document.querySelectorAll<HTMLElement>(`[data-test="${mark.profile}"]`)].map((item) => item.dataset.name);
const item = (name: string) => within(document.querySelector<HTMLElement>(`[data-name="${name}"]`)!);

async function open(snapshot: Snapshot): Promise<ScriptedHost> {
  const host = new ScriptedHost(snapshot);
  render(App, { host });
  await screen.findByRole("heading", { level: 1 });
  return host;
}

async function press(test: string) {
  const control = by(test);
  if (control === null) throw new Error(`no ${test}`);
  await fireEvent.click(control);
}

test("using a profile makes it the live login, and undo brings the other one back", async () => {
  const host = await open(trio());
  await fireEvent.click(item("backup").getByRole("button", { name: "Use backup" }));
  await waitFor(() => expect(by(mark.liveName)?.textContent).toBe("backup"));
  expect(host.asked.at(-1)).toEqual({ method: "switch_to", params: { profile: row(3, "").id } });
  expect(by(mark.undoSwitchBar)?.textContent).toContain("Switched to backup");
  expect(by(mark.announcer)?.textContent).toBe("Codex now uses backup.");
  await press(mark.undoSwitch);
  await waitFor(() => expect(by(mark.liveName)?.textContent).toBe("main"));
  expect(by(mark.undoSwitchBar)).toBeNull();
});

test("an undo bar that was waved away leaves the undo at the live login", async () => {
  await open(scenes.switched!());
  expect(by(mark.liveUndo)).toBeNull();
  await press(mark.undoSwitchDismiss);
  expect(by(mark.undoSwitchBar)).toBeNull();
  expect(by(mark.liveUndo)).not.toBeNull();
});

test("F2 renames, Escape keeps the old name, a refused name stays in the field", async () => {
  const host = await open(trio());
  const handle = () => item("work").getByRole("button", { name: /^Move work/ });
  await fireEvent.keyDown(handle(), { key: "F2" });
  await fireEvent.keyDown(by(mark.nameField)!, { key: "Escape" });
  await waitFor(() => expect(document.activeElement).toBe(handle()));
  expect(host.asked).toEqual([]);

  await fireEvent.keyDown(handle(), { key: "F2" });
  await fireEvent.input(by(mark.nameField)!, { target: { value: "a/b" } });
  host.refuseNext = { code: "invalid_input", message: "A name cannot hold a slash.", hints: [] };
  await fireEvent.submit(by(mark.nameField)!.closest("form")!);
  await waitFor(() => expect(by(mark.nameError)?.textContent).toBe("A name cannot hold a slash."));
  await fireEvent.input(by(mark.nameField)!, { target: { value: "office" } });
  await fireEvent.submit(by(mark.nameField)!.closest("form")!);
  await waitFor(() => expect(names()).toEqual(["main", "office", "backup"]));
});

test("Alt with an arrow moves a row, says so and keeps the focus; the ends hold", async () => {
  const host = await open(trio());
  const handle = () => item("work").getByRole("button", { name: /^Move work/ });
  await fireEvent.keyDown(handle(), { key: "ArrowDown", altKey: true });
  await waitFor(() => expect(names()).toEqual(["main", "backup", "work"]));
  await waitFor(() => expect(document.activeElement).toBe(handle()));
  expect(by(mark.announcer)?.textContent).toBe("work is now at position 3 of 3.");
  await fireEvent.keyDown(handle(), { key: "ArrowDown", altKey: true });
  expect(host.asked).toHaveLength(1);
});

test("an order that is refused falls back to what it was", async () => {
  const host = await open(trio());
  host.refuseNext = { code: "storage_full", message: "The disk is full.", hints: ["Free some space."] };
  await fireEvent.keyDown(item("work").getByRole("button", { name: /^Move work/ }), { key: "ArrowUp", altKey: true });
  await waitFor(() => expect(by(mark.refusal)?.dataset.code).toBe("storage_full"));
  expect(names()).toEqual(["main", "work", "backup"]);
});

test("the menu pauses a profile and walks by keys", async () => {
  const host = await open(trio());
  const button = item("work").getByRole("button", { name: "More for work" });
  await fireEvent.keyDown(button, { key: "ArrowDown" });
  const menu = await screen.findByRole("menu");
  await waitFor(() => expect(document.activeElement?.textContent).toContain("Rename"));
  await fireEvent.keyDown(menu, { key: "ArrowUp" });
  expect(document.activeElement?.textContent).toContain("Remove");
  await fireEvent.keyDown(menu, { key: "Escape" });
  expect(document.activeElement).toBe(button);
  await fireEvent.click(button);
  await press(mark.profileMenuPause);
  await waitFor(() => expect(item("work").getByText("Paused")).toBeTruthy());
  expect(host.asked).toEqual([{ method: "set_paused", params: { profile: row(2, "").id, paused: true } }]);
});

test("removing explains both ways, forgets by default, and can be undone", async () => {
  const host = await open(trio());
  await fireEvent.click(item("backup").getByRole("button", { name: "More for backup" }));
  await press(mark.profileMenuRemove);
  expect(screen.getByText(/stays valid at OpenAI/)).toBeTruthy();
  expect(screen.getByText(/cannot be undone/)).toBeTruthy();
  await press(mark.removeConfirm);
  await waitFor(() => expect(names()).toEqual(["main", "work"]));
  expect(host.asked).toEqual([{ method: "remove", params: { profile: row(3, "").id, sign_out: false } }]);
  expect(by(mark.undoRemoveBar)?.textContent).toContain("Removed backup");
  await press(mark.undoRemove);
  await waitFor(() => expect(names()).toEqual(["main", "work", "backup"]));
});

test("an unknown live login can be kept", async () => {
  const host = await open(scenes["empty-unknown"]!());
  expect(by(mark.live)?.dataset.state).toBe("unknown");
  await press(mark.liveKeep);
  await waitFor(() => expect(names()).toEqual(["kept"]));
  expect(host.asked).toEqual([{ method: "capture_live" }]);
});

test("an old session gets the choices it has and no others", async () => {
  const host = await open(scenes.switched!());
  const [daemon, exec] = document.querySelectorAll<HTMLElement>(`[data-test="${mark.session}"]`);
  expect(within(daemon!).getAllByRole("button").map((button) => button.textContent?.trim())).toEqual(["Leave", "When idle", "Restart now"]);
  expect(within(exec!).queryAllByRole("button")).toEqual([]);
  await fireEvent.click(within(daemon!).getByRole("button", { name: "Restart now" }));
  expect(host.asked).toEqual([{ method: "choose_for_session", params: { pid: 4120, choice: "restart" } }]);
  await waitFor(() => expect(by(mark.sessionRestart)?.getAttribute("aria-pressed")).toBe("true"));
});

test("a login that cannot be read shows why and what to do", async () => {
  const host = await open(scenes.unreadable!());
  expect(by(mark.live)?.textContent).toContain("holds no login");
  await press(mark.liveCheckAgain);
  expect(host.asked).toEqual([{ method: "snapshot" }]);
});

test("next steps are the window's own; what only a terminal can do stands as a command", async () => {
  const hints = ["Sign in again: codex-lab login --again 'work'", "Run `codex-lab doctor` to see what is wrong with the disk or the folder."];
  const host = await open(trio({ problems: [{ code: "needs_sign_in", message: "The login of work has run out.", hints }] }));
  expect(by(mark.problem)?.textContent).toContain("Choose “Sign in again” in the menu of work.");
  expect(by(mark.problem)?.querySelector("code")?.textContent).toBe("codex-lab doctor");
  host.refuseNext = { code: "not_found", message: "There is no such profile.", hints: ["`codex-lab list` shows the profiles."] };
  await fireEvent.click(item("work").getByRole("button", { name: "Use work" }));
  await waitFor(() => expect(by(mark.refusal)?.textContent ?? "").toContain("The Accounts page shows the profiles."));
});

test("an API key is hidden, sent trimmed, and a refusal keeps the dialog open", async () => {
  const host = await open(trio());
  await press(mark.addMenu);
  await press(mark.addKey);
  const field = by(mark.keyField) as HTMLInputElement;
  expect(field.type).toBe("password");
  await fireEvent.input(field, { target: { value: " sk-test " } });
  host.refuseNext = { code: "sign_in_refused", message: "OpenAI does not accept this key.", hints: [] };
  await press(mark.keySave);
  await waitFor(() => expect(by(mark.dialogError)?.textContent).toContain("does not accept"));
  await press(mark.keySave);
  await waitFor(() => expect(by(mark.keyField)).toBeNull());
  expect(host.asked.at(-1)).toEqual({ method: "add_api_key", params: { key: "sk-test" } });
});

test("after a switch the focus stays in the row, and a refused one keeps its button", async () => {
  const host = await open(trio());
  const use = item("backup").getByRole("button", { name: "Use backup" });
  host.refuseNext = { code: "storage_full", message: "The disk is full.", hints: [] };
  use.focus();
  await fireEvent.click(use);
  await waitFor(() => expect(by(mark.refusal)).not.toBeNull());
  await waitFor(() => expect(document.activeElement).toBe(use));
  await fireEvent.click(use);
  await waitFor(() => expect(document.activeElement).toBe(item("backup").getByRole("button", { name: "More for backup" })));
});
