// The switches for notifications, and the page a notification opens.
import { cleanup, fireEvent, waitFor } from "@testing-library/svelte";
import { afterEach, expect, test } from "vitest";

import { trio } from "../host/scenes";
import { quietHours, quietSpan } from "../parts/quiet";
import { mark } from "../words/marks";
import { by, open, openSettings, press } from "./acting";

afterEach(cleanup);

test("quiet hours are switched on with usual times, and changed", async () => {
  const host = await openSettings(trio());
  expect(by(mark.quietFrom)).toBeNull();
  await press(mark.quietHours);
  await waitFor(() => expect((by(mark.quietFrom) as HTMLInputElement).value).toBe("22:00"));
  expect(host.asked.at(-1)).toMatchObject({ params: { settings: { quiet_hours: "22:00-07:00" } } });
  await fireEvent.change(by(mark.quietTo)!, { target: { value: "08:30" } });
  await waitFor(() => expect(host.asked.at(-1)).toEqual({ method: "set_setting", params: { key: "quiet_hours", value: "22:00-08:30" } }));
  await fireEvent.change(by(mark.quietFrom)!, { target: { value: "08:30" } });
  await waitFor(() => expect(by(mark.quietError)?.textContent).toContain("22:00-07:00"));
  await press(mark.quietHours);
  await waitFor(() => expect(by(mark.quietFrom)).toBeNull());
  expect(host.asked.at(-1)).toMatchObject({ params: { settings: { quiet_hours: null } } });
});

test("without notifications there is nothing to say about them", async () => {
  await openSettings(trio());
  await press(mark.privateNotifications);
  await waitFor(() => expect(by(mark.privateNotifications)?.getAttribute("aria-checked")).toBe("true"));
  await press(mark.notifications);
  await waitFor(() => expect(by(mark.privateNotifications)).toBeNull());
  expect(by(mark.quietHours)).toBeNull();
});

test("hooks are listed where there are some", async () => {
  const shown = trio();
  const hooks = { ...shown.settings.hooks, reset: ["/usr/bin/logger", "-t", "codex-lab"] };
  await openSettings({ ...shown, settings: { ...shown.settings, hooks } });
  await waitFor(() => expect(by(mark.hooks)?.textContent).toContain("/usr/bin/logger -t codex-lab"));
});

test("a notification opens the page that says why", async () => {
  const host = await open(trio());
  host.show("routing");
  await waitFor(() => expect(by(mark.page)?.dataset.page).toBe("routing"));
});

test("times that are no span are none", () => {
  expect(quietSpan("22:00-07:00")).toEqual({ from: "22:00", to: "07:00" });
  for (const hours of [null, "", "22:00", "22-07"]) expect(quietSpan(hours)).toBeNull();
  expect([quietHours("22:00", "07:00"), quietHours("", "07:00"), quietHours("07:00", "07:00")]).toEqual(["22:00-07:00", null, null]);
});
