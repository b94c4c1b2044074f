// Languages: which one is spoken, and that the second one says all that the first does.
import { afterEach, expect, test } from "vitest";

import type { ActivityEntry } from "../generated/ActivityEntry";
import type { Forecast } from "../generated/Forecast";
import type { PrimePreview } from "../generated/PrimePreview";
import { primed } from "../host/primes";
import { bestOf, speak, words } from ".";
import { words as de } from "./de";
import { words as en } from "./en";
import { leavesOf, saidOf, type Leaf } from "./leaves";

afterEach(() => speak("en"));

test.each<[string[], string]>([
  [["de-AT", "en"], "de"],
  [["DE"], "de"],
  [["de_CH.UTF-8"], "de"],
  [["fr", "de-DE", "en-US"], "de"],
  [["en-US", "de"], "en"],
  [["fr"], "en"],
  [["C"], "en"],
  [["constructor"], "en"],
  [[], "en"],
])("of %j it is %s", (wanted, language) => expect(bestOf(wanted)).toBe(language));

test("what is chosen is spoken, and the page says which it is", async () => {
  await speak("de");
  expect([words.cancel, document.documentElement.lang]).toEqual(["Abbrechen", "de"]);
  await speak("en");
  expect([words.cancel, document.documentElement.lang]).toEqual(["Cancel", "en"]);
});

const NOW = Date.UTC(2026, 10, 21, 12);
const later = new Date(NOW + 7_200_000).toISOString();
const forecast: Forecast = { ...({} as Forecast), percent_per_hour: 1.44, runs_out_at: later, resets_at: later };
const preview: PrimePreview = { profile: "1", name: "main", opted_in: true, hindrance: { kind: "running", until: later }, by_hand: { kind: "starts" } };

const entry: ActivityEntry = { key: "1", at: later, kind: "block", what: "block_began", from: null, to: "a", why: { of: "reason", reason: "paused" }, until: later, session: null, model: null, code: null, times: 1 };

/** What cannot be given just any text or number. */
const special: Record<string, unknown[]> = {
  "activity.what": [entry, { a: "⟦0⟧" }],
  "activity.why": [entry],
  "activity.until": [entry, NOW],
  "copies.leftOut": [["⟦0⟧", "⟦1⟧"]],
  "import.alsoAt": [["⟦0⟧", "⟦1⟧"]],
  "import.summary": [{ added: "4711", updated: 4712, unchanged: 4713, skipped: 4714, failed: 4715 }],
  "prime.preview": [preview, NOW],
  "prime.outcome": [primed("1", 0, { state: "failed", trouble: "refused", next_at: later }), NOW],
  "prime.cost": [primed("1", 0, { input_tokens: 4711, output_tokens: 4712 })],
  "prime.done": [primed("1", 0, { model: "⟦0⟧", input_tokens: 4711, output_tokens: 4712 })],
  "quota.credits": [{ has_credits: true, unlimited: false, balance: "⟦0⟧", overage_limit_reached: true }],
  "quota.spendLimit": [{ limit: "⟦0⟧", reached: false, used_percent: 4711 }],
  "routing.reason": [{ blocked: { kind: "forbidden", until: later } }, NOW],
  "routing.spent": [471_100, [{ name: "⟦0⟧", cents: 471_200 }]],
  "usage.pace": [forecast],
  "usage.end": [forecast, NOW],
  "vault.moved": ["file"],
};

/** Which of what was given is said; numbers as each language writes them. */
function marks(said: string | null): string[] | null {
  return said === null ? null : [...said.replace(/(\d)[.,](?=\d)/g, "$1").matchAll(/⟦\d⟧|471\d/g)].map(([mark]) => mark).sort();
}

function given({ path }: Leaf): unknown[][] {
  const own = special[path];
  return own === undefined ? [["⟦0⟧", "⟦1⟧", "⟦2⟧"], [4711, 4712, 4713]] : [own];
}

const texts = leavesOf(en).filter(({ path }) => !path.startsWith("times."));
const german = new Map(leavesOf(de).map(({ path, said }) => [path, said]));

test("each sentence is there in German, and is empty only where it is in English", () => {
  const bad = texts.filter(({ path, said }) => typeof said === "string" && ((german.get(path) as string | undefined)?.trim() === "") !== (said.trim() === ""));
  expect(texts.length).toBeGreaterThan(500);
  expect(bad.map(({ path }) => path)).toEqual([]);
  expect([...german.keys()].sort()).toEqual(leavesOf(en).map(({ path }) => path).sort());
});

test("each sentence that is made of something is made of the same in German", () => {
  const made = texts.filter(({ said }) => typeof said === "function");
  const unlike = made.flatMap((leaf) =>
    given(leaf).flatMap((with_) => {
      const [first, second] = [leaf.said, german.get(leaf.path)].map((say) => (typeof say === "function" ? saidOf(say, with_) : null));
      // Some take no numbers, others nothing but numbers.
      const same = first == null || JSON.stringify(marks(first)) === JSON.stringify(marks(second ?? null));
      return same ? [] : [`${leaf.path}: ${first} | ${second}`];
    }),
  );
  const never = made.filter((leaf) => given(leaf).every((with_) => typeof leaf.said !== "function" || saidOf(leaf.said, with_) === null));
  expect(made.length).toBeGreaterThan(80);
  expect(unlike).toEqual([]);
  expect(never.map(({ path }) => path)).toEqual([]);
});

test("numbers, days and spans are written as Germans write them", () => {
  const now = new Date(2026, 10, 21, 12).getTime();
  const at = (day: number) => new Date(2026, 10, day, 14, 5).toISOString();
  expect(["21", "23", "30"].map((day) => de.times.when(at(Number(day)), now))).toEqual(["14:05", "Mo 14:05", "30. Nov."]);
  expect(de.times.past(at(20), now)).toBe("20. Nov., 14:05");
  expect(de.times.span(100 * 3_600_000)).toBe("4 T 4 h");
  expect(de.accounts.count(1000)).toBe("1.000 Konten");
  expect(de.usage.pace(forecast)).toBe("1,4 % je Stunde");
  expect(de.routing.apiKeysOn(550, 0)).toContain("5,50\u00a0$");
});
