// What happened, to look at and to test with. Not in a build.
import type { ActivityEntry } from "../generated/ActivityEntry";
import type { ActivityFilter } from "../generated/ActivityFilter";
import type { Happened } from "../generated/Happened";
import type { ProfileRow } from "../generated/ProfileRow";
import type { Reply } from "../generated/Reply";
import type { Snapshot } from "../generated/Snapshot";

const kindOf: Partial<Record<Happened, ActivityEntry["kind"]>> = {
  switched: "switch",
  fell_back: "fallback",
  nobody_left: "fallback",
  block_began: "block",
  block_ended: "block",
  added: "sign_in",
  signed_in: "sign_in",
  sign_in_failed: "sign_in",
  primed: "prime",
  prime_sent: "prime",
  prime_failed: "prime",
  told: "notice",
  chosen: "choice",
  asked: "background",
  renewed: "renewal",
  renewal_failed: "renewal",
  renewal_refused: "renewal",
};

/** An entry of so many minutes ago. */
export function happened(what: Happened, minutes: number, part: Partial<ActivityEntry> = {}): ActivityEntry {
  return {
    key: `${what}-${minutes}`,
    at: new Date(Date.now() - minutes * 60_000).toISOString(),
    kind: kindOf[what] ?? "profile",
    what,
    from: null,
    to: null,
    why: null,
    until: null,
    session: null,
    model: null,
    code: null,
    times: 1,
    ...part,
  };
}

const ahead = (minutes: number) => new Date(Date.now() + minutes * 60_000).toISOString();

/** A night and the day before, of a snapshot's first three accounts. */
export function activityOf({ profiles: [main, work, backup] }: Snapshot): ActivityEntry[] {
  if (main === undefined || work === undefined || backup === undefined) return [];
  const spent = { of: "reason", reason: { exhausted: { minutes: 300, resets_at: null } } } as const;
  const rests = { of: "reason", reason: { blocked: { kind: "exhausted", until: null } } } as const;
  const session = "0192a7b3-6c1d-7000-8000-00000000000a";
  return [
    happened("switched", 2, { from: main.id, to: work.id, why: { of: "by_hand" } }),
    happened("renewed", 6, { to: backup.id }),
    happened("told", 31, { from: main.id, to: work.id, why: { of: "news", topic: "fell_back", level: 0, minutes: null }, until: ahead(80) }),
    happened("fell_back", 31, { from: main.id, to: work.id, why: spent, until: ahead(80), session, model: "gpt-6-sol" }),
    happened("block_began", 31, { to: main.id, why: rests, until: ahead(80) }),
    happened("chosen", 34, { to: main.id, why: { of: "choice", choice: "sticky" }, session, times: 31 }),
    happened("asked", 40, { to: backup.id, why: { of: "purpose", purpose: "quota" } }),
    happened("primed", 600, { to: backup.id, why: { of: "week_over" }, until: ahead(9_400), model: "gpt-6-luna" }),
    happened("nobody_left", 1_500, { why: { of: "reason", reason: { blocked: { kind: "rate_limited", until: null } } }, until: ahead(-1_490) }),
    happened("signed_in", 1_700, { to: work.id }),
    happened("renewal_refused", 1_760, { to: work.id, code: "needs_sign_in" }),
    happened("sign_in_failed", 1_770, { code: "sign_in_expired" }),
    happened("imported", 6_000, { to: backup.id }),
  ];
}

/** As many as asked for, of all sorts, a few minutes apart. */
export function manyActivities(snapshot: Snapshot, count: number): ActivityEntry[] {
  const some = activityOf(snapshot);
  return Array.from({ length: count }, (_, place) => {
    const like = some[place % some.length]!;
    return { ...like, key: `many-${place}`, at: new Date(Date.now() - place * 7 * 60_000).toISOString() };
  });
}

/** A page of them, found as the program would; the cursor is a number. */
export function activityPage(all: ActivityEntry[], filter: ActivityFilter, profiles: ProfileRow[]): Extract<Reply, { kind: "activity" }> {
  const names = Object.fromEntries(profiles.map(({ id, name }) => [id, name]));
  const text = (entry: ActivityEntry) => JSON.stringify([entry, names[entry.from ?? ""], names[entry.to ?? ""]]).toLowerCase();
  const found = all.filter(
    (entry) =>
      (filter.kinds.length === 0 ? !["choice", "background"].includes(entry.kind) : filter.kinds.includes(entry.kind)) &&
      (filter.profile === null || [entry.from, entry.to].includes(filter.profile)) &&
      (filter.search ?? "").toLowerCase().split(/\s+/).every((word) => text(entry).includes(word)),
  );
  const start = Number(filter.before ?? 0);
  const end = start + (filter.limit ?? 100);
  return { kind: "activity", entries: found.slice(start, end), names, next: end < found.length ? String(end) : null };
}
