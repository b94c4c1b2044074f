// The first page: from what is found to one account that is ready.
import { cleanup, fireEvent, waitFor } from "@testing-library/svelte";
import { afterEach, expect, test } from "vitest";

import type { Snapshot } from "../generated/Snapshot";
import { found } from "../host/finds";
import { blank, row, routing } from "../host/scenes";
import type { ScriptedHost } from "../host/scripted";
import { mark } from "../words/marks";
import { words } from "../words";
import { all, by, isOff, open, press } from "./acting";

afterEach(cleanup);

const fresh = (part: Partial<Snapshot> = {}) => blank({ first_run: true, live: { ...blank().live, state: "unknown", email: "ada@example.com" }, ...part });
const mine = found("live", { from: "codex", source: "~/.codex/auth.json", email: "ada@example.com" });
const theirs = found("grace", { advice: "A login that another tool goes on using is lost to whichever renews it first." });

async function openFirst(snapshot: Snapshot, items: ReturnType<typeof found>[]): Promise<ScriptedHost> {
  const host = await open(snapshot, (host) => (host.found = items));
  await waitFor(() => expect(isOff(mark.firstRunContinue)).toBe(false));
  return host;
}

/** The live login becomes a profile, as the core would have it. */
function arrives(host: ScriptedHost) {
  const main = row(1, "main", { live: true });
  host.publish({ profiles: [main], live: { ...blank().live, state: "profile", profile: main.id, email: main.email } });
}

const methods = (host: ScriptedHost) => host.asked.map((request) => request.method);

test("what Codex uses is kept unless the user says no; what another tool uses too is theirs to choose", async () => {
  await openFirst(fresh(), [mine, theirs]);
  const boxes = () => all(mark.findItemTake).map((box) => (box as HTMLInputElement).checked);
  expect(boxes()).toEqual([true, false]);
  expect(by(mark.firstRunContinue)?.textContent).toBe("I understand, keep 1 login");
  expect(document.body.textContent).not.toContain(words.import.ownersTitle);
  await fireEvent.click(all(mark.findItemTake)[1]!);
  expect(by(mark.firstRunContinue)?.textContent).toBe("I understand, keep 2 logins");
  expect(document.body.textContent).toContain(words.import.ownersTitle);
});

test("the safe choice is chosen already: the live account alone serves", async () => {
  const host = await openFirst(fresh(), [mine]);
  expect((by(`${mark.firstRunWay}-manual`) as HTMLInputElement).checked).toBe(true);
  const answer = host.holdNext();
  await press(mark.firstRunContinue);
  arrives(host);
  answer();
  await waitFor(() => expect(by(mark.page)?.dataset.page).toBe("accounts"));
  expect(methods(host)).toEqual(["find_imports", "import_from", "set_routing", "finish_first_run"]);
  expect(host.asked[1]).toMatchObject({ params: { only: ["live"] } });
  expect(host.asked[2]).toMatchObject({ params: { settings: { ...routing, force: { profile: row(1, "").id, until: null, strict: true } } } });
});

test("fallback for sessions is a click away, and takes a force back", async () => {
  const main = row(1, "main", { live: true });
  const forced = { ...routing, force: { profile: main.id, until: null, strict: true } };
  const host = await openFirst(fresh({ profiles: [main], live: { ...blank().live, state: "profile", profile: main.id }, routing: forced }), [theirs]);
  expect(by(mark.firstRunContinue)?.textContent).toBe(words.firstRun.goOn);
  await fireEvent.click(by(`${mark.firstRunWay}-automatic`)!);
  await press(mark.firstRunContinue);
  await waitFor(() => expect(by(mark.page)?.dataset.page).toBe("accounts"));
  expect(host.asked.find((request) => request.method === "set_routing")).toMatchObject({ params: { settings: { force: null } } });
});

test("where nothing is found the sign-in follows at once, or later", async () => {
  const host = await openFirst(blank({ first_run: true }), []);
  expect(by(mark.firstRunNothing)).not.toBeNull();
  await press(mark.firstRunContinue);
  await waitFor(() => expect(by(mark.page)?.dataset.page).toBe("sign_in"));
  expect(methods(host)).toEqual(["find_imports", "finish_first_run", "begin_sign_in"]);
  const later = await openFirst(blank({ first_run: true }), []);
  await press(mark.firstRunLater);
  await waitFor(() => expect(by(mark.page)?.dataset.page).toBe("accounts"));
  expect(methods(later)).toEqual(["find_imports", "finish_first_run"]);
});

test("a login that cannot be kept is told, and the page stays", async () => {
  const host = await openFirst(fresh(), [mine]);
  host.refuseNext = { code: "storage_full", message: "There is no space left.", hints: [] };
  await press(mark.firstRunContinue);
  await waitFor(() => expect(by(mark.refusal)?.textContent).toContain("no space left"));
  expect([by(mark.page)?.dataset.page, isOff(mark.firstRunContinue)]).toEqual(["first_run", false]);
});

test("the provider's own pages open in the browser", async () => {
  const host = await openFirst(fresh(), [mine]);
  await press(`${mark.policy}-terms`);
  await press(`${mark.policy}-usage`);
  expect(host.asked.slice(1)).toEqual(["terms", "usage"].map((policy) => ({ method: "open_policy", params: { policy } })));
});
