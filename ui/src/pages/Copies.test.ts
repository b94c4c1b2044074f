// Copies, export and restore, operated as a user would.
import { cleanup, waitFor } from "@testing-library/svelte";
import { afterEach, expect, test } from "vitest";

import { trio } from "../host/scenes";
import { mark } from "../words/marks";
import { all, by, isOff, openSettings, press, type } from "./acting";

afterEach(cleanup);

const good = "four words of no meaning";

async function openCopies() {
  const host = await openSettings(trio());
  await press(mark.copiesShow);
  await waitFor(() => expect(all(mark.copy)).toHaveLength(5));
  return host;
}

/** Chooses the nth copy that can be restored. */
async function restore(at: number) {
  await press(mark.copyRestore, at);
  await waitFor(() => expect(by(mark.copyConfirm)).not.toBeNull());
}

test("copies say what they are and how they stand to what is there", async () => {
  await openCopies();
  const [now, older, list, gone, damaged] = all(mark.copy).map((copy) => copy.textContent ?? "");
  expect(now).toContain("As it is now");
  expect(older).toContain("Older than the login there now");
  expect(list).toContain("Earlier names, order and details");
  expect(gone).toContain("grace@example.com");
  expect(damaged).toContain("is damaged");
  // Neither what is there already nor what is damaged.
  expect(all(mark.copyRestore)).toHaveLength(3);
});

test("an older copy is not restored before its price was read and accepted", async () => {
  const host = await openCopies();
  await restore(0);
  expect(by(mark.copyOlder)?.textContent).toContain("spend a token twice");
  expect(isOff(mark.copyConfirm)).toBe(true);
  await press(mark.copyForce);
  await press(mark.copyConfirm);
  await waitFor(() => expect(by(mark.announcer)?.textContent).toBe("The copy was restored."));
  expect(host.asked.slice(-2)).toEqual([{ method: "restore_backup", params: { backup: "login-before", force: true } }, { method: "list_backups" }]);
  await waitFor(() => expect(all(mark.copy)).toHaveLength(5));
});

test("any other copy is restored after one question, or not", async () => {
  const host = await openCopies();
  await restore(1);
  expect(document.querySelector("dialog")?.textContent).toContain("No login changes.");
  expect(by(mark.copyForce)).toBeNull();
  await press(mark.copyBack);
  await restore(2);
  host.refuseNext = { code: "vault_locked", message: "The logins are locked.", hints: [] };
  await press(mark.copyConfirm);
  await waitFor(() => expect(by(mark.dialogError)?.dataset.code).toBe("vault_locked"));
  await press(mark.copyConfirm);
  await waitFor(() => expect(by(mark.copyConfirm)).toBeNull());
  expect(host.asked.filter((request) => request.method === "restore_backup").at(-1)).toEqual({
    method: "restore_backup",
    params: { backup: "live-1", force: false },
  });
});

test("copies that cannot be listed are said to be so", async () => {
  const host = await openSettings(trio());
  host.refuseNext = { code: "storage_denied", message: "The folder cannot be read.", hints: [] };
  await press(mark.copiesShow);
  await waitFor(() => expect(by(mark.dialogError)?.textContent).toContain("The folder cannot be read."));
  expect(all(mark.copy)).toEqual([]);
});

test("an export takes a whole path and a good passphrase typed twice, and tells what it left out", async () => {
  const host = await openSettings(trio());
  host.leftOut = ["old-laptop"];
  await press(mark.exportOpen);
  expect(document.querySelector("dialog")?.textContent).toContain("/home/ada/codex-lab-accounts.sealed");
  await type(mark.exportPath, "accounts.sealed");
  expect(document.body.textContent).toContain("Give the whole path");
  await type(mark.exportPassphrase, good);
  await type(mark.exportAgain, good);
  expect(isOff(mark.exportStart)).toBe(true);
  await type(mark.exportPath, "/media/stick/accounts.sealed");
  await press(mark.exportStart);
  await waitFor(() => expect(by(mark.exported)?.textContent).toContain("3 accounts are in"));
  expect(by(mark.exported)?.textContent).toContain("old-laptop");
  expect(document.activeElement).toBe(by(mark.exported));
  expect(host.asked.at(-1)).toEqual({ method: "export", params: { path: "/media/stick/accounts.sealed", passphrase: good, replace: false } });
});

test("a file that is there already is replaced only by a button that says so", async () => {
  const host = await openSettings(trio());
  await press(mark.exportOpen);
  await type(mark.exportPath, "/media/stick/accounts.sealed");
  await type(mark.exportPassphrase, good);
  await type(mark.exportAgain, good);
  host.refuseNext = { code: "already_exists", message: "There is a file there already.", hints: [] };
  await press(mark.exportStart);
  await waitFor(() => expect(by(mark.exportReplace)).not.toBeNull());
  await press(mark.exportReplace);
  await waitFor(() => expect(by(mark.exported)).not.toBeNull());
  expect(host.asked.at(-1)).toMatchObject({ params: { replace: true } });
});

test("a restore shows first what it would do", async () => {
  const host = await openSettings(trio());
  await press(mark.restoreOpen);
  await type(mark.restorePath, "/media/stick/accounts.sealed");
  await type(mark.restorePassphrase, "wrong");
  host.refuseNext = { code: "wrong_passphrase", message: "This is not the passphrase of this export.", hints: [] };
  await press(mark.restoreLook);
  await waitFor(() => expect(by(mark.restorePassphrase)?.getAttribute("aria-invalid")).toBe("true"));
  await type(mark.restorePassphrase, good);
  await press(mark.restoreLook);
  await waitFor(() => expect(all(mark.findItem)).toHaveLength(5));
  expect(by(mark.findItemTake)).toBeNull();
  expect(by(mark.restoreTake)?.textContent).toContain("Restore 2 accounts");
  await press(mark.restoreTake);
  await waitFor(() => expect(by(mark.importSummary)?.textContent).toBe("1 added, 1 updated, 2 already here, 1 skipped."));
  const params = { path: "/media/stick/accounts.sealed", passphrase: good };
  expect(host.asked.slice(-2)).toEqual([
    { method: "restore_export", params: { ...params, dry_run: true } },
    { method: "restore_export", params: { ...params, dry_run: false } },
  ]);
});
