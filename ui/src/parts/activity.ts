// The timeline's plain rules: days, icons, what goes where when more is known, and what is copied.
import type { ActivityEntry } from "../generated/ActivityEntry";
import type { ActivityKind } from "../generated/ActivityKind";
import { words } from "../words";
import type { IconName } from "./Icon.svelte";

/** Names of the accounts that entries speak of. */
export type Names = Partial<Record<string, string>>;

/** The sorts in the order they are offered in. */
export const kinds: ActivityKind[] = ["switch", "fallback", "block", "sign_in", "renewal", "profile", "prime", "notice", "choice", "background"];

/** An icon for each sort. */
export const icons: Record<ActivityKind, IconName> = {
  switch: "swap",
  fallback: "route",
  block: "pause",
  sign_in: "key",
  renewal: "renew",
  profile: "person",
  prime: "clock",
  notice: "bell",
  choice: "check",
  background: "open",
};

/** Whether something went wrong. */
export function isBad({ what }: ActivityEntry): boolean {
  return ["nobody_left", "sign_in_failed", "renewal_failed", "renewal_refused", "prime_failed"].includes(what);
}

/** Entries by their days, as they come. `now` is milliseconds since 1970. */
export function byDay(entries: ActivityEntry[], now: number): { day: string; entries: ActivityEntry[] }[] {
  const days: { day: string; entries: ActivityEntry[] }[] = [];
  for (const entry of entries) {
    const day = words.activity.day(entry.at, now);
    const last = days.at(-1);
    if (last?.day === day) last.entries.push(entry);
    else days.push({ day, entries: [entry] });
  }
  return days;
}

/** A newest page put on top of what is known. `null` where the two do not meet: then more is new than fits a page. */
export function joined(page: ActivityEntry[], known: ActivityEntry[], whole: boolean): ActivityEntry[] | null {
  const fresh = new Set(page.map(({ key }) => key));
  if (!whole && !known.some(({ key }) => fresh.has(key))) return null;
  const last = page.at(-1);
  // What the page covers is as the page has it; older entries stay.
  const older = last === undefined || whole ? [] : known.filter(({ key, at }) => !fresh.has(key) && Date.parse(at) <= Date.parse(last.at));
  return [...page, ...older];
}

/** Entries as the terminal's `activity --csv` has them. */
export function csv(entries: ActivityEntry[], names: Names): string {
  const cell = (text: string) => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  const name = (id: string | null) => (id === null ? "" : (names[id] ?? id));
  const lines = entries.map((entry) =>
    [
      entry.at,
      entry.kind.replace("_", "-"),
      entry.what,
      name(entry.from),
      name(entry.to),
      words.activity.why(entry),
      entry.until ?? "",
      entry.session ?? "",
      entry.model ?? "",
      entry.code ?? "",
    ]
      .map(cell)
      .join(","),
  );
  return ["at,kind,what,from,to,why,until,session,model,code", ...lines].map((line) => `${line}\n`).join("");
}
