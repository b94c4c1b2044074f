// A user at the window, for the tests of the pages. Not in a build.
import { cleanup, fireEvent, render, screen, within } from "@testing-library/svelte";

import App from "../App.svelte";
import type { Snapshot } from "../generated/Snapshot";
import { ScriptedHost } from "../host/scripted";
import { mark } from "../words/marks";

/** Everything on the page with this mark. */
export const all = (test: string) => [...document.querySelectorAll<HTMLElement>(`[data-test="${test}"]`)];
/** The first of it. */
export const by = (test: string) => all(test)[0] ?? null;
/** A profile's row. */
export const item = (name: string) => within(document.querySelector<HTMLElement>(`[data-name="${name}"]`)!);
/** A control that can be disabled. */
export const isOff = (test: string) => (by(test) as HTMLButtonElement).disabled;

/** Opens the window. */
export async function open(snapshot: Snapshot, before: (host: ScriptedHost) => void = () => {}): Promise<ScriptedHost> {
  cleanup();
  const host = new ScriptedHost(snapshot);
  before(host);
  render(App, { host });
  await screen.findByRole("heading", { level: 1 });
  return host;
}

/** Opens the window at its settings. */
export async function openSettings(snapshot: Snapshot): Promise<ScriptedHost> {
  const host = await open(snapshot);
  await press(mark.navSettings);
  return host;
}

/** Clicks. */
export async function press(test: string, at = 0): Promise<void> {
  const control = all(test)[at];
  if (control === undefined) throw new Error(`no ${test}`);
  await fireEvent.click(control);
}

/** Types into a field, or chooses in a list. */
export async function type(test: string, value: string): Promise<void> {
  const field = by(test);
  if (field === null) throw new Error(`no ${test}`);
  await (field instanceof HTMLSelectElement ? fireEvent.change(field, { target: { value } }) : fireEvent.input(field, { target: { value } }));
}

/** Chooses from a row's menu. */
export async function choose(name: string, test: string): Promise<void> {
  await fireEvent.click(item(name).getByRole("button", { name: `More for ${name}` }));
  await press(test);
}
