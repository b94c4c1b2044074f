// Many accounts: searching, sorting, and a list that is longer than the page.
import { cleanup, fireEvent, render, screen, waitFor } from "@testing-library/svelte";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import App from "../App.svelte";
import { crowd } from "../host/crowd";
import { row, trio } from "../host/scenes";
import { ScriptedHost } from "../host/scripted";
import { mark } from "../words/marks";
import { words } from "../words";

const ROW = 68;

// A simulated page has no heights of its own.
beforeEach(() => void vi.spyOn(HTMLElement.prototype, "offsetHeight", "get").mockReturnValue(ROW));
afterEach(() => {
  cleanup();
  vi.restoreAllMocks();
  window.scrollY = 0;
});

const by = <Element extends HTMLElement>(test: string) => document.querySelector<Element>(`[data-test="${test}"]`);
const items = () => [...document.querySelectorAll<HTMLElement>(`[data-test="${mark.profile}"]`)];
const names = () => items().map((item) => item.dataset.name);

async function open(size: number): Promise<ScriptedHost> {
  const host = new ScriptedHost(trio({ profiles: crowd(size, row) }));
  render(App, { host });
  await screen.findByRole("heading", { level: 1 });
  return host;
}

const type = (value: string) => fireEvent.input(by(mark.findField)!, { target: { value } });

async function scrollTo(y: number) {
  window.scrollY = y;
  await fireEvent.scroll(window);
}

test("seven accounts need no search, eight have one", async () => {
  await open(7);
  expect(by(mark.findField)).toBeNull();
  cleanup();
  await open(8);
  expect(by(mark.findField)).not.toBeNull();
});

test("the slash goes to the search, which says how many it finds; Escape clears it", async () => {
  await open(20);
  await fireEvent.keyDown(document.body, { key: "/" });
  expect(document.activeElement).toBe(by(mark.findField));
  await type("account-1");
  expect(by(mark.findHits)?.textContent).toBe("11 of 20 accounts");
  expect(by(mark.findHits)?.getAttribute("role")).toBe("status");
  expect(names()).toHaveLength(11);
  await type("nobody here");
  expect(names()).toEqual([]);
  expect(screen.getByText(words.accounts.find.none)).toBeTruthy();
  await fireEvent.keyDown(by(mark.findField)!, { key: "Escape" });
  expect(by<HTMLInputElement>(mark.findField)?.value).toBe("");
  expect(names()).toHaveLength(20);
});

test("a slash that is typed into a field stays there", async () => {
  await open(20);
  await fireEvent.keyDown(items()[2]!.querySelector("button")!, { key: "F2" });
  const field = by(mark.nameField)!;
  expect(await fireEvent.keyDown(field, { key: "/" })).toBe(true);
  expect(document.activeElement).toBe(field);
});

test("rows are moved in the user's own order only, and it is said why not", async () => {
  const host = await open(9);
  await fireEvent.change(by(mark.findSort)!, { target: { value: "left" } });
  await waitFor(() => expect(names()[0]).not.toBe("account-1"));
  const shown = names();
  const handle = items()[2]!.querySelector<HTMLElement>(`[data-test="${mark.profileHandle}"]`)!;
  expect(handle.getAttribute("aria-disabled")).toBe("true");
  expect(document.getElementById(handle.getAttribute("aria-describedby") ?? "")?.textContent).toContain(words.accounts.orderOff);
  await fireEvent.keyDown(handle, { key: "ArrowUp", altKey: true });
  await fireEvent.pointerDown(handle, { button: 0, clientY: 0 });
  await fireEvent.pointerMove(handle, { clientY: 400 });
  await fireEvent.pointerUp(handle, { clientY: 400 });
  expect(host.asked).toEqual([]);
  expect(by(mark.announcer)?.textContent).toBe(words.accounts.orderOff);
  expect(names()).toEqual(shown);
});

test("the order stays chosen when the user comes back to the page", async () => {
  await open(9);
  await fireEvent.change(by(mark.findSort)!, { target: { value: "name" } });
  await fireEvent.click(by(mark.navSettings)!);
  await fireEvent.click(by(mark.navAccounts)!);
  expect(by<HTMLSelectElement>(mark.findSort)?.value).toBe("name");
});

test("of a thousand rows those in sight are in the page, and each says which of how many it is", async () => {
  await open(1000);
  await waitFor(() => expect(items().length).toBeGreaterThan(8));
  expect(items().length).toBeLessThan(40);
  expect(items()[0]?.getAttribute("aria-posinset")).toBe("1");
  expect(items().map((item) => item.getAttribute("aria-setsize"))).toContain("1000");
  await scrollTo(500 * ROW);
  await waitFor(() => expect(names()).toContain("account-503"));
  expect(names()).not.toContain("account-1");
  expect(items().length).toBeLessThan(40);
  const places = items().map((item) => Number(item.getAttribute("aria-posinset")));
  expect(places).toEqual(places.map((_, at) => places[0]! + at));
});

test("the row with the focus stays when it is scrolled away, in its place in the order", async () => {
  await open(1000);
  await waitFor(() => expect(items().length).toBeGreaterThan(8));
  const handle = items()[3]!.querySelector<HTMLElement>(`[data-test="${mark.profileHandle}"]`)!;
  handle.focus();
  await scrollTo(400 * ROW);
  await waitFor(() => expect(names().length).toBeGreaterThan(8));
  await waitFor(() => expect(names()).toContain("account-402"));
  expect(names()[0]).toBe("account-4");
  expect(document.activeElement).toBe(handle);
});

test("a row of a long list is moved by keys and keeps the focus", async () => {
  const host = await open(60);
  await waitFor(() => expect(items().length).toBeGreaterThan(8));
  const handle = () => document.querySelector<HTMLElement>(`[data-name="account-3"] [data-test="${mark.profileHandle}"]`)!;
  handle().focus();
  await fireEvent.keyDown(handle(), { key: "ArrowDown", altKey: true });
  await waitFor(() => expect(names().slice(0, 4)).toEqual(["account-1", "account-2", "account-4", "account-3"]));
  expect(by(mark.announcer)?.textContent).toBe("account-3 is now at position 4 of 60.");
  await waitFor(() => expect(document.activeElement).toBe(handle()));
  expect(host.asked).toHaveLength(1);
});

test("a search over a thousand finds the last one", async () => {
  await open(1000);
  await type("account-1000");
  expect(names()).toEqual(["account-1000"]);
  expect(by(mark.findHits)?.textContent).toBe("1 of 1,000 accounts");
});
