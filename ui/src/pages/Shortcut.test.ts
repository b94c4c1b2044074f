// The setting of the key that opens the window, and what is said of it.
import { cleanup, waitFor } from "@testing-library/svelte";
import { afterEach, expect, test } from "vitest";

import type { ShortcutView } from "../generated/ShortcutView";
import { scenes, trio } from "../host/scenes";
import { mark } from "../words/marks";
import { by, openSettings, press } from "./acting";

afterEach(cleanup);

test("it is off until it is wanted, and asked for when it is", async () => {
  const host = await openSettings(trio());
  expect(by(mark.shortcut)?.getAttribute("aria-checked")).toBe("false");
  expect(by(mark.shortcutState)).toBeNull();
  await press(mark.shortcut);
  await waitFor(() => expect(by(mark.shortcut)?.getAttribute("aria-checked")).toBe("true"));
  expect(host.asked.at(-1)).toMatchObject({ method: "set_settings", params: { settings: { shortcut: true } } });
});

test("what became of it stands beside it", async () => {
  const host = await openSettings(scenes.keyless!());
  expect(by(mark.shortcutState)?.textContent?.trim()).toBe(
    "This desktop gives no keys to apps, so no shortcut opens the window. docs/deep-links.md says how to bind a key by hand.",
  );
  const views: [ShortcutView, string][] = [
    [{ state: "asking", trigger: null, failure: null }, "Your desktop was asked."],
    [{ state: "on", trigger: "Super+Alt+C", failure: null }, "On this desktop: Super+Alt+C"],
    [{ state: "on", trigger: null, failure: null }, "On. Which key it is stands in your desktop’s settings."],
  ];
  for (const [shortcut, said] of views) {
    host.publish({ shortcut });
    await waitFor(() => expect(by(mark.shortcutState)?.textContent?.trim()).toBe(said));
  }
  host.publish({ shortcut: { state: "off", trigger: null, failure: null } });
  await waitFor(() => expect(by(mark.shortcutState)).toBeNull());
});
