// What is said of routing: the rules, why a profile serves, and why it does not.
import type { BlockKind } from "../../generated/BlockKind";
import type { Choice } from "../../generated/Choice";
import type { GatewayState } from "../../generated/GatewayState";
import type { Rank } from "../../generated/Rank";
import type { Reason } from "../../generated/Reason";
import type { Strategy } from "../../generated/Strategy";
import { quota } from "./quota";
import { dollars } from "../money";
import { span } from "./times";

const strategy: Record<Strategy, { title: string; text: string }> = {
  "sticky-best": { title: "Most left", text: "The account with most left in its scarcest window." },
  "soonest-reset": { title: "Soonest reset", text: "The account whose longest window starts anew first: what is not used by then is lost." },
  "round-robin": { title: "Round robin", text: "One account after the other." },
  "least-used": { title: "Least busy", text: "The account with the fewest requests on their way." },
  random: { title: "Random", text: "Any account." },
  weighted: { title: "By weight", text: "Any account, more often one with a larger share." },
  priority: { title: "In order", text: "The first account in order." },
};

const choice: Record<Choice, string> = {
  session_pin: "you tied this session to it",
  launch_pin: "the session was started on it",
  folder: "the folder is bound to it",
  forced: "it serves everything for now",
  sticky: "the session is at home there",
  bucket: "the last session with this folder and model was there",
  strategy: "the strategy’s choice for a new session",
  fallback: "the strategy’s choice after others could not serve",
};

const rank: Record<Rank, string> = {
  preferred: "Ready.",
  spared: "Ready, but spared: below its low threshold.",
  last_resort: "A last resort: little left, running on credits, or it has just failed.",
  paid: "Ready, but paid by use.",
};

const block: Record<BlockKind, string> = {
  exhausted: "Its limit is used up",
  out_of_credits: "Its workspace has no credits left",
  organization_limit: "Its organisation has reached a limit",
  not_included: "Its plan does not include Codex",
  rate_limited: "It had too many requests in a short time",
  login_refused: "Its renewed login was refused",
  signed_out: "Its login is no longer accepted: sign in again",
  workspace_gone: "Its workspace has been deactivated",
  model_not_supported: "Its account may not use this model",
  forbidden: "OpenAI refused it without a reason",
  unreliable: "Its last attempt failed",
};

/** Reasons that are always said in the same way. */
const plain: Record<Extract<Reason, string>, string> = {
  paused: "Paused by you.",
  needs_sign_in: "Its login is no longer accepted: sign in again.",
  vault_locked: "The logins are locked.",
  draining: "Draining: it finishes what runs and takes nothing new.",
  model_not_supported: "Its account may not use this model.",
  not_in_folder_set: "The folder is bound to other accounts.",
  role_wall: "It stands on the other side of a wall.",
  forced_elsewhere: "Another account was named for this.",
  api_key_not_allowed: "API keys do not stand in unless you allow it.",
  over_spend_cap: "This month’s spend cap for API keys is reached.",
  already_tried: "Tried for this request already.",
};

/** These end by themselves; the others by a trial. */
const comesBack: readonly BlockKind[] = ["exhausted", "rate_limited", "unreliable"];

const gateway: Record<GatewayState, (port: number | null) => string> = {
  off: () => "The gateway is off.",
  waiting: () => "Another Codex Lab on this computer serves the gateway; this one takes over when that one ends.",
  serving: (port) => (port === null ? "The gateway serves." : `The gateway serves on 127.0.0.1:${port}.`),
  failed: () => "The gateway cannot serve.",
};

/** A reason as a sentence, at the moment it was found (milliseconds since 1970). */
function reason(why: Reason, now: number): string {
  if (typeof why === "string") return plain[why];
  const end = (what: string, until: string | null, words: string) => (until === null ? `${what}.` : `${what}; ${words} in ${span(Date.parse(until) - now)}.`);
  if ("blocked" in why) return end(block[why.blocked.kind], why.blocked.until, comesBack.includes(why.blocked.kind) ? "back" : "tried again");
  if ("on_trial" in why) return `${block[why.on_trial.kind]}; another request is just trying whether that is over.`;
  if ("exhausted" in why) return end(`Its ${quota.limit(why.exhausted.minutes)} limit is used up`, why.exhausted.resets_at, "back");
  return end("Its workspace has no credits left", why.workspace_out.until, "tried again");
}

export const routing = {
  title: "Routing",
  lead: "Which account serves what comes through Codex Lab’s gateway. A session stays on its account while that can serve it.",
  gateway,
  reason,
  plain,
  block,
  rank,
  choice,
  strategies: strategy,
  saved: "Saved.",
  removedProfile: "a removed account",

  strategy: "New sessions get",
  next: "Next new session",
  nobody: "Nobody",
  nobodyText: "no account can serve",
  lot: "By lot: another of those that are ready may be drawn.",
  verdictsOf: "What was found of each account",
  others: (n: number) => (n === 1 ? "and 1 more" : `and ${n} more`),
  chosenBecause: (name: string, why: string) => `${name}: ${why}`,

  shares: "Shares of new sessions",
  sharesText: "Together a hundred per cent: what one gets, the others give, each as before. 0 % serves only where nothing else is left.",
  sharesTooMany: "There are too many accounts for sliders; each has its weight among its details.",
  sharesAlike: "All alike",
  share: (percent: number) => `${percent} %`,

  order: "Order",
  orderText: "Decides between equals, and alone where the strategy is “In order”.",
  orderUp: (name: string) => `Move ${name} up`,
  orderDown: (name: string) => `Move ${name} down`,
  orderReset: "As on the Accounts page",
  orderMoved: (name: string, at: number, of: number) => `${name} is now at position ${at} of ${of}.`,

  thresholds: "When an account is spared",
  thresholdsText: "By what is left of any of its windows. An account can have thresholds of its own, among its details.",
  low: "Low, in percent left",
  lowHint: "Below this, no new sessions while other accounts have more.",
  critical: "Critical, in percent left",
  criticalHint: "Below this, only as a last resort.",
  save: "Save",
  error: {
    low: "Low is a whole number from 1 to 100.",
    critical: "Critical is a whole number from 0 to 99.",
    order: (critical: number, low: number) => `Critical (${critical} %) has to be below Low (${low} %).`,
    cap: "An amount such as 5 or 5.50, or nothing for no cap.",
    price: "An amount from 0.01 to 10000, such as 5 or 1.25.",
  },

  force: "One account for everything",
  forceText: "For a while, whatever the strategy. It comes back by itself.",
  forceProfile: "Account",
  forceFor: "For",
  forceSpans: { "1": "1 hour", "8": "8 hours", "24": "24 hours", none: "Until I stop it" } as Record<string, string>,
  forceStrict: "Nothing else",
  forceStrictText: "Requests fail where it cannot serve, instead of going to another account.",
  forceGo: "Send everything there",
  forceStop: "Stop",
  forced: (name: string, strict: boolean) => (strict ? `Everything goes to ${name}, and to nothing else` : `Everything goes to ${name}`),
  forcedUntil: (left: string, when: string) => `for ${left} more, until ${when}`,
  forcedOpen: "until you stop it",
  forceStopped: "The strategy chooses again.",

  fallback: "When everything is used up",
  wait: "Wait for the first reset",
  waitText: "Requests wait instead of being refused. Off: they are refused, and the first reset is named.",
  apiKeys: "Let API keys stand in",
  apiKeysText: "Only where no subscription is left. That is paid by use.",
  cap: "At most, in US dollars a month",
  capHint: "All API keys together. Empty: no cap.",
  inputPrice: "A million tokens read, in dollars",
  outputPrice: "A million tokens written, in dollars",
  estimate: "An estimate: the tokens of API keys that went through Codex Lab’s gateway, at these two prices. Months are those of UTC. Only a limit that you set at OpenAI is exact.",
  spent: (cents: number, each: { name: string; cents: number }[]) => `About $${dollars(cents)} so far this month${each.length === 0 ? "." : `: ${each.map((one) => `${one.name} $${dollars(one.cents)}`).join(", ")}.`}`,
  apiKeysOn: (cap: number | null, spent: number) =>
    `API keys stand in where no subscription is left. That is paid by use, ${cap === null ? "without a cap" : `up to $${dollars(cap)} a month`}; about $${dollars(spent)} so far this month.`,
  change: "Change…",

  folders: "Folders",
  foldersText: "A folder, and all below it, that certain accounts serve alone. The nearest folder above counts.",
  folder: "Folder",
  folderHint: "A whole path, such as /home/ada/src/paid.",
  folderNone: "No folder is bound.",
  folderAdd: "Bind a folder",
  folderRemove: (folder: string) => `Let all accounts serve ${folder} again`,
  walls: "Walls",
  wallsText: "Accounts behind a wall stand in for nobody outside, and nobody outside stands in for them: work stays with work.",
  wall: "Name",
  wallHint: "Such as work, or a client’s name.",
  wallNone: "There is no wall.",
  wallAdd: "Put up a wall",
  wallRemove: (wall: string) => `Take the wall ${wall} down`,
  behind: (name: string, wall: string) => `${name} (behind ${wall})`,
  accounts: "Accounts",
  add: "Add",
  remove: "Remove",

  why: "The last decisions",
  whyText: "Who served, and what spoke against the others, as it was then.",
  whyNone: "Nothing has come through the gateway yet.",
  whyMore: (n: number) => `Show ${n} more`,
  session: (id: string) => `session ${id}`,
  times: (n: number) => `${n} times`,
  pin: (name: string) => `Tie this session to ${name}`,
  pinned: (name: string) => `This session is tied to ${name}: it goes there, or waits.`,
  unpin: "Untie it",
};
