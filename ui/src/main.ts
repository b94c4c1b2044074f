// Starts the window: finds the program around it and draws the pages.
import "./parts/palette.css";
import "./parts/base.css";
import "./parts/controls.css";

import { mount } from "svelte";

import App from "./App.svelte";
import type { Settings } from "./generated/Settings";
import type { Host } from "./host/host";
import { TauriHost } from "./host/tauri";
import { bestOf, languageOf, learn, speak } from "./words";

async function findHost(): Promise<Host> {
  // `npm run dev` in a plain browser has no program around it; a build never takes this way, nor holds what it needs.
  if (import.meta.env.DEV && !("__TAURI_INTERNALS__" in window)) {
    const { hostFromAddress } = await import("./host/scripted");
    return hostFromAddress(new URL(window.location.href));
  }
  return new TauriHost();
}

/** The language is among the settings. Where nobody says what they are, the page that follows says so in the system's. */
async function settle(host: Host): Promise<void> {
  const asked = () =>
    new Promise<Settings["language"]>((resolve) => {
      host.subscribe((snapshot) => resolve(snapshot.settings.language)).catch(() => resolve("system"));
    });
  const setting = host.start?.snapshot?.settings.language ?? (await asked());
  await speak(languageOf(setting, navigator.languages));
}

// Most likely it is the system's; while the settings are asked for, its words come.
void learn(bestOf(navigator.languages));
void findHost().then(async (host) => {
  await settle(host);
  const target = document.getElementById("app");
  if (target !== null) mount(App, { target, props: { host } });
});
