// First run, sign-in and settings, operated as a user would.
import { cleanup, fireEvent, render, screen, waitFor } from "@testing-library/svelte";
import { afterEach, expect, test } from "vitest";

import App from "../App.svelte";
import type { Opening } from "../host/host";
import { row, scenes, signIn, trio } from "../host/scenes";
import { ScriptedHost } from "../host/scripted";
import { mark } from "../words/marks";

afterEach(() => {
  cleanup();
  delete document.documentElement.dataset.theme;
});

const by = (test: string) => document.querySelector<HTMLElement>(`[data-test="${test}"]`);
const page = () => by(mark.page)?.dataset.page;

async function open(scene: string, opening: Opening = "accounts"): Promise<ScriptedHost> {
  const host = new ScriptedHost(scenes[scene]!(), opening);
  render(App, { host });
  await screen.findByRole("heading", { level: 1 });
  return host;
}

async function press(test: string) {
  const control = by(test);
  if (control === null) throw new Error(`no ${test}`);
  await fireEvent.click(control);
}

test("the first page says what this is and what may cost the accounts, and goes away for good", async () => {
  const host = await open("first-run");
  expect(page()).toBe("first_run");
  expect(document.body.textContent).toContain("can cost you the accounts");
  await waitFor(() => expect(by(mark.firstRunLater)).not.toBeNull());
  await press(mark.firstRunLater);
  await waitFor(() => expect(page()).toBe("accounts"));
  expect(host.asked.at(-1)).toEqual({ method: "finish_first_run" });
});

test("adding an account opens the browser at once and ends on the list with the new name", async () => {
  const host = await open("empty");
  await press(mark.add);
  await waitFor(() => expect(by(mark.signIn)?.dataset.phase).toBe("waiting"));
  expect(host.asked).toEqual([{ method: "begin_sign_in", params: { method: "browser", again: null, replace: false } }]);
  expect(by(mark.signInCountdown)?.textContent).toMatch(/^1[45]:\d\d$/);
  await press(mark.signInCopy);
  expect(host.copied).toBe(signIn().url);
  await press(mark.signInOpen);
  expect(host.asked.at(-1)).toEqual({ method: "open_sign_in_page" });

  const grace = row(9, "grace-plus");
  host.publish({ profiles: [grace], sign_in: signIn({ phase: "done", email: "grace@example.com", profile: grace.id, created: true }) });
  await waitFor(() => expect(page()).toBe("accounts"));
  expect(by(mark.signInDone)?.textContent).toContain("Signed in as grace@example.com");
  expect(by(mark.signInDoneName)?.textContent).toBe("grace-plus");
  await press(mark.signInDoneRename);
  await fireEvent.input(by(mark.nameField)!, { target: { value: "grace" } });
  await fireEvent.submit(by(mark.nameField)!.closest("form")!);
  await waitFor(() => expect(by(mark.signInDoneName)?.textContent).toBe("grace"));
  await press(mark.signInDoneClose);
  await waitFor(() => expect(by(mark.signInDone)).toBeNull());
});

test("a second account gets the hint about private windows, a first one does not", async () => {
  await open("waiting", "sign_in");
  expect(document.body.textContent).toContain("private window");
  cleanup();
  const host = await open("empty");
  await press(mark.add);
  await waitFor(() => expect(page()).toBe("sign_in"));
  expect(host.asked).toHaveLength(1);
  expect(document.body.textContent).not.toContain("private window");
});

test("a browser that did not start is said, with the link to open by hand", async () => {
  await open("no-browser", "sign_in");
  expect(by(mark.signInNoBrowser)?.textContent).toContain("No browser could be started");
  expect(document.body.textContent).not.toContain("opened in your browser");
  expect((by(mark.signInLink) as HTMLInputElement).value).toBe(signIn().url);
});

test("from the browser to a device code, and back", async () => {
  const host = await open("waiting", "sign_in");
  await press(mark.signInDevice);
  await waitFor(() => expect(by(mark.signInCode)?.textContent).toBe("WXKP-7T4QD"));
  expect(host.asked.at(-1)).toEqual({ method: "begin_sign_in", params: { method: "device_code", again: null, replace: true } });
  await press(mark.signInCopyCode);
  expect(host.copied).toBe("WXKP-7T4QD");
});

test("a pasted address that is refused says why beside the field", async () => {
  const host = await open("waiting", "sign_in");
  await fireEvent.input(by(mark.signInPasteField)!, { target: { value: " http://127.0.0.1:1455/auth/callback?code=x " } });
  host.refuseNext = { code: "state_mismatch", message: "That address belongs to another sign-in.", hints: ["Paste the newest one."] };
  await press(mark.signInPaste);
  await waitFor(() => expect(by(mark.signInPasteError)?.dataset.code).toBe("state_mismatch"));
  await press(mark.signInPaste);
  await waitFor(() => expect(by(mark.signIn)?.dataset.phase).toBe("finishing"));
  expect(host.asked.at(-1)).toEqual({ method: "paste_callback", params: { url: "http://127.0.0.1:1455/auth/callback?code=x" } });
});

test("another account than expected is the user's to decide", async () => {
  const host = await open("other", "sign_in");
  expect(document.body.textContent).toContain("grace@example.com");
  expect(document.body.textContent).toContain("Nothing has been changed yet");
  await press(mark.signInDiscard);
  await waitFor(() => expect(page()).toBe("accounts"));
  expect(host.asked).toEqual([{ method: "decide_sign_in", params: { add: false } }]);
});

test("busy ports offer a device code first, other failures another try", async () => {
  await open("port-busy", "sign_in");
  expect(by(mark.signInFailure)?.dataset.code).toBe("port_busy");
  expect(by(mark.signInDevice)?.classList.contains("primary")).toBe(true);
  cleanup();
  const host = await open("refused", "sign_in");
  expect(by(mark.signInRetry)?.classList.contains("primary")).toBe(true);
  await press(mark.signInRetry);
  await waitFor(() => expect(by(mark.signIn)?.dataset.phase).toBe("waiting"));
  expect(host.asked).toEqual([{ method: "begin_sign_in", params: { method: "browser", again: null, replace: true } }]);
});

test("the list shows a sign-in that goes on, and the program can ask for it", async () => {
  const host = await open("waiting");
  expect(page()).toBe("accounts");
  await press(mark.signInShow);
  await waitFor(() => expect(page()).toBe("sign_in"));
  await press(mark.signInBack);
  await waitFor(() => expect(page()).toBe("accounts"));
  host.show("sign_in");
  await waitFor(() => expect(page()).toBe("sign_in"));
});

test("settings are sent whole, and the theme takes effect", async () => {
  const host = await open("three");
  await press(mark.navSettings);
  await waitFor(() => expect(page()).toBe("settings"));
  await press(`${mark.theme}-dark`);
  await waitFor(() => expect(document.documentElement.dataset.theme).toBe("dark"));
  await press(`${mark.afterSwitch}-when_idle`);
  await press(mark.notifications);
  await waitFor(() => expect(by(mark.notifications)?.getAttribute("aria-checked")).toBe("false"));
  expect(host.asked.at(-1)).toEqual({
    method: "set_settings",
    params: { settings: { ...trio().settings, theme: "dark", after_switch: "when_idle", notifications: false } },
  });
});

test.each([null, { page: "accounts", snapshot: trio() } as const])("a program that does not answer is said, and asked again", async (start) => {
  const host = new ScriptedHost(trio({ revision: 7 }));
  host.start = start;
  const subscribe = host.subscribe.bind(host);
  host.subscribe = async () => {
    throw { code: "storage_denied", message: "The folder cannot be read.", hints: [] };
  };
  render(App, { host });
  await waitFor(() => expect(by(mark.unreachable)?.dataset.code).toBe("storage_denied"));
  host.subscribe = subscribe;
  await press(mark.unreachableRetry);
  await waitFor(() => expect([page(), by(mark.unreachable)]).toEqual(["accounts", null]));
});
