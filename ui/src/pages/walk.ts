// A walk through all pages, menus and dialogs of the window, for tests of what must stand nowhere, or everywhere. Not in a build.
import { cleanup, fireEvent, waitFor } from "@testing-library/svelte";
import { expect } from "vitest";

import type { SignInPhase } from "../generated/SignInPhase";
import type { Snapshot } from "../generated/Snapshot";
import { deviceSignIn, signIn } from "../host/scenes";
import type { ScriptedHost } from "../host/scripted";
import { mark } from "../words/marks";
import { all, by, open, press, type } from "./acting";

/** Takes in what stands in the page at a place of the walk. */
export type Look = (place: string) => void;

const there = (test: string) => waitFor(() => expect(by(test), test).not.toBeNull());

/** Opens what is folded. */
async function unfold(test: string): Promise<void> {
  const folded = by(test)?.closest("details");
  if (folded == null) throw new Error(`nothing folded at ${test}`);
  folded.open = true;
  await fireEvent(folded, new Event("toggle"));
}

/** Presses something in the menu of the nth profile. */
async function chooseOf(at: number, test: string): Promise<void> {
  await press(mark.profileMenu, at);
  await press(test);
}

async function shut(): Promise<void> {
  await press(mark.dialogClose);
  await waitFor(() => expect(document.querySelector("dialog")).toBeNull());
}

/** Everywhere, with at least three profiles. */
export async function walk(snapshot: Snapshot, look: Look): Promise<void> {
  await accounts(await open(snapshot), look);
  await imports(look);
  await pages(look);
  await settings(look);
  await signIns(snapshot, look);
  cleanup();
}

async function accounts(host: ScriptedHost, look: Look): Promise<void> {
  look("accounts");
  await press(mark.profileMenu, 1);
  look("menu");
  await fireEvent.keyDown(by(mark.profileMenuRename)!, { key: "Escape" });
  await chooseOf(1, mark.profileMenuRename);
  look("rename");
  await fireEvent.keyDown(by(mark.nameField)!, { key: "Escape" });
  if (by(mark.profileSessions) !== null) {
    await press(mark.profileSessions);
    await there(mark.sessionsOf);
    look("sessions");
    await shut();
  }
  await chooseOf(0, mark.profileMenuDetails);
  await there(mark.primeHistory);
  look("details");
  await shut();
  await chooseOf(0, mark.profileMenuRemove);
  look("remove");
  await shut();
  host.refuseNext = { code: "not_possible_now", message: `${snapshotName(host, 1)} is busy.`, hints: [`Sign in again: codex-lab login --again '${snapshotName(host, 1)}'`] };
  await press(mark.profileUse);
  await there(mark.refusal);
  look("refusal");
  await press(mark.profileUse);
  await there(mark.undoSwitchBar);
  look("switched");
  await chooseOf(2, mark.profileMenuRemove);
  await press(mark.removeConfirm);
  await there(mark.undoRemoveBar);
  look("removed");
  await press(mark.undoRemove);
  await waitFor(() => expect(by(mark.undoRemoveBar)).toBeNull());
}

/** The name as the host knows it. */
function snapshotName(host: ScriptedHost, at: number): string {
  return host.profiles[at]?.name ?? "";
}

async function imports(look: Look): Promise<void> {
  await press(mark.addMenu);
  look("ways to add");
  await press(mark.addKey);
  look("key");
  await shut();
  await press(mark.addMenu);
  await press(mark.addPaste);
  look("paste");
  await shut();
  await press(mark.addMenu);
  await press(mark.addImport);
  look("import");
  await press(mark.findStart);
  await there(mark.findSummary);
  look("found");
  await press(mark.leftoverDelete);
  look("leftover");
  await press(mark.findTake);
  await there(mark.importSummary);
  look("imported");
  await shut();
}

async function pages(look: Look): Promise<void> {
  await press(mark.navUsage);
  await there(mark.usagePoints);
  await unfold(mark.usagePoints);
  look("usage");
  await press(mark.navRouting);
  await there(mark.decision);
  for (const folded of document.querySelectorAll("details")) folded.open = true;
  look("routing");
  await press(mark.navActivity);
  await there(mark.activityEntry);
  look("activity");
  for (const kind of ["switch", "fallback", "notice", "choice", "background"]) await press(`${mark.activityKind}-${kind}`);
  await there(mark.activityEntry);
  for (const opened of all(mark.activityOpen)) await fireEvent.click(opened);
  look("activity, opened");
  await press(mark.navRouting);
  await there(mark.forceGo);
  if (by(mark.forceGo) !== null) await press(mark.forceGo);
  await there(mark.forceStop);
  look("forced");
  await press(mark.forceStop);
}

async function settings(look: Look): Promise<void> {
  await press(mark.navSettings);
  await unfold(mark.background);
  await there(mark.backgroundUsed);
  look("settings");
  await press(mark.vaultChange);
  await press(`${mark.vaultMode}-passphrase`);
  look("vault");
  await shut();
  await press(mark.copiesShow);
  await there(mark.copy);
  look("copies");
  await press(mark.copyRestore, 0);
  await there(mark.copyConfirm);
  look("restore a copy");
  await shut();
  await press(mark.exportOpen);
  await type(mark.exportPath, "/tmp/all.sealed");
  await type(mark.exportPassphrase, "four words of no meaning");
  await type(mark.exportAgain, "four words of no meaning");
  look("export");
  await press(mark.exportStart);
  await there(mark.exported);
  look("exported");
  await shut();
  await press(mark.restoreOpen);
  await type(mark.restorePath, "/tmp/all.sealed");
  await type(mark.restorePassphrase, "four words of no meaning");
  await press(mark.restoreLook);
  await there(mark.restoreTake);
  look("restore");
  await shut();
}

async function signIns(snapshot: Snapshot, look: Look): Promise<void> {
  const [first] = snapshot.profiles;
  const email = first?.email ?? null;
  const phases: SignInPhase[] = ["starting", "waiting", "finishing", "other_account", "failed", "done"];
  for (const phase of phases) {
    const failure = phase === "failed" ? ({ code: "sign_in_refused", message: `${email} was refused.`, hints: [] } as const) : null;
    const part = { phase, again: first?.id ?? null, email, profile: phase === "done" ? (first?.id ?? null) : null, failure: failure === null ? null : { ...failure, hints: [] } };
    await open({ ...snapshot, sign_in: signIn(part) });
    look(`accounts, sign-in ${phase}`);
    if (phase === "done") continue;
    await press(mark.signInShow);
    await there(mark.signIn);
    look(`sign-in ${phase}`);
  }
  await open({ ...snapshot, sign_in: deviceSignIn() });
  await press(mark.signInShow);
  look("sign-in by device");
  await open({ ...snapshot, first_run: true });
  look("first run");
}
