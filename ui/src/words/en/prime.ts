// What is said of starting weeks ahead of need.
import type { Hindrance } from "../../generated/Hindrance";
import type { PrimePreview } from "../../generated/PrimePreview";
import type { PrimeRecord } from "../../generated/PrimeRecord";
import type { PrimeTrouble } from "../../generated/PrimeTrouble";
import { when } from "./times";

const trouble: Record<PrimeTrouble, string> = {
  no_token: "There was no token to send it with",
  no_model: "The account’s list of models was not to be had",
  refused: "OpenAI refused the request or its model",
  limit_reached: "A limit of the account is reached",
  not_allowed: "The account was not let through",
  unreachable: "OpenAI could not be reached",
  server_trouble: "OpenAI could not answer",
  broke_off: "The answer broke off",
  still_slides: "It was answered, and the week has not started",
};

const hindrance: Record<Hindrance["kind"], string> = {
  not_opted_in: "this is switched off",
  api_key: "an API key has no week",
  paused: "the account is paused",
  draining: "the account takes nothing new",
  needs_sign_in: "the account needs sign-in",
  vault_locked: "the logins are locked",
  owned_elsewhere: "another tool holds this login too",
  blocked: "the account rests",
  exhausted: "a limit of the account is used up",
  in_use: "a session is at work with it",
  conservative: "the settings say to send nothing in the background",
  over_budget: "the day’s requests are used up",
  no_window: "the plan has no week",
  unclear: "it is not clear yet whether the week runs",
  running: "the week runs",
  already_primed: "the week was started already",
  resting: "the last try failed",
  given_up: "all tries have failed, until the next week",
  apart: "it keeps its distance to another account’s week",
};

/** Why a week is not started now, and until when. */
function why(what: Hindrance, now: number): string {
  const said = hindrance[what.kind];
  if (!("until" in what) || what.until === null) return said;
  const until = when(what.until, now);
  if (what.kind === "running" || what.kind === "apart") return `${said} until ${until}`;
  return `${said}; next ${what.kind === "resting" ? "try" : "look"} ${until}`;
}

/** What would be done about an account's week now, and why. */
function preview({ opted_in, hindrance: against, by_hand }: PrimePreview, now: number): string {
  if (opted_in && against === null) return "Now: the week has not started, so the request below is about to be sent.";
  const byHand = {
    starts: () => "The week has not started: “Prime now” starts it.",
    looks: () => "“Prime now” first looks twice, a minute apart, whether the week runs.",
    refused: () => (by_hand.kind === "refused" ? `By hand nothing is sent either: ${why(by_hand.why, now)}.` : ""),
  }[by_hand.kind]();
  if (!opted_in) return `Nothing is sent by itself while this is off. ${byHand}`;
  const itself = against === null ? "" : `Nothing is sent now: ${why(against, now)}.`;
  const says = by_hand.kind === "refused" && by_hand.why.kind === against?.kind;
  return says ? itself : `${itself} ${byHand}`;
}

/** What became of a week. */
function outcome(record: PrimeRecord, now: number): string {
  const next = record.next_at === null ? "next try with the next week" : `next try ${when(record.next_at, now)}`;
  switch (record.state) {
    case "verified":
      if (record.resets_at === null) return "The week runs";
      return Date.parse(record.resets_at) > now ? `The week runs until ${when(record.resets_at, now)}` : "The week ran, and is over";
    case "sent":
      return "Sent; whether the week runs is still to be seen";
    case "reserved":
      return "About to be sent";
    case "failed":
      return `${record.trouble === null ? "It did not start" : trouble[record.trouble]}; ${next}`;
  }
}

/** What it has cost. */
function cost({ input_tokens, output_tokens }: PrimeRecord): string {
  return input_tokens === null || output_tokens === null ? "cost not told" : `${input_tokens} + ${output_tokens} tokens`;
}

/** The section's words. */
export const prime = {
  title: "Its weeks",
  text: "A week begins with the first request after the last one is over, and so does the wait for the next quota.",
  trouble,
  hindrance,
  preview,
  outcome,
  cost,
  unsaved: (on: boolean): string => (on ? "It is switched on once you save." : "It is switched off once you save."),
  now: "Prime now",
  busy: "Looking whether the week has started. That can take two minutes; you may close this meanwhile.",
  done: (record: PrimeRecord) => `Sent to ${record.model ?? "a model"} (${cost(record)}). Whether the week runs is seen in about ten minutes.`,
  doneFor: (name: string) => `The request that starts the week of ${name} was sent.`,
  request: "The request that is sent",
  requestText: (address: string) => `To ${address}, with the account’s login and nothing else:`,
  history: "What was sent before",
  none: "Nothing yet.",
  byHand: "by hand",
  tries: (attempts: number) => `${attempts} tries`,
  more: (count: number) => `and ${count} more before`,
};
