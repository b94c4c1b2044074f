// What is said of quota.
import type { Credits } from "../../generated/Credits";
import type { QuotaSource } from "../../generated/QuotaSource";
import type { SpendLimit } from "../../generated/SpendLimit";
import type { WindowNote } from "../../generated/WindowNote";

/** Before the number, or in its place, where there is something to say. */
const note: Record<WindowNote, string> = {
  fine: "",
  low: "Low",
  critical: "Critical",
  empty: "Used up",
  reset_unverified: "Reset",
};

const source: Record<QuotaSource, string> = {
  header: "in an answer of OpenAI",
  stream: "in a stream of OpenAI",
  usage: "by asking OpenAI",
  session_log: "in a log of Codex",
};

/** A limit that is reached, beside the windows. Those that are not here are new. */
const reached: Record<string, string> = {
  workspace_owner_credits_depleted: "Its workspace has no credits left.",
  workspace_member_credits_depleted: "Its workspace has no credits left.",
  workspace_owner_usage_limit_reached: "Its workspace’s limit is reached.",
  workspace_member_usage_limit_reached: "Its workspace’s limit is reached.",
};

/** "5 hours", "Week", "30 days". */
function windowName(minutes: number): string {
  if (minutes === 10_080) return "Week";
  if (minutes === 1440) return "Day";
  if (minutes % 1440 === 0) return `${minutes / 1440} days`;
  if (minutes % 60 === 0) return minutes === 60 ? "1 hour" : `${minutes / 60} hours`;
  return `${minutes} minutes`;
}

/** "5-hour", "weekly", "30-day". */
function limitName(minutes: number): string {
  if (minutes === 10_080) return "weekly";
  if (minutes % 1440 === 0) return `${minutes / 1440}-day`;
  return minutes % 60 === 0 ? `${minutes / 60}-hour` : `${minutes}-minute`;
}

export const quota = {
  note,
  source,
  window: windowName,
  limit: limitName,
  none: "No quota reading yet",
  noneText: "What is left shows as soon as Codex has used this account, or OpenAI was asked.",
  of: (name: string) => `Quota of ${name}`,
  percent: (left: number) => `${left} %`,
  left: (left: number) => `${left} % left`,
  resets: "resets",
  at: (when: string, span: string) => `${when}, in ${span}`,
  back: (when: string, span: string) => `back ${when}, in ${span}`,
  spent: (until: string | null) => (until === null ? "Used up" : `Used up until ${until}`),
  onCredits: (until: string | null) => (until === null ? "On credits" : `On credits until ${until}`),
  noReset: "reset not known",
  unverified: (when: string) => `unverified since ${when}`,
  unverifiedText: (when: string) => `was to reset ${when}; nobody has looked since, so this is unverified`,
  seen: (span: string, source: string) => `Seen ${span} ago, ${source}.`,
  seenSomewhen: (source: string) => `Seen ${source}; nobody can tell when.`,
  mayHaveChanged: "It may have changed since.",
  longAgo: "That is long ago.",
  family: (family: string, window: string) => `${family}, ${window.toLowerCase()}`,
  reached: (limit: string) => (limit === "rate_limit_reached" ? null : (reached[limit] ?? "A limit is reached that this version does not know.")),
  credits: (credits: Credits) => {
    const balance = credits.balance === null ? "Has credits" : `Credits left: ${credits.balance}`;
    const left = credits.unlimited ? "Credits without limit" : credits.has_credits ? balance : "No credits";
    return credits.overage_limit_reached === true ? `${left}; the limit on their use is reached.` : `${left}.`;
  },
  spendLimit: (limit: SpendLimit) => {
    const what = limit.limit === null ? "Its spend limit" : `Its spend limit of ${limit.limit}`;
    if (limit.reached) return `${what} is reached.`;
    return limit.used_percent === null ? `${what} is not reached.` : `${what} is used to ${Math.ceil(limit.used_percent)} %.`;
  },
  resetCredits: (count: number) => (count === 1 ? "Its windows can be reset once on request." : `Its windows can be reset ${count} times on request.`),
};
