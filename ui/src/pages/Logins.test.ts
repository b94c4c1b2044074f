// The vault, remarks, other tools' logins and copies, operated as a user would.
import { cleanup, fireEvent, render, screen, waitFor, within } from "@testing-library/svelte";
import { afterEach, expect, test } from "vitest";

import App from "../App.svelte";
import type { Snapshot } from "../generated/Snapshot";
import { row, scenes, trio } from "../host/scenes";
import { ScriptedHost } from "../host/scripted";
import { mark } from "../words/marks";

afterEach(cleanup);

const all = (test: string) => [...document.querySelectorAll<HTMLElement>(`[data-test="${test}"]`)];
const by = (test: string) => all(test)[0] ?? null;
const item = (name: string) => within(document.querySelector<HTMLElement>(`[data-name="${name}"]`)!);

async function open(snapshot: Snapshot): Promise<ScriptedHost> {
  const host = new ScriptedHost(snapshot);
  render(App, { host });
  await screen.findByRole("heading", { level: 1 });
  return host;
}

async function press(test: string, at = 0) {
  const control = all(test)[at];
  if (control === undefined) throw new Error(`no ${test}`);
  await fireEvent.click(control);
}

const type = (test: string, value: string) => fireEvent.input(by(test)!, { target: { value } });

test("a locked vault is told as locked, never as signed out, and a passphrase opens it", async () => {
  const host = await open(scenes.locked!());
  expect(item("work").getByText("Locked")).toBeTruthy();
  expect(document.body.textContent).not.toMatch(/signed out|sign in again/i);
  expect(item("work").getByRole<HTMLButtonElement>("button", { name: "Use work" }).disabled).toBe(true);
  await type(mark.vaultPassphrase, "four words");
  host.refuseNext = { code: "wrong_passphrase", message: "That is not the passphrase. Nothing was changed.", hints: [] };
  await press(mark.vaultUnlock);
  await waitFor(() => expect(by(mark.vaultNotice)?.textContent).toContain("not the passphrase"));
  await type(mark.vaultPassphrase, "four other words");
  await press(mark.vaultUnlock);
  await waitFor(() => expect(by(mark.vaultNotice)).toBeNull());
  expect(host.asked.at(-1)).toEqual({ method: "unlock_vault", params: { passphrase: "four other words" } });
  expect(item("work").queryByText("Locked")).toBeNull();
});

test("a locked keyring is asked again, without a passphrase", async () => {
  const host = await open(scenes["keyring-locked"]!());
  expect(by(mark.vaultPassphrase)).toBeNull();
  await press(mark.vaultUnlock);
  await waitFor(() => expect(by(mark.vaultNotice)).toBeNull());
  expect(host.asked.at(-1)).toEqual({ method: "unlock_vault", params: { passphrase: null } });
});

test("logins move under a passphrase that was typed twice, and can be locked", async () => {
  const host = await open(trio());
  await press(mark.navSettings);
  await press(`${mark.vaultMode}-passphrase`);
  expect(by(mark.vaultMove)).toHaveProperty("disabled", true);
  await type(mark.vaultNew, "four words of no meaning");
  await type(mark.vaultAgain, "four words of no use");
  expect(document.body.textContent).toContain("The two are not the same.");
  expect(by(mark.vaultMove)).toHaveProperty("disabled", true);
  await type(mark.vaultAgain, "four words of no meaning");
  await press(mark.vaultMove);
  await waitFor(() => expect(by(mark.vault)?.dataset.mode).toBe("passphrase"));
  expect(host.asked.at(-1)).toEqual({ method: "move_vault", params: { to: "passphrase", passphrase: "four words of no meaning" } });
  await press(mark.vaultLock);
  await waitFor(() => expect(by(mark.vault)?.dataset.state).toBe("locked"));
});

test("remarks are shown on the row, and thresholds that cross are refused with both named", async () => {
  const host = await open(trio());
  await fireEvent.click(item("work").getByRole("button", { name: "More for work" }));
  await press(mark.profileMenuDetails);
  await type(mark.detailsLabel, "Client");
  await press(`${mark.detailsColour}-orange`);
  await press(mark.detailsDrain);
  await type(mark.detailsLow, "10");
  await type(mark.detailsCritical, "20");
  expect(document.body.textContent).toContain("Critical (20 %) has to be below low (10 %).");
  expect(by(mark.detailsSave)).toHaveProperty("disabled", true);
  await type(mark.detailsCritical, "5");
  await press(mark.detailsSave);
  await waitFor(() => expect(item("work").getByText("Client")).toBeTruthy());
  expect(item("work").getByText("Draining")).toBeTruthy();
  expect(host.asked.at(-1)).toEqual({
    method: "set_details",
    params: {
      profile: row(2, "").id,
      details: { label: "Client", note: null, colour: "orange", weight: 10, drain: true, thresholds: { low: 10, critical: 5 } },
    },
  });
});

test("what is the matter with tokens is said, and is called no limit", async () => {
  const host = await open(scenes.notes!());
  expect(all(mark.profileNote).map((note) => note.dataset.kind)).toEqual(["resting", "unsaved", "also"]);
  expect(document.body.textContent).not.toMatch(/limit/i);
  await fireEvent.click(item("main").getByRole("button", { name: "More for main" }));
  await press(mark.profileMenuRenew);
  expect(host.asked.at(-1)).toEqual({ method: "renew", params: { profile: row(1, "").id } });
});

test("other tools' logins are listed before any is taken, and left-overs are deleted only when asked twice", async () => {
  const host = await open(trio());
  await press(mark.addMenu);
  await press(mark.addFind);
  await waitFor(() => expect(all(mark.findItem).map((found) => found.dataset.outcome)).toEqual(["added", "added", "unchanged", "skipped"]));
  expect(host.asked.map((request) => request.method)).toEqual(["find_imports"]);
  expect(document.body.textContent).toContain("The same login is also in ~/.code/auth_accounts.json.");
  await press(`${mark.findItem}-take`, 1);
  await press(mark.findDelete);
  expect(host.asked.at(-1)?.method).toBe("find_imports");
  await press(mark.findDeleteNow);
  await waitFor(() => expect(host.asked.map((request) => request.method)).toContain("delete_leftover"));
  await waitFor(() => expect(by(mark.findTake)).toHaveProperty("disabled", false));
  await press(mark.findTake);
  await waitFor(() => expect(by(mark.importDone)).not.toBeNull());
  expect(host.asked.at(-1)).toEqual({
    method: "import_from",
    params: { from: null, path: null, passphrase: null, only: ["~/.local/share/opencode/auth.json"] },
  });
});

test("an older copy takes a second word", async () => {
  const host = await open(trio());
  await press(mark.navSettings);
  await press(mark.copiesShow);
  await waitFor(() => expect(all(mark.copy)).toHaveLength(3));
  await press(mark.copyRestore);
  expect(document.body.textContent).toContain("What is there now is newer.");
  expect(host.asked.at(-1)?.method).toBe("list_backups");
  await press(mark.copyForce);
  await waitFor(() => expect(host.asked).toContainEqual({ method: "restore_backup", params: { backup: "login-1-3", force: true } }));
});

test("an export asks for its passphrase twice, a restore looks first", async () => {
  const host = await open(trio());
  await press(mark.navSettings);
  await type(mark.exportPath, "/home/ada/lab.sealed");
  await type(mark.exportPassphrase, "four words of no meaning");
  expect(by(mark.exportStart)).toHaveProperty("disabled", true);
  await press(mark.exportLook);
  await waitFor(() => expect(all(mark.importItem)).toHaveLength(4));
  expect(host.asked.at(-1)).toMatchObject({ method: "restore_export", params: { dry_run: true } });
  await press(mark.exportTake);
  await waitFor(() => expect(host.asked.at(-1)).toMatchObject({ method: "restore_export", params: { dry_run: false } }));
  await type(mark.exportAgain, "four words of no meaning");
  await press(mark.exportStart);
  await waitFor(() => expect(document.body.textContent).toContain("Exported 3 profiles to /home/ada/lab.sealed."));
});

test("idle logins are kept alive unless the user says no", async () => {
  const host = await open(trio());
  await press(mark.navSettings);
  expect(by(mark.keepAlive)?.getAttribute("aria-checked")).toBe("true");
  await press(mark.keepAlive);
  await waitFor(() => expect(by(mark.keepAlive)?.getAttribute("aria-checked")).toBe("false"));
  expect(host.asked.at(-1)).toMatchObject({ method: "set_settings", params: { settings: { keep_alive: false } } });
});
