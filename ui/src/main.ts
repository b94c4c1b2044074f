// Starts the window: finds the program around it and draws the pages.
import "./parts/palette.css";
import "./parts/base.css";
import "./parts/controls.css";

import { mount } from "svelte";

import App from "./App.svelte";
import type { Host } from "./host/host";
import { bestOf, speak } from "./words";

async function findHost(): Promise<Host> {
  // `npm run dev` in a plain browser has no program around it; a build never takes this way, nor holds what it needs.
  if (import.meta.env.DEV && !("__TAURI_INTERNALS__" in window)) {
    const { hostFromAddress } = await import("./host/scripted");
    return hostFromAddress(new URL(window.location.href));
  }
  const { TauriHost } = await import("./host/tauri");
  return new TauriHost();
}

void Promise.all([findHost(), speak(bestOf(navigator.languages))]).then(([host]) => {
  const target = document.getElementById("app");
  if (target !== null) mount(App, { target, props: { host } });
});
