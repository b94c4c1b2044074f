// The user's remarks on a profile, operated as a user would.
import { cleanup, waitFor } from "@testing-library/svelte";
import { afterEach, expect, test } from "vitest";

import { row, scenes, trio } from "../host/scenes";
import type { ScriptedHost } from "../host/scripted";
import { mark } from "../words/marks";
import { words } from "../words";
import { by, choose, isOff, item, open, press, type } from "./acting";

afterEach(cleanup);

/** The last details that were to be kept. */
const saved = (host: ScriptedHost) => host.asked.findLast(({ method }) => method === "set_details");

test("label, colour, note and drain are shown on the row", async () => {
  const host = await open(trio());
  await choose("work", mark.profileMenuDetails);
  await type(mark.detailsLabel, " Client ");
  await press(`${mark.detailsColour}-orange`);
  await type(mark.detailsNote, "Ask Ben first.");
  await press(mark.detailsDrain);
  await press(mark.detailsPrime);
  await press(mark.detailsMuted);
  await type(mark.detailsWeight, "25");
  await press(mark.detailsSave);
  await waitFor(() => expect(item("work").getByText("Client")).toBeTruthy());
  expect(item("work").getByText("Draining")).toBeTruthy();
  expect(item("work").getByRole("img", { name: "Marked orange" }).classList.contains("mark-orange")).toBe(true);
  expect(item("work").getByText("Ask Ben first.")).toBeTruthy();
  expect(by(mark.announcer)?.textContent).toBe("Saved the details of work.");
  expect(saved(host)).toEqual({
    method: "set_details",
    params: {
      profile: row(2, "").id,
      details: { label: "Client", note: "Ask Ben first.", colour: "orange", weight: 25, drain: true, muted: true, thresholds: { low: null, critical: null }, prime: true },
    },
  });
});

test("what was noted is there to be changed, and a colour can be taken away", async () => {
  const host = await open(scenes.remarks!());
  await choose("main", mark.profileMenuDetails);
  expect((by(mark.detailsLabel) as HTMLInputElement).value).toBe("personal");
  expect((by(`${mark.detailsColour}-blue`) as HTMLInputElement).checked).toBe(true);
  await press(`${mark.detailsColour}-none`);
  await type(mark.detailsLabel, "");
  await press(mark.detailsSave);
  await waitFor(() => expect(document.querySelector("dialog")).toBeNull());
  expect(saved(host)).toMatchObject({ params: { details: { label: null, colour: null } } });
});

test("thresholds that cross are refused beside the fields, with both named", async () => {
  const host = await open(trio());
  await choose("work", mark.profileMenuDetails);
  await type(mark.detailsLow, "10");
  await type(mark.detailsCritical, "20");
  expect(by(mark.detailsOrder)?.textContent).toBe("Critical (20 %) has to be below Low (10 %).");
  for (const field of [mark.detailsLow, mark.detailsCritical]) {
    expect(by(field)?.getAttribute("aria-invalid")).toBe("true");
    expect(by(field)?.getAttribute("aria-describedby")).toContain(by(mark.detailsOrder)!.id);
  }
  expect(isOff(mark.detailsSave)).toBe(true);
  await type(mark.detailsCritical, "5");
  expect(by(mark.detailsOrder)?.textContent).toBe("");
  await press(mark.detailsSave);
  await waitFor(() => expect(saved(host)).toMatchObject({ params: { details: { thresholds: { low: 10, critical: 5 } } } }));
});

test("the dialog says where weight, drain and thresholds act", async () => {
  await open(trio());
  await choose("work", mark.profileMenuDetails);
  expect(document.querySelector("dialog")?.textContent).toContain(words.details.routingText);
  expect(words.details.routingText).toContain(`the ${words.routing.title} page`);
});

test("a refusal keeps what was typed", async () => {
  const host = await open(trio());
  await choose("work", mark.profileMenuDetails);
  await type(mark.detailsLabel, "office");
  host.refuseNext = { code: "storage_full", message: "The disk is full.", hints: [] };
  await press(mark.detailsSave);
  await waitFor(() => expect(by(mark.dialogError)?.textContent).toContain("The disk is full."));
  expect((by(mark.detailsLabel) as HTMLInputElement).value).toBe("office");
  await press(mark.detailsCancel);
  await waitFor(() => expect(document.querySelector("dialog")).toBeNull());
});
