// What the user types and sees of routing, as plain values.
import type { Decision } from "../generated/Decision";
import type { Force } from "../generated/Force";
import type { ProfileId } from "../generated/ProfileId";
import type { ProfileRow } from "../generated/ProfileRow";
import type { RoutingSettings } from "../generated/RoutingSettings";
import type { Snapshot } from "../generated/Snapshot";
import type { Verdict } from "../generated/Verdict";
import { words } from "../words";

/** Names of profiles by their ids, as the core gives them with decisions. */
export type Names = { [key in string]?: string };

/** What a profile is called. */
export function nameOf(id: ProfileId, names: Names): string {
  return names[id] ?? words.routing.removedProfile;
}

/** The names of the profiles there are. */
export function namesOf(profiles: readonly ProfileRow[]): Names {
  return Object.fromEntries(profiles.map((row) => [row.id, row.name]));
}

/** Profiles in the order that routing goes by. */
export function inOrder(profiles: readonly ProfileRow[], order: readonly ProfileId[]): ProfileRow[] {
  const first = order.flatMap((id) => profiles.find((row) => row.id === id) ?? []);
  return [...first, ...profiles.filter((row) => !order.includes(row.id))];
}

/** A whole number from `least` to `most`; `null` for anything else. */
function whole(text: string, least: number, most: number): number | null {
  const trimmed = text.trim();
  const number = Number(trimmed);
  return /^\d{1,3}$/.test(trimmed) && number >= least && number <= most ? number : null;
}

/** Thresholds as typed. */
export interface ThresholdDraft {
  low: string;
  critical: string;
}

/** What is wrong with thresholds, by field; `order` is about the two together. */
export type ThresholdFaults = Partial<Record<"low" | "critical" | "order", string>>;

/** Thresholds to keep, or what is wrong with them; the same rules as the core's. */
export function readThresholds(draft: ThresholdDraft): { low: number; critical: number; faults: null } | { faults: ThresholdFaults } {
  const low = whole(draft.low, 1, 100);
  const critical = whole(draft.critical, 0, 99);
  if (low === null || critical === null) {
    return { faults: { ...(low === null && { low: words.routing.error.low }), ...(critical === null && { critical: words.routing.error.critical }) } };
  }
  return critical < low ? { low, critical, faults: null } : { faults: { order: words.routing.error.order(critical, low) } };
}

/** An amount in dollars as cents; `null` for none, `undefined` for what is no amount. */
export function readCap(text: string): number | null | undefined {
  const trimmed = text.trim().replace(/^\$/, "");
  if (trimmed === "") return null;
  return /^\d{1,7}([.,]\d{1,2})?$/.test(trimmed) ? Math.round(Number(trimmed.replace(",", ".")) * 100) : undefined;
}

/** A price in dollars as cents, from a cent to ten thousand dollars; `undefined` for what is none. */
export function readPrice(text: string): number | undefined {
  const cents = readCap(text);
  return cents !== null && cents !== undefined && cents >= 1 && cents <= 1_000_000 ? cents : undefined;
}

/** Whether a force holds at `now` (milliseconds since 1970). */
export function holds(force: Force | null, now: number): force is Force {
  return force !== null && (force.until === null || Date.parse(force.until) > now);
}

/** For how long a force holds, in words. */
export function forcedFor(force: Force, now: number): string {
  if (force.until === null) return words.routing.forcedOpen;
  return words.routing.forcedUntil(words.times.span(Date.parse(force.until) - now), words.times.when(force.until, now));
}

/** What was found of a profile, as sentences, at the moment it was found. */
export function found(verdict: Verdict, now: number): string {
  if ("eligible" in verdict) return words.routing.rank[verdict.eligible.rank];
  return verdict.refused.map((reason) => words.routing.reason(reason, now)).join(" ");
}

/** Who serves and why, in a line. */
export function chosen(decision: Decision, names: Names): string {
  const { choice, profile } = decision.chosen ?? { choice: null, profile: "" };
  if (choice === null) return words.routing.chosenBecause(words.routing.nobody, words.routing.nobodyText);
  return words.routing.chosenBecause(nameOf(profile, names), words.routing.choice[choice]);
}

/** A session's id where there is little room. */
export function shortSession(id: string): string {
  return id.length > 14 ? `${id.slice(0, 13)}…` : id;
}

/** The wall that a profile stands behind. */
export function wallOf(id: ProfileId, routing: RoutingSettings): string | null {
  return Object.entries(routing.walls).find(([, profiles]) => profiles.includes(id))?.[0] ?? null;
}

/** The force under which nothing but the user changes accounts: the live profile alone serves. `null` where none is live. */
export function manual({ live, routing }: Pick<Snapshot, "live" | "routing">): Force | null {
  if (live.profile === null) return routing.force;
  return { profile: live.profile, until: null, strict: true };
}
