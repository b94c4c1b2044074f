// Which sessions run on which account, and what is told of an account besides its name.
import { cleanup, fireEvent, screen, waitFor, within } from "@testing-library/svelte";
import { afterEach, expect, test } from "vitest";

import { row, scenes, trio } from "../host/scenes";
import { mark } from "../words/marks";
import { all, by, choose, item, open } from "./acting";

afterEach(cleanup);

const inRow = (name: string, test: string) => document.querySelector<HTMLElement>(`[data-name="${name}"] [data-test="${test}"]`);

test("each account says how many sessions run on it, and lists them with what can be done", async () => {
  const host = await open(scenes.switched!());
  expect(inRow("main", mark.profileSessions)?.textContent?.trim()).toBe("3 sessions");
  expect(inRow("backup", mark.profileSessions)?.textContent?.trim()).toBe("1 session");
  expect(inRow("work", mark.profileSessions)).toBeNull();

  const opener = item("main").getByRole("button", { name: "3 sessions run on main" });
  opener.focus();
  await fireEvent.click(opener);
  const dialog = within(screen.getByRole("dialog", { name: "Sessions on main" }));
  expect(dialog.getAllByRole("listitem")).toHaveLength(3);
  expect(dialog.getByText("/home/ada/src/compiler")).toBeTruthy();
  await fireEvent.click(dialog.getByRole("button", { name: "Restart now" }));
  expect(host.asked).toEqual([{ method: "choose_for_session", params: { pid: 4120, choice: "restart" } }]);

  host.publish({ sessions: [] });
  await waitFor(() => expect(by(mark.sessionsOf)?.textContent).toContain("No session runs on this account any more."));
  expect(inRow("main", mark.profileSessions)).toBeNull();
});

test("a session on the live login is listed with its time, and nothing to choose", async () => {
  await open(scenes.switched!());
  await fireEvent.click(inRow("backup", mark.profileSessions)!);
  const dialog = within(screen.getByRole("dialog", { name: "Sessions on backup" }));
  expect(dialog.getByText(/^Since /)).toBeTruthy();
  expect(dialog.queryAllByRole("group")).toEqual([]);
});

test("a workspace is told by its id, unless it is one person's own", async () => {
  await open(trio({ profiles: [row(1, "main"), row(2, "work", { plan: "business" }), row(3, "key", { kind: "api_key", plan: null, workspace: null })] }));
  expect(all(mark.profileWorkspace).map(({ textContent }) => textContent?.trim())).toEqual(["Personal", "Workspace 7f3a9c22"]);
  expect(inRow("work", mark.profileWorkspace)?.title).toContain("7f3a9c22-52b1");
});

test("the menu drains an account and takes that back, with its other remarks as they were", async () => {
  const host = await open(scenes.remarks!());
  const details = trio().profiles[0]!.details;
  await choose("main", mark.profileMenuDrain);
  await waitFor(() => expect(inRow("main", mark.profileDraining)).not.toBeNull());
  expect(host.asked.at(-1)).toEqual({
    method: "set_details",
    params: { profile: row(1, "").id, details: { ...details, label: "personal", colour: "blue", note: "Paid on the 3rd, with the private card.", drain: true } },
  });
  await fireEvent.click(item("work").getByRole("button", { name: "More for work" }));
  await fireEvent.click(screen.getByRole("menuitem", { name: "Take new sessions again" }));
  await waitFor(() => expect(inRow("work", mark.profileDraining)).toBeNull());
});

test("the page of a device code is a picture with words for who cannot see it", async () => {
  const host = await open(scenes.device!());
  host.show("sign_in");
  const picture = await screen.findByRole("img", { name: "QR code: a phone’s camera opens https://auth.openai.com/codex/device" });
  expect(picture.getAttribute("viewBox")).toBe("-4 -4 33 33");
  host.publish({ sign_in: { ...trio().sign_in!, ...scenes.device!().sign_in!, picture: null } });
  await waitFor(() => expect(by(mark.signInPicture)).toBeNull());
  expect(by(mark.signInCode)).not.toBeNull();
});
