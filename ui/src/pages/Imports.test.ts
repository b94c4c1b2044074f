// Importing logins of other tools, operated as a user would.
import { cleanup, screen, waitFor, within } from "@testing-library/svelte";
import { afterEach, expect, test } from "vitest";

import { leftovers } from "../host/finds";
import type { ScriptedHost } from "../host/scripted";
import { trio } from "../host/scenes";
import { mark } from "../words/marks";
import { words } from "../words";
import { all, by, isOff, open, press, type } from "./acting";

afterEach(cleanup);

async function openImport(): Promise<ScriptedHost> {
  const host = await open(trio());
  await press(mark.addMenu);
  await press(mark.addImport);
  return host;
}

async function find() {
  await press(mark.findStart);
  await waitFor(() => expect(by(mark.findSummary)).not.toBeNull());
}

const boxes = () => all(mark.findItemTake) as HTMLInputElement[];

test("looking changes nothing and tells whose, where and what would happen", async () => {
  const host = await openImport();
  await find();
  expect(host.asked).toEqual([{ method: "find_imports", params: { from: null, path: null, passphrase: null } }]);
  expect(document.activeElement).toBe(by(mark.findSummary));
  expect(all(mark.findItem).map((found) => found.dataset.outcome)).toEqual(["added", "updated", "unchanged", "unchanged", "skipped"]);
  const table = within(screen.getByRole("table"));
  expect(table.getAllByRole("columnheader").map((head) => head.textContent)).toEqual(["Take", "Account", "Found in", "What would happen"]);
  const [grace, work, main, copy, spent] = all(mark.findItem);
  expect(grace?.textContent).toContain("Add as a new account");
  expect(grace?.textContent).toContain("Also at OpenCode");
  expect(work?.textContent).toContain("Take the newer login for work");
  expect(work?.textContent).toContain("Business · workspace ws_3f0c");
  expect(main?.textContent).toContain("already here as main");
  expect(copy?.textContent).toContain("another place has the same account");
  expect(spent?.textContent).toContain("no refresh token");
});

test("only what would change something can be taken, and only what is chosen is", async () => {
  const host = await openImport();
  await find();
  expect(boxes()).toHaveLength(2);
  expect(boxes().map((box) => box.checked)).toEqual([true, true]);
  expect(boxes()[0]?.getAttribute("aria-label")).toContain("grace@example.com");
  expect(by(mark.findTake)?.textContent).toContain("Import 2 logins");
  await press(mark.findItemTake, 0);
  await press(mark.findItemTake, 1);
  expect(isOff(mark.findTake)).toBe(true);
  await press(mark.findItemTake, 1);
  await press(mark.findTake);
  await waitFor(() => expect(by(mark.importSummary)?.textContent).toBe("1 updated."));
  expect(host.asked.at(-1)).toEqual({ method: "import_from", params: { from: null, path: null, passphrase: null, only: ["ada.work"] } });
  await press(mark.importDone);
  await waitFor(() => expect(document.querySelector("dialog")).toBeNull());
});

test("two owners of one login are warned of as long as such a login is chosen", async () => {
  await openImport();
  await find();
  expect(by(mark.findOwners)?.textContent).toContain("without signing out there");
  await press(mark.findItemTake, 0);
  await press(mark.findItemTake, 1);
  expect(by(mark.findOwners)).toBeNull();
});

test("an encrypted store asks for its tool’s passphrase, which goes along with the import", async () => {
  const host = await openImport();
  host.encryptedStore = true;
  await find();
  expect(all(mark.findItem).at(-1)?.textContent).toContain("encrypted");
  await type(mark.findPassphrase, "the tool's own");
  await press(mark.findAgain);
  await waitFor(() => expect(by(mark.findPassphrase)).toBeNull());
  await press(mark.findTake);
  await waitFor(() => expect(by(mark.importSummary)).not.toBeNull());
  expect(host.asked.slice(1).map((request) => "params" in request && "passphrase" in request.params && request.params.passphrase)).toEqual([
    "the tool's own",
    "the tool's own",
  ]);
});

test("a tool’s store can lie elsewhere, and a file or folder can be looked into", async () => {
  const host = await openImport();
  expect(by(mark.findPlace)).toBeNull();
  await type(mark.findTool, "codex-auth");
  await type(mark.findPlace, " /media/old/.codex ");
  await find();
  expect(host.asked.at(-1)).toEqual({ method: "find_imports", params: { from: "codex-auth", path: "/media/old/.codex", passphrase: null } });
  await press(mark.findBack);
  await type(mark.importPath, " /media/old/auth.json ");
  await press(mark.importStart);
  await waitFor(() => expect(by(mark.findSummary)).not.toBeNull());
  expect(host.asked.at(-1)).toEqual({ method: "find_imports", params: { from: null, path: "/media/old/auth.json", passphrase: null } });
});

test("what cannot be found is said, and asked for again", async () => {
  const host = await openImport();
  host.refuseNext = { code: "not_found", message: "Nothing of Every Code was found on this computer.", hints: [] };
  await press(mark.findStart);
  await waitFor(() => expect(by(mark.dialogError)?.textContent).toContain("Nothing of Every Code"));
  await find();
  host.refuseNext = { code: "storage_full", message: "The disk is full.", hints: [] };
  await press(mark.findTake);
  await waitFor(() => expect(by(mark.dialogError)?.textContent).toContain("The disk is full."));
  expect(by(mark.findSummary)).not.toBeNull();
});

test("left-overs are deleted one by one, and only when asked twice", async () => {
  const host = await openImport();
  await find();
  expect(all(mark.leftover)).toHaveLength(2);
  expect(all(mark.leftover)[1]?.textContent).toContain(words.leftovers.inUse);
  expect(all(mark.leftoverDelete)).toHaveLength(1);
  await press(mark.leftoverDelete);
  expect(document.body.textContent).toContain("It does not come back.");
  await press(mark.leftoverKeep);
  expect(host.asked).toHaveLength(1);
  await waitFor(() => expect(document.activeElement).toBe(by(mark.leftoverDelete)));
  await press(mark.leftoverDelete);
  host.refuseNext = { code: "storage_denied", message: "You may not delete it.", hints: [] };
  await press(mark.leftoverConfirm);
  await waitFor(() => expect(by(mark.leftoverError)?.textContent).toContain("You may not delete it."));
  await press(mark.leftoverDelete);
  await press(mark.leftoverConfirm);
  await waitFor(() => expect(document.activeElement).toBe(by(mark.leftoverGone)));
  expect(by(mark.leftoverDelete)).toBeNull();
  expect(host.asked.at(-1)).toEqual({ method: "delete_leftover", params: { path: leftovers[0]!.path } });
});
