// Where logins are kept, operated as a user would.
import { cleanup, fireEvent, waitFor } from "@testing-library/svelte";
import { afterEach, expect, test } from "vitest";

import { row, scenes, trio } from "../host/scenes";
import { mark } from "../words/marks";
import { words } from "../words";
import { steps } from "../words/en/steps";
import { all, by, choose, isOff, item, open, openSettings, press, type } from "./acting";

afterEach(cleanup);

const good = "four words of no meaning";

test("a locked vault says that nobody is signed out, and its passphrase opens it", async () => {
  const host = await open(scenes.locked!());
  expect(by(mark.vaultNotice)?.textContent).toContain("Nobody is signed out");
  expect(all(mark.profileState).map((chip) => chip.textContent)).toEqual(["Locked", "Locked", "Locked"]);
  expect(by(mark.profileSignIn)).toBeNull();
  expect(isOff(mark.vaultUnlock)).toBe(true);
  await fireEvent.click(item("work").getByRole("button", { name: "Unlock the logins, to use work" }));
  expect(document.activeElement).toBe(by(mark.vaultPassphrase));

  await type(mark.vaultPassphrase, "wrong");
  host.refuseNext = { code: "wrong_passphrase", message: "This is not the vault's passphrase.", hints: ["Try again; mind Caps Lock."] };
  await press(mark.vaultUnlock);
  await waitFor(() => expect(by(mark.vaultNotice)?.textContent).toContain("mind Caps Lock"));
  expect(by(mark.vaultPassphrase)?.getAttribute("aria-invalid")).toBe("true");
  expect((by(mark.vaultPassphrase) as HTMLInputElement).value).toBe("");
  // Said once, beside the field.
  expect(by(mark.vaultFailure)?.getAttribute("role")).toBeNull();

  await type(mark.vaultPassphrase, good);
  await press(mark.vaultUnlock);
  await waitFor(() => expect(by(mark.vaultNotice)).toBeNull());
  expect(host.asked.at(-1)).toEqual({ method: "unlock_vault", params: { passphrase: good } });
  expect(by(mark.announcer)?.textContent).toBe("The logins are unlocked.");
  expect(item("work").getByRole("button", { name: "Use work" })).toBeTruthy();
});

test.each([
  ["keyring-locked", "locked"],
  ["keyring-denied", "denied"],
  ["keyring-missing", "missing"],
  ["vault-corrupt", "corrupt"],
] as const)("%s says why and what to do, and is tried again without a passphrase", async (scene, state) => {
  const snapshot = scenes[scene]!();
  const host = await open(snapshot);
  expect(by(mark.vaultNotice)?.dataset.state).toBe(state);
  expect(by(mark.vaultFailure)?.dataset.code).toBe(`vault_${state}`);
  for (const said of [snapshot.vault.failure!.message, ...steps(snapshot.vault.failure!.hints)]) expect(by(mark.vaultNotice)?.textContent).toContain(said);
  expect(document.body.textContent).not.toMatch(/sign in again|needs sign-in|codex-lab /i);
  expect(by(mark.vaultPassphrase)).toBeNull();
  host.refuseNext = { code: "vault_denied", message: "The keyring said no.", hints: [] };
  await press(mark.vaultUnlock);
  await waitFor(() => expect(by(mark.vaultFailure)?.textContent).toContain("The keyring said no."));
  await press(mark.vaultUnlock);
  await waitFor(() => expect(by(mark.vaultNotice)).toBeNull());
  expect(host.asked.at(-1)).toEqual({ method: "unlock_vault", params: { passphrase: null } });
});

test("a locked login is not renewed, and its row offers no use of it", async () => {
  await open(scenes.locked!());
  expect(by(mark.profileUse)).toBeNull();
  await fireEvent.click(item("backup").getByRole("button", { name: "More for backup" }));
  expect(isOff(mark.profileMenuRenew)).toBe(true);
});

test("the settings tell how logins are kept, and lock them", async () => {
  const host = await openSettings(scenes.sealed!());
  expect(by(mark.vault)?.textContent).toContain(words.vault.mode.passphrase.title);
  expect(by(mark.vaultState)?.textContent).toBe(words.vault.state.open);
  await press(mark.vaultLock);
  await waitFor(() => expect(by(mark.vault)?.dataset.state).toBe("locked"));
  expect(host.asked.at(-1)).toEqual({ method: "lock_vault" });
  expect(isOff(mark.vaultChange)).toBe(true);
  expect(by(mark.vaultPassphrase)).not.toBeNull();
});

test("plain files have nothing to lock; each way to keep logins says what it protects against and costs", async () => {
  await openSettings(trio());
  expect(by(mark.vaultLock)).toBeNull();
  await press(mark.vaultChange);
  for (const mode of Object.values(words.vault.mode)) expect(document.querySelector("dialog")?.textContent).toContain(`${mode.protects} ${mode.costs}`);
  expect(isOff(mark.vaultMove)).toBe(true);
});

test("logins move to the keyring; a refusal keeps the dialog open", async () => {
  const host = await openSettings(trio());
  await press(mark.vaultChange);
  await press(`${mark.vaultMode}-keyring`);
  host.refuseNext = { code: "vault_missing", message: "There is no keyring on this desktop.", hints: ["Start it."] };
  await press(mark.vaultMove);
  await waitFor(() => expect(by(mark.dialogError)?.textContent).toContain("There is no keyring"));
  await press(mark.vaultMove);
  await waitFor(() => expect(document.querySelector("dialog")).toBeNull());
  expect(host.asked.at(-1)).toEqual({ method: "move_vault", params: { to: "keyring", passphrase: null } });
  expect(by(mark.vault)?.dataset.mode).toBe("keyring");
});

test("a move that fails after its dialog was closed is told on top of the page", async () => {
  const host = await openSettings(trio());
  await press(mark.vaultChange);
  await press(`${mark.vaultMode}-keyring`);
  const answer = host.holdNext();
  await press(mark.vaultMove);
  await press(mark.dialogClose);
  host.refuseNext = { code: "vault_missing", message: "There is no keyring on this desktop.", hints: [] };
  answer();
  await waitFor(() => expect(by(mark.refusal)?.textContent).toContain("There is no keyring"));
});

test("a move that ends late closes no dialog but its own", async () => {
  const host = await openSettings(trio());
  await press(mark.vaultChange);
  await press(`${mark.vaultMode}-keyring`);
  const answer = host.holdNext();
  await press(mark.vaultMove);
  await press(mark.dialogClose);
  await press(mark.vaultChange);
  answer();
  await waitFor(() => expect(by(mark.announcer)?.textContent).toContain("Changed"));
  expect(by(mark.vault)?.dataset.mode).toBe("keyring");
  expect(by(mark.vaultMove)).not.toBeNull();
});

test("only a vault with its key in the keyring says that it asks the keyring", async () => {
  const host = await open(scenes["vault-corrupt"]!());
  const answer = host.holdNext();
  await press(mark.vaultUnlock);
  expect(by(mark.vaultUnlock)?.textContent?.trim()).toBe(words.vault.trying);
  answer();
  await waitFor(() => expect(by(mark.vaultNotice)).toBeNull());
});

test("a new passphrase is long enough and typed twice", async () => {
  const host = await openSettings(trio());
  await press(mark.vaultChange);
  await press(`${mark.vaultMode}-passphrase`);
  await type(mark.vaultNew, "short");
  expect(document.body.textContent).toContain("7 characters more are needed.");
  await type(mark.vaultAgain, "short");
  expect(isOff(mark.vaultMove)).toBe(true);
  await type(mark.vaultNew, good);
  expect(document.body.textContent).toContain(words.passphrase.differ);
  expect(isOff(mark.vaultMove)).toBe(true);
  // Half of it typed is no mistake yet.
  await type(mark.vaultAgain, good.slice(0, 6));
  expect(document.body.textContent).not.toContain(words.passphrase.differ);
  expect(isOff(mark.vaultMove)).toBe(true);
  await type(mark.vaultAgain, good);
  await press(mark.vaultMove);
  await waitFor(() => expect(by(mark.vault)?.dataset.mode).toBe("passphrase"));
  expect(host.asked.at(-1)).toEqual({ method: "move_vault", params: { to: "passphrase", passphrase: good } });
});

test("a passphrase is hidden unless the user wants to see it", async () => {
  await open(scenes.locked!());
  const field = by(mark.vaultPassphrase) as HTMLInputElement;
  expect(field.type).toBe("password");
  await press(`${mark.vaultPassphrase}-show`);
  expect(field.type).toBe("text");
});

test("idle logins are kept alive unless the user says no", async () => {
  const host = await openSettings(trio());
  expect(by(mark.keepAlive)?.getAttribute("aria-checked")).toBe("true");
  await press(mark.keepAlive);
  await waitFor(() => expect(by(mark.keepAlive)?.getAttribute("aria-checked")).toBe("false"));
  expect(host.asked.at(-1)).toEqual({ method: "set_settings", params: { settings: { ...trio().settings, keep_alive: false } } });
});

test("what is the matter with tokens is said on the row, and called no limit", async () => {
  const host = await open(scenes.remarks!());
  expect(all(mark.profileNote).map((note) => note.dataset.kind)).toEqual(["note", "unsaved", "resting", "also"]);
  expect(item("backup").getByText(/Could not be renewed just now; next try at \d\d:\d\d\./)).toBeTruthy();
  expect(item("work").getByText(/Renewed login is not saved yet/)).toBeTruthy();
  expect(item("shared").getByText(/also in OpenCode/)).toBeTruthy();
  expect(item("shared").getByText(/sign in again here for a login of its own/)).toBeTruthy();
  expect(document.body.textContent).not.toMatch(/limit/i);
  await choose("backup", mark.profileMenuRenew);
  await waitFor(() => expect(by(mark.announcer)?.textContent).toBe("Renewed the login of backup."));
  expect(host.asked.at(-1)).toEqual({ method: "renew", params: { profile: row(3, "").id } });
  expect(item("backup").queryByText(/next try/)).toBeNull();
});

test("a renewal that is refused is told on top of the page; an API key has none", async () => {
  const host = await open(trio({ profiles: [row(1, "main"), row(2, "key", { kind: "api_key" })] }));
  host.refuseNext = { code: "provider", message: "OpenAI is busy.", hints: [] };
  await choose("main", mark.profileMenuRenew);
  await waitFor(() => expect(by(mark.refusal)?.textContent).toContain("OpenAI is busy."));
  await fireEvent.click(item("key").getByRole("button", { name: "More for key" }));
  expect(by(mark.profileMenuRenew)).toBeNull();
});
