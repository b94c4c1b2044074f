// Dialogs that are closed while what they asked for is still under way.
import { cleanup, waitFor } from "@testing-library/svelte";
import { afterEach, expect, test } from "vitest";

import { trio } from "../host/scenes";
import { mark } from "../words/marks";
import { by, choose, open, press, type } from "./acting";

afterEach(cleanup);

interface Asked {
  /** Opens the dialog, of this account if it is of one. */
  show: (account: string) => Promise<void>;
  ask: () => Promise<void>;
  /** What tells that it was done. */
  done: () => unknown;
}

async function add(way: string) {
  await press(mark.addMenu);
  await press(way);
}

async function fill(field: string, value: string, start: string) {
  await type(field, value);
  await press(start);
}

/** Until everything that waits for the answer has run. */
const turn = () => new Promise((done) => setTimeout(done));

const said = () => by(mark.announcer)?.textContent;

const details: Asked = {
  show: (account) => choose(account, mark.profileMenuDetails),
  ask: () => press(mark.detailsSave),
  done: () => expect(said()).toBe("Saved the details of work."),
};
const removal: Asked = {
  show: (account) => choose(account, mark.profileMenuRemove),
  ask: () => press(mark.removeConfirm),
  done: () => expect(said()).toBe("Removed work."),
};
const key: Asked = {
  show: () => add(mark.addKey),
  ask: () => fill(mark.keyField, "sk-test", mark.keySave),
  done: () => expect(document.querySelector('[data-name="api-key"]')).not.toBeNull(),
};
const paste: Pick<Asked, "show" | "ask"> = {
  show: () => add(mark.addPaste),
  ask: () => fill(mark.pasteText, "{}", mark.pasteStart),
};

test.each([
  ["details", details],
  ["a removal", removal],
  ["an API key", key],
  ["a pasted login", paste],
])("%s: a refusal after the dialog was closed is told on top of the page", async (_, { show, ask }) => {
  const host = await open(trio());
  await show("work");
  const answer = host.holdNext();
  await ask();
  await press(mark.dialogClose);
  expect(document.querySelector("dialog")).toBeNull();
  host.refuseNext = { code: "storage_full", message: "The disk is full.", hints: [] };
  answer();
  await waitFor(() => expect(by(mark.refusal)?.textContent ?? "").toContain("The disk is full."));
});

test.each([
  ["details", details],
  ["a removal", removal],
  ["an API key", key],
])("%s: what ends late closes no dialog but its own and takes no focus", async (_, { show, ask, done }) => {
  const host = await open(trio());
  await show("work");
  const answer = host.holdNext();
  await ask();
  await press(mark.dialogClose);
  await show("backup");
  const focused = document.activeElement;
  answer();
  await waitFor(done);
  await turn();
  expect(document.querySelector("dialog")).not.toBeNull();
  expect(document.activeElement).toBe(focused);
});

test.each([
  ["details", details],
  ["a removal", removal],
])("%s: what ends late with no dialog open still says what was done", async (_, { show, ask, done }) => {
  const host = await open(trio());
  await show("work");
  const answer = host.holdNext();
  await ask();
  await press(mark.dialogClose);
  answer();
  await waitFor(done);
  expect(by(mark.refusal)).toBeNull();
});
