// What a window of quota says, as plain values.
import type { FamilyView } from "../generated/FamilyView";
import type { QuotaView } from "../generated/QuotaView";
import type { WindowView } from "../generated/WindowView";
import { words } from "../words";

/** A window in words. */
export interface Said {
  /** "5 hours". */
  name: string;
  /** "Low", before the value. */
  note: string;
  /** "18 %", "Used up", "Reset". */
  value: string;
  /** "resets", where a time follows that is nothing else. */
  resets: string;
  /** "Thu 14:00, in 2 d". */
  reset: string;
  /** The same for one who hears it: "62 % left, resets 15:10, in 1 h". */
  spoken: string;
  /** "Seen 4 min ago, in an answer of OpenAI." */
  seen: string;
}

/** What is left, rounded up, so that 0 is nothing at all. */
export function leftPercent(window: WindowView): number {
  return Math.min(100, Math.max(0, Math.ceil(window.left_percent)));
}

/** A window in words at `now` (milliseconds since 1970). */
export function said(window: WindowView, now: number): Said {
  const left = leftPercent(window);
  const note = words.quota.note[window.note];
  const reset = resetWords(window, now);
  const resets = window.resets_at !== null && window.note !== "empty" && window.note !== "reset_unverified" ? words.quota.resets : "";
  const instead = window.note === "empty" || window.note === "reset_unverified";
  const known = [`${words.quota.left(left)},`, resets, reset].filter((part) => part !== "").join(" ");
  const spoken = window.note === "reset_unverified" ? words.quota.unverifiedText(words.times.when(window.resets_at ?? "", now)) : known;
  const value = instead ? note : words.quota.percent(left);
  return { name: words.quota.window(window.minutes), note: instead ? "" : note, value, resets, reset, spoken, seen: seenWords(window, now) };
}

function resetWords(window: WindowView, now: number): string {
  const at = window.resets_at;
  if (at === null) return words.quota.noReset;
  if (window.note === "reset_unverified") return words.quota.unverified(words.times.when(at, now));
  const ahead = words.times.span(Date.parse(at) - now);
  return window.note === "empty" ? words.quota.back(words.times.when(at, now), ahead) : words.quota.at(words.times.when(at, now), ahead);
}

function seenWords(window: WindowView, now: number): string {
  const source = words.quota.source[window.source];
  if (window.observed_at === null) return words.quota.seenSomewhen(source);
  const seen = words.quota.seen(words.times.span(now - Date.parse(window.observed_at)), source);
  const more = { high: "", unverified: "", medium: words.quota.mayHaveChanged, low: words.quota.longAgo }[window.confidence];
  return more === "" ? seen : `${seen} ${more}`;
}

/** The windows of all models that have no limit of their own. */
export function mainWindows(quota: QuotaView): WindowView[] {
  return quota.families.find((family) => family.main)?.windows ?? [];
}

/** "Used up until 14:05", where a window of all models is empty: all that are have to come back. `now` is milliseconds since 1970. */
export function spent(quota: QuotaView, now: number): string | null {
  const resets = mainWindows(quota).flatMap((window) => (window.note === "empty" ? [window.resets_at] : []));
  if (resets.length === 0) return null;
  const known = resets.filter((at) => at !== null).sort((a, b) => Date.parse(a) - Date.parse(b));
  const back = known.length === resets.length ? (known.at(-1) ?? null) : null;
  const until = back === null ? null : words.times.when(back, now);
  const pays = quota.credits !== null && (quota.credits.has_credits || quota.credits.unlimited);
  return pays ? words.quota.onCredits(until) : words.quota.spent(until);
}

/** What users call a family. */
export function familyName(family: FamilyView): string {
  return family.name ?? family.family;
}

/** Other families' windows where little is left: worth a word without being asked for. */
export function scarce(quota: QuotaView): { family: FamilyView; window: WindowView }[] {
  const others = quota.families.filter((family) => !family.main);
  return others.flatMap((family) => family.windows.filter(({ note }) => note !== "fine" && note !== "reset_unverified").map((window) => ({ family, window })));
}

/** What else is known of the account, a sentence each. */
export function accountWords(quota: QuotaView): string[] {
  const said = [
    quota.credits && words.quota.credits(quota.credits),
    quota.spend_limit && words.quota.spendLimit(quota.spend_limit),
    (quota.reset_credits ?? 0) > 0 ? words.quota.resetCredits(quota.reset_credits ?? 0) : null,
  ];
  return said.filter((sentence) => sentence !== null);
}
