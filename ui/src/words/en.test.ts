// No code, state or choice of the core is without words.
import { expect, test } from "vitest";

import { words } from "./en";
import { planName } from "./plans";
import { moment } from "./en/vault";

const generated = import.meta.glob<string>("../generated/*.ts", { query: "?raw", import: "default", eager: true });

/** The members of a generated union of texts. */
function members(type: string): string[] {
  const source = generated[`../generated/${type}.ts`] ?? "";
  const union = new RegExp(`export type ${type} = ([^;]+);`).exec(source)?.[1] ?? "";
  return [...union.matchAll(/"([a-z_-]+)"/g)].map(([, member]) => member ?? "");
}

const live = Object.fromEntries(Object.entries(words.accounts.live.states).map(([state, said]) => [state, said.title]));
const vaultModes = Object.fromEntries(Object.entries(words.vault.mode).map(([mode, said]) => [mode, `${said.title} ${said.protects} ${said.costs}`]));
const strategies = Object.fromEntries(Object.entries(words.routing.strategies).map(([strategy, said]) => [strategy, `${said.title} ${said.text}`]));
const after = Object.fromEntries(Object.entries(words.afterSwitch).map(([choice, said]) => [choice, `${said.title} ${said.text}`]));

test.each<[string, Record<string, string>]>([
  ["Code", words.failure],
  ["ProfileState", words.profileState],
  ["LiveState", live],
  ["SignInPhase", words.signIn.phase],
  ["SessionKind", words.sessions.kind],
  ["SessionChoice", words.sessions.choice],
  ["SessionChoice", words.sessions.chosen],
  ["AfterSwitch", after],
  ["Theme", words.theme],
  ["ImportOutcome", words.importOutcome],
  ["ImportOutcome", words.importWould],
  ["ImportSource", words.importSource],
  ["VaultMode", vaultModes],
  ["VaultState", words.vault.state],
  ["Colour", words.details.colour],
  ["BackupOf", words.copies.of],
  ["QuotaSource", words.quota.source],
  ["Strategy", strategies],
  ["Choice", words.routing.choice],
  ["Rank", words.routing.rank],
  ["BlockKind", words.routing.block],
  ["PrimeTrouble", words.prime.trouble],
  ["ActivityKind", words.activity.kind],
  ["Happened", Object.fromEntries(Object.keys(words.activity.happened).map((what) => [what, what]))],
  ["Purpose", words.activity.purpose],
])("every %s has words", (type, said) => {
  const names = members(type);
  expect(names.length).toBeGreaterThan(1);
  expect(Object.keys(said).sort()).toEqual([...names].sort());
  for (const name of names) expect(said[name]?.trim(), name).not.toBe("");
});

test("a code's heading is its own", () => {
  const headings = Object.values(words.failure);
  expect(new Set(headings).size).toBe(headings.length);
});

test("a moment of today is a time, any other one has its day, and nonsense is no crash", () => {
  const now = new Date(2026, 10, 21, 9, 30);
  expect(moment(new Date(2026, 10, 21, 14, 5).toISOString(), now)).toBe("at 14:05");
  expect(moment(new Date(2026, 10, 3, 14, 5).toISOString(), now)).toBe("on 3 Nov 2026, 14:05");
  expect(moment("soon", now)).toBe("later");
});

test.each([
  ["plus", "Plus"],
  ["ent26", "Enterprise"],
  ["brand_new_plan", "Brand new plan"],
  ["", ""],
])("plan %j reads %j", (plan, name) => expect(planName(plan)).toBe(name));
