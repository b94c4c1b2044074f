// The window's side of the conversation: order of snapshots, pages, refusals.
import { expect, test } from "vitest";

import type { Failure } from "../generated/Failure";
import { failureOf } from "./host";
import { Lab } from "./lab.svelte";
import { signIn, trio } from "./scenes";
import { ScriptedHost } from "./scripted";

const busy: Failure = { code: "sign_in_running", message: "A sign-in is open.", hints: [] };

async function started(host: ScriptedHost): Promise<Lab> {
  const lab = new Lab(host);
  await lab.start();
  return lab;
}

test("an older snapshot never replaces a newer one", async () => {
  const host = new ScriptedHost(trio({ revision: 5 }));
  const lab = await started(host);
  host.publish({ revision: 0 });
  const late = { ...trio(), revision: 2 };
  host.call = async () => ({ kind: "done", snapshot: late });
  await lab.attempt({ method: "snapshot" });
  expect(lab.snapshot?.revision).toBe(6);
});

test("the program can open the sign-in before its snapshot arrives", async () => {
  const host = new ScriptedHost(trio());
  const lab = await started(host);
  await lab.show("sign_in");
  expect(lab.page).toBe("accounts");
  const call = host.call.bind(host);
  host.call = async (request) => {
    host.publish({ sign_in: signIn() });
    return call(request);
  };
  await lab.show("sign_in");
  expect(lab.page).toBe("sign_in");
});

test("a finished or dismissed sign-in leads back to the list", async () => {
  const host = new ScriptedHost(trio({ sign_in: signIn() }), "sign_in");
  const lab = await started(host);
  expect(lab.page).toBe("sign_in");
  host.publish({ sign_in: signIn({ phase: "done", email: "grace@example.com" }) });
  expect(lab.page).toBe("accounts");
  expect(lab.spoken).toBe("Signed in as grace@example.com");
});

test("a second sign-in shows the first and offers to replace it", async () => {
  const host = new ScriptedHost(trio({ sign_in: signIn() }));
  const lab = await started(host);
  host.refuseNext = busy;
  await lab.signIn("device_code", null);
  expect(lab.page).toBe("sign_in");
  expect(lab.wanted).toEqual({ method: "device_code", again: null });
  expect(lab.refusal).toBeNull();
  await lab.signIn("device_code", null, true);
  expect(host.asked.at(-1)).toEqual({ method: "begin_sign_in", params: { method: "device_code", again: null, replace: true } });
  expect(lab.wanted).toBeNull();
});

test("a sign-in that was called off leaves nothing to read", async () => {
  const host = new ScriptedHost(trio({ sign_in: signIn() }), "sign_in");
  const lab = await started(host);
  await lab.cancelSignIn();
  expect(host.asked.map((request) => request.method)).toEqual(["cancel_sign_in", "dismiss_sign_in"]);
  expect(lab.snapshot?.sign_in).toBeNull();
  expect(lab.page).toBe("accounts");
});

test("a refusal stays until it is dismissed, and can be asked again", async () => {
  const host = new ScriptedHost(trio());
  const lab = await started(host);
  host.refuseNext = { code: "network", message: "No connection.", hints: [] };
  expect(await lab.attempt({ method: "capture_live" })).toBe(false);
  expect(lab.refusal?.code).toBe("network");
  await lab.attemptAgain();
  expect(lab.refusal).toBeNull();
  expect(host.asked.map((request) => request.method)).toEqual(["capture_live", "capture_live"]);
});

test("what is no failure becomes one", () => {
  expect(failureOf("invoke: unknown command").code).toBe("internal");
  expect(failureOf(null).code).toBe("internal");
  expect(failureOf(busy)).toBe(busy);
});

test("what came with the window is shown before anything is asked, and what was asked for meanwhile after it", async () => {
  const host = new ScriptedHost(trio({ revision: 5 }), "routing");
  host.start = { page: "routing", snapshot: trio({ revision: 4 }) };
  const lab = new Lab(host);
  expect([lab.page, lab.snapshot?.revision]).toEqual(["routing", 4]);
  lab.page = "settings";
  await lab.start();
  expect([lab.page, lab.snapshot?.revision]).toEqual(["settings", 5]);

  host.start = { page: { link: "add" }, snapshot: trio() };
  const later = await started(host);
  expect([later.link, later.page]).toEqual([{ asks: "add" }, "routing"]);
});

test("where nothing was known when the window came, it asks", async () => {
  const host = new ScriptedHost(trio(), "routing");
  host.start = { page: "routing" };
  const lab = new Lab(host);
  expect([lab.page, lab.snapshot]).toEqual(["accounts", null]);
  await lab.start();
  expect([lab.page, lab.snapshot?.revision]).toEqual(["routing", 1]);
});
