// Finding a profile among many: what a search matches, and in which order profiles can be shown.
import type { ProfileRow } from "../generated/ProfileRow";
import type { ProfileState } from "../generated/ProfileState";
import { planName, words } from "../words";
import { mainWindows } from "./quota";

/** From so many profiles on they can be searched and sorted. */
export const MANY = 8;

/** The orders there are; `own` is the user's. */
export const sorts = ["own", "name", "state", "left", "reset"] as const;
export type Sort = (typeof sorts)[number];

/** What needs the user comes first. */
const urgency: Record<ProfileState, number> = { needs_sign_in: 0, unreadable: 1, locked: 2, ready: 4, paused: 5 };
/** Between what is locked and what is ready. */
const USED_UP = 3;

/** Without case and accents. */
function plain(text: string): string {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
}

/** What of a profile is searched. */
export function searched(row: ProfileRow): string {
  const plan = row.plan === null ? "" : `${row.plan} ${planName(row.plan)}`;
  return plain([row.name, row.email ?? "", plan, row.details.note ?? "", row.details.label ?? ""].join("\n"));
}

/** The rows that have every word of the query, each somewhere; `texts` are what is searched of them. */
export function found(rows: ProfileRow[], texts: string[], query: string): ProfileRow[] {
  const wanted = plain(query).split(/\s+/).filter((word) => word !== "");
  return wanted.length === 0 ? rows : rows.filter((_, at) => wanted.every((word) => texts[at]?.includes(word)));
}

/** The rows in another order; equals stay in the user's. */
export function sorted(rows: ProfileRow[], sort: Sort): ProfileRow[] {
  if (sort === "own") return rows;
  if (sort === "name") return byName(rows);
  const key = { state: urgencyOf, left: leastLeft, reset: nextReset }[sort];
  const keyed = rows.map((row) => ({ row, key: key(row) }));
  return keyed.sort((a, b) => a.key - b.key).map(({ row }) => row);
}

function byName(rows: ProfileRow[]): ProfileRow[] {
  const { compare } = new Intl.Collator(words.locale, { numeric: true, sensitivity: "base" });
  return [...rows].sort((a, b) => compare(a.name, b.name));
}

function urgencyOf(row: ProfileRow): number {
  const out = row.state === "ready" && mainWindows(row.quota).some(({ note }) => note === "empty");
  return out ? USED_UP : urgency[row.state];
}

/** By the window with least left, most first; what is not known comes last. */
function leastLeft(row: ProfileRow): number {
  const left = mainWindows(row.quota).map((window) => window.left_percent);
  return left.length === 0 ? 1 : -Math.min(...left);
}

/** Milliseconds since 1970; what is not known comes last. */
function nextReset(row: ProfileRow): number {
  const known = mainWindows(row.quota).filter(({ note, resets_at }) => resets_at !== null && note !== "reset_unverified");
  return known.length === 0 ? Number.MAX_VALUE : Math.min(...known.map(({ resets_at }) => Date.parse(resets_at ?? "")));
}
