// What is said of everything that happened. The sentences are those of the terminal: view/activity.rs.
import type { ActivityEntry } from "../../generated/ActivityEntry";
import type { ActivityKind } from "../../generated/ActivityKind";
import type { ActivityWhy } from "../../generated/ActivityWhy";
import type { Happened } from "../../generated/Happened";
import type { Purpose } from "../../generated/Purpose";
import type { Reason } from "../../generated/Reason";
import { failure } from "./failures";
import { prime } from "./prime";
import { quota } from "./quota";
import { routing } from "./routing";
import { locale, past, when } from "./times";

/** Names of the accounts an entry speaks of. */
type Names = Partial<Record<string, string>>;

const kind: Record<ActivityKind, string> = {
  switch: "Switches",
  fallback: "Fallbacks",
  block: "Rests",
  sign_in: "Sign-ins",
  renewal: "Renewals",
  profile: "Accounts",
  prime: "Weeks",
  notice: "Notices",
  choice: "Choices",
  background: "Requests",
};

const what: Record<Happened, (entry: ActivityEntry, to: string, from: string) => string> = {
  switched: (entry, to, from) => {
    if (entry.to === null) return entry.from === null ? "The live login was changed" : `Signed out locally from ${from}`;
    return entry.from === null ? `Switched to ${to}` : `Switched from ${from} to ${to}`;
  },
  fell_back: (_, to, from) => `${to} stood in for ${from}`,
  nobody_left: () => "No account could serve",
  chosen: (_, to) => `${to} was given a session`,
  block_began: (_, to) => `${to} rests`,
  block_ended: (_, to) => `${to} does not rest any more`,
  added: (_, to) => `Signed in: ${to} is new`,
  signed_in: (_, to) => `Signed in to ${to} again`,
  sign_in_failed: () => "A sign-in failed",
  renewed: (_, to) => `The login of ${to} was renewed`,
  renewal_failed: (_, to) => `The login of ${to} could not be renewed for now`,
  renewal_refused: (_, to) => `${to} needs a new sign-in`,
  imported: (_, to) => `Imported ${to}`,
  updated: (_, to) => `Imported a newer login of ${to}`,
  removed: (_, to) => `Removed ${to}`,
  signed_out: (_, to) => `Removed ${to}, and signed out at the provider`,
  brought_back: (_, to) => `Brought ${to} back`,
  prime_sent: (_, to) => `Asked for the start of ${to}’s week`,
  primed: (_, to) => `Started ${to}’s week`,
  prime_failed: (_, to) => `Could not start ${to}’s week`,
  told: (entry, to, from) => `You were told that ${told(entry.why, to, from)}`,
  asked: (_, to) => `Asked the provider about ${to}`,
};

const purpose: Record<Purpose, string> = {
  keep_alive: "to renew the login",
  quota: "to see what is left of its quota",
  prime_look: "to see whether its week runs",
  models: "for its models",
  prime: "to start its week",
};

function told(why: ActivityWhy | null, to: string, from: string): string {
  if (why?.of !== "news") return "something happened";
  const limit = why.minutes === null ? `limit of ${to}` : `${quota.limit(why.minutes)} limit of ${to}`;
  switch (why.topic) {
    case "all_exhausted":
      return "no account has quota left";
    case "sign_in":
      return `${to} needs a new sign-in`;
    case "quota":
      return `the ${limit} is ${["low", "low", "nearly used up", "used up"][why.level] ?? "low"}`;
    case "fell_back":
      return `${to} stands in for ${from}`;
    case "reset":
      return `the ${limit} starts anew`;
    case "primed":
      return `the week of ${to} was started`;
  }
}

/** A reason without its end, which is told beside it: "its 5-hour limit is used up". */
function endless(reason: Reason): string {
  const bare = (): Reason => {
    if (typeof reason === "string" || "on_trial" in reason) return reason;
    if ("blocked" in reason) return { blocked: { ...reason.blocked, until: null } };
    if ("exhausted" in reason) return { exhausted: { ...reason.exhausted, resets_at: null } };
    return { workspace_out: { until: null } };
  };
  return inner(routing.reason(bare(), 0).replace(/\.$/, ""));
}

/** A sentence as it stands beside another one. */
function inner(said: string): string {
  return /^[A-Z][a-z]*\b/.test(said) && !said.startsWith("Codex") ? said.charAt(0).toLowerCase() + said.slice(1) : said;
}

/** Why, in a few words; nothing where that is not known. */
function why(entry: ActivityEntry): string {
  const cause = entry.why;
  if (entry.what === "renewal_refused") return "the provider refuses to renew it";
  if (cause === null) return entry.code === null ? "" : inner(failure[entry.code]);
  switch (cause.of) {
    case "by_hand":
      return "you asked for it";
    case "was_removed":
      return "the account before was removed";
    case "week_over":
      return "the last week was over";
    case "reason":
      return entry.what === "block_ended" ? `over: ${endless(cause.reason)}` : endless(cause.reason);
    case "choice":
      return routing.choice[cause.choice];
    case "prime":
      return inner(prime.trouble[cause.trouble]);
    case "purpose":
      return purpose[cause.purpose];
    case "news":
      return "";
  }
}

/** "until Thu 14:00", without the day where it is the entry's own; nothing where that is not known. `now` is milliseconds since 1970. */
function until(entry: ActivityEntry, now: number): string {
  if (entry.until === null) return "";
  const sameDay = new Date(entry.until).toDateString() === new Date(entry.at).toDateString();
  const told = Date.parse(entry.until) < now ? past(entry.until, now) : when(entry.until, now);
  const time = sameDay ? timeOfDay.format(new Date(entry.until)) : told;
  return entry.what === "prime_failed" ? `next try ${time}` : `until ${time}`;
}

const dayName = new Intl.DateTimeFormat(locale, { weekday: "long", day: "numeric", month: "long" });
const dayOfAnotherYear = new Intl.DateTimeFormat(locale, { day: "numeric", month: "long", year: "numeric" });
const timeOfDay = new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit" });
const exactly = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "medium" });

/** "Today", "Yesterday", "Thursday, 19 November". */
function day(iso: string, now: number): string {
  const [at, today] = [new Date(iso), new Date(now)];
  const midnight = (date: Date) => Date.UTC(date.getFullYear(), date.getMonth(), date.getDate());
  const days = Math.round((midnight(today) - midnight(at)) / 86_400_000);
  if (days === 0) return "Today";
  if (days === 1) return "Yesterday";
  return at.getFullYear() === today.getFullYear() ? dayName.format(at) : dayOfAnotherYear.format(at);
}

const removed = "a removed account";
const name = (id: string | null, names: Names) => (id === null ? "no account" : (names[id] ?? removed));

export const activity = {
  title: "Activity",
  lead: "Everything Codex Lab did, and why.",
  kind,
  purpose,
  happened: what,
  what: (entry: ActivityEntry, names: Names) => what[entry.what](entry, name(entry.to, names), name(entry.from, names)),
  why,
  until,
  day,
  time: (iso: string) => timeOfDay.format(new Date(iso)),
  exactly: (iso: string) => exactly.format(new Date(iso)),
  times: (n: number) => `${n} times`,

  kinds: "Sorts of entries",
  everyday: "Choices and requests are so many that they are shown only where they are chosen.",
  profile: "Account",
  everyProfile: "All accounts",
  search: "Search",
  list: (day: string) => `What happened: ${day}`,
  loading: "Reading what happened…",
  more: "Show older",
  fresh: (n: number) => (n === 1 ? "Show 1 new entry" : `Show ${n} new entries`),
  found: (n: number, more: boolean) => (n === 1 ? "1 entry." : `${n}${more ? " or more" : ""} entries.`),

  none: "Nothing has happened yet",
  noneText: "Switches, fallbacks, sign-ins, renewals and rests are told here as they happen.",
  notFound: "Nothing like that has happened",
  notFoundText: "Nothing that is known fits what you look for.",
  clear: "Clear filters",

  from: "From",
  to: "To",
  account: "Account",
  because: "Why",
  lasts: "Until",
  nextTry: "Next try",
  at: "When",
  session: "Session",
  model: "Model",
  error: "What went wrong",
  copyCsv: "Copy as CSV",
  copyJson: "Copy as JSON",
  copyText: "Everything that fits what is chosen above.",
};
