// Without names: no name and no e-mail stands anywhere in the window.
import { cleanup, fireEvent, waitFor } from "@testing-library/svelte";
import { afterEach, expect, test } from "vitest";

import type { Snapshot } from "../generated/Snapshot";
import { scenes, trio } from "../host/scenes";
import { Veil } from "../host/veil";
import { mark } from "../words/marks";
import { all, by, open, press, type } from "./acting";
import { walk } from "./walk";

afterEach(cleanup);

const NAMES = ["Qwaxolotl", "zyphraxim@secret.invalid", "Brontogale", "Formerlix"];
const [first, second, third, former] = NAMES as [string, string, string, string];

/** Names that are nothing else, wherever a snapshot can have them. */
function named(part: Partial<Snapshot> = {}): Snapshot {
  const plain = trio();
  const [main, work, backup] = plain.profiles;
  if (main === undefined || work === undefined || backup === undefined) throw new Error("no profiles");
  const { sessions } = scenes.switched!();
  return {
    ...plain,
    settings: { ...plain.settings, private_notifications: true },
    profiles: [
      { ...main, name: first, email: "qwax@secret.invalid", details: { ...main.details, label: `with ${first}`, note: `Paid by qwax@secret.invalid, not ${third}.` }, also_in: [`OpenCode (${second})`] },
      { ...work, name: second, email: second },
      { ...backup, name: third, email: "bront@secret.invalid" },
    ],
    live: { ...plain.live, email: "qwax@secret.invalid" },
    removed: { id: "00000000000000aa", name: former, removed_at: new Date().toISOString() },
    undo: { to: "00000000000000ab", name: former, switched_at: new Date().toISOString() },
    sessions: sessions.map((session) => ({ ...session, profile: first })),
    problems: [{ code: "storage_full", message: `The login of ${first} and of qwax@secret.invalid could not be saved.`, hints: [`Sign in again: codex-lab login --again '${second}'`] }],
    ...part,
  };
}

/** All there is in the page: text, attributes, and what stands in fields. */
function standing(): string {
  const fields = [...document.querySelectorAll<HTMLInputElement>("input, textarea, select")].map(({ value }) => value);
  return [document.documentElement.outerHTML, ...fields].join("\n");
}

test("on no page, in no menu and in no dialog", async () => {
  const seen: string[] = [];
  const found: string[] = [];
  await walk(named(), (place) => {
    seen.push(place);
    const text = standing();
    // The scripted host's finds have e-mails of their own.
    for (const name of [...NAMES, "secret.invalid", "example.com"]) if (text.includes(name)) found.push(`${place}: ${name}`);
  });
  expect(found).toEqual([]);
  expect(seen.length).toBeGreaterThan(30);
}, 60_000);

test("the walk would find them, were they shown", async () => {
  const shown: string[] = [];
  await walk(named({ settings: { ...trio().settings, private_notifications: false } }), () => shown.push(standing()));
  for (const name of NAMES) expect(shown.filter((text) => text.includes(name)).length, name).toBeGreaterThan(0);
}, 60_000);

test("profiles are called by their places, and so it is said", async () => {
  await open(named());
  expect(all(mark.profileName).map(({ textContent }) => textContent)).toEqual(["Profile 1", "Profile 2", "Profile 3"]);
  expect(by(mark.profileEmail)?.textContent).toBe("•••@•••");
  expect(by(mark.problem)?.textContent).toContain("The login of Profile 1 and of •••@••• could not be saved.");
  await press(mark.profileUse);
  await waitFor(() => expect(by(mark.announcer)?.textContent).toBe("Codex now uses Profile 2."));
});

test("a name can be changed without being seen, and seen when that is wished for", async () => {
  const host = await open(named());
  await press(mark.profileMenu, 1);
  await press(mark.profileMenuRename);
  expect((by(mark.nameField) as HTMLInputElement).value).toBe("");
  await press(mark.nameShow);
  expect((by(mark.nameField) as HTMLInputElement).value).toBe(second);
  await type(mark.nameField, "new-name");
  await fireEvent.submit(by(mark.nameField)!.closest("form")!);
  await waitFor(() => expect(host.profiles[1]?.name).toBe("new-name"));
  expect(standing()).not.toContain("new-name");
  expect(by(mark.announcer)?.textContent).toBe("Renamed to Profile 2.");
});

test("an empty field keeps the hidden name", async () => {
  const host = await open(named());
  await press(mark.profileMenu, 1);
  await press(mark.profileMenuRename);
  await fireEvent.submit(by(mark.nameField)!.closest("form")!);
  await waitFor(() => expect(by(mark.nameField)).toBeNull());
  expect(host.asked).toEqual([]);
});

test("remarks that were hidden are saved as they were", async () => {
  const host = await open(named());
  await press(mark.profileMenu);
  await press(mark.profileMenuDetails);
  expect(by(mark.detailsNote)).toBeNull();
  await type(mark.detailsWeight, "20");
  await press(mark.detailsSave);
  await waitFor(() => expect(host.profiles[0]?.details.weight).toBe(20));
  expect(host.profiles[0]?.details.note).toBe(`Paid by qwax@secret.invalid, not ${third}.`);
  await press(mark.profileMenu);
  await press(mark.profileMenuDetails);
  await press(mark.detailsShow);
  expect((by(mark.detailsNote) as HTMLTextAreaElement).value).toContain(third);
});

test.each([
  ["The login of Qwaxolotl has run out.", "The login of Profile 1 has run out."],
  ["Qwaxolotls and Qwaxolotl-2", "Qwaxolotls and Profile 1-2"],
  ["as zyphraxim@secret.invalid, or ada@else.where", "as Profile 2, or •••@•••"],
  ["~/accounts/ada@else.where.json", "~/accounts/•••@•••"],
  ["Formerlix is gone", "Another profile is gone"],
  ["nobody", "nobody"],
])("%j reads %j", (text, said) => expect(new Veil(named()).text(text)).toBe(said));
