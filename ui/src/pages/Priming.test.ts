// Starting weeks from a profile's details, operated as a user would.
import { cleanup, screen, waitFor } from "@testing-library/svelte";
import { afterEach, expect, test } from "vitest";

import { primed } from "../host/primes";
import { row, trio } from "../host/scenes";
import { mark } from "../words/marks";
import { words } from "../words";
import { all, by, choose, isOff, open, press } from "./acting";

afterEach(cleanup);

const said = (test: string) => by(test)?.textContent?.replaceAll(/\s+/g, " ").trim();

test("what would be done is said with its reason, and a start that would be refused is not offered", async () => {
  await open(trio());
  await choose("main", mark.profileMenuDetails);
  await waitFor(() => expect(said(mark.primePreview)).toMatch(/^Nothing is sent by itself while this is off\. By hand nothing is sent either: the week runs until \w+ \d\d:\d\d\.$/));
  expect(isOff(mark.primeNow)).toBe(true);
  expect(by(mark.primeNow)?.getAttribute("aria-describedby")).toBe(by(mark.primePreview)?.id);
  await press(mark.detailsPrime);
  expect(said(mark.primePreview)).toContain(words.prime.unsaved(true));
});

test("the very request and what was sent before can be read", async () => {
  await open(trio());
  await choose("main", mark.profileMenuDetails);
  await waitFor(() => expect(all(mark.primeRecord)).toHaveLength(3));
  const section = by(mark.primeRequest)!.closest("details")!;
  expect(section.textContent).toContain("https://chatgpt.com/backend-api/codex/responses");
  expect(section.querySelector("pre")?.textContent).toContain('"text": "Reply with OK."');
  const [first, second, third] = all(mark.primeRecord).map((record) => record.textContent?.replaceAll(/\s+/g, " "));
  expect(first).toMatch(/The week runs until .+ gpt-6-luna · 12 \+ 2 tokens/);
  expect(second).toMatch(/The week ran, and is over .+ by hand/);
  expect(third).toMatch(/OpenAI could not be reached; next try with the next week .+ cost not told · 4 tries/);
});

test("a week is started by hand, and what came of it is said", async () => {
  const host = await open(trio());
  await choose("work", mark.profileMenuDetails);
  await waitFor(() => expect(isOff(mark.primeNow)).toBe(false));
  expect(said(mark.primePreview)).toContain("The week has not started: “Prime now” starts it.");
  const answer = host.holdNext();
  await press(mark.primeNow);
  await waitFor(() => expect(said(mark.primeResult)).toBe(words.prime.busy));
  expect(isOff(mark.primeNow)).toBe(true);
  answer();
  await waitFor(() => expect(said(mark.primeResult)).toBe("Sent to gpt-6-luna (12 + 2 tokens). Whether the week runs is seen in about ten minutes."));
  expect(host.asked).toContainEqual({ method: "prime_now", params: { profile: row(2, "").id } });
});

test("a refusal is shown beside the button", async () => {
  const host = await open(trio());
  await choose("backup", mark.profileMenuDetails);
  await waitFor(() => expect(said(mark.primePreview)).toContain("looks twice, a minute apart"));
  host.refuseNext = { code: "not_possible_now", message: "Nothing was sent: the week runs.", hints: [] };
  await press(mark.primeNow);
  await waitFor(() => expect(by(mark.primeRefused)?.textContent).toContain("Nothing was sent: the week runs."));
  expect(said(mark.primeResult)).toBe("");
});

test("an API key has no week, and nothing is said of one", async () => {
  await open(trio({ profiles: [row(1, "key", { kind: "api_key", email: null, plan: null })] }));
  await choose("key", mark.profileMenuDetails);
  await screen.findByText(words.details.title("key"));
  expect([by(mark.primeNow), by(mark.detailsPrime)]).toEqual([null, null]);
});

test("each reason and outcome has its words", () => {
  const now = new Date(2026, 10, 21, 12, 0).getTime();
  const until = new Date(2026, 10, 21, 14, 0).toISOString();
  const preview = (hindrance: Parameters<typeof words.prime.preview>[0]["hindrance"], by_hand: Parameters<typeof words.prime.preview>[0]["by_hand"]) =>
    words.prime.preview({ profile: "", name: "", opted_in: true, hindrance, by_hand }, now);
  expect(preview(null, { kind: "starts" })).toBe("Now: the week has not started, so the request below is about to be sent.");
  expect(preview({ kind: "resting", until }, { kind: "starts" })).toBe(
    "Nothing is sent now: the last try failed; next try 14:00. The week has not started: “Prime now” starts it.",
  );
  expect(preview({ kind: "apart", until }, { kind: "starts" })).toContain("it keeps its distance to another account’s week until 14:00.");
  expect(preview({ kind: "running", until }, { kind: "refused", why: { kind: "running", until } })).toBe("Nothing is sent now: the week runs until 14:00.");
  expect(preview({ kind: "conservative" }, { kind: "refused", why: { kind: "exhausted" } })).toBe(
    "Nothing is sent now: the settings say to send nothing in the background. By hand nothing is sent either: a limit of the account is used up.",
  );
  const outcome = (part: Parameters<typeof primed>[2]) => words.prime.outcome({ ...primed("", 0), next_at: null, ...part }, now);
  expect(outcome({ resets_at: until })).toBe("The week runs until 14:00");
  expect(outcome({ resets_at: new Date(2026, 10, 20).toISOString() })).toBe("The week ran, and is over");
  expect(outcome({ state: "sent", resets_at: null })).toBe("Sent; whether the week runs is still to be seen");
  expect(outcome({ state: "failed", trouble: "broke_off", next_at: until })).toBe("The answer broke off; next try 14:00");
});
