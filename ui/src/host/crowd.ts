// Many accounts to look at and to test with. Not in a build.
import type { ProfileRow } from "../generated/ProfileRow";
import { quota, reading } from "./readings";

const WEEK = 10_080;
const states: ProfileRow["state"][] = ["ready", "ready", "ready", "ready", "paused", "ready", "ready", "needs_sign_in"];

type Row = (at: number, name: string, part: Partial<ProfileRow>) => ProfileRow;

/** Accounts with names, e-mails, labels and notes that are as long as they can be, in all states. */
export function strained(row: Row): ProfileRow[] {
  const name = "a-rather-long-name-for-the-account-of-the-other-department";
  const windows = quota([reading(300, 7, 80), reading(WEEK, 100, 6 * 1440 + 200), reading(43_200, 4, 9 * 1440)]);
  return states.map((state, at) => {
    const made = row(at + 1, at % 2 === 0 ? `${name}-${at}` : `Donaudampfschifffahrtsgesellschaftskapitän${at}`, {
      live: at === 0,
      state: at === 1 ? "unreadable" : at === 2 ? "locked" : state,
      email: "first.middle.last-name@subdomain.department.example.com",
      plan: "self_serve_business_usage_based",
      quota: windows,
      also_in: at === 3 ? ["OpenCode (~/.local/share/opencode/auth.json)"] : [],
    });
    return { ...made, details: { ...made.details, colour: "pink", drain: at % 3 === 0, label: "forty letters are the most a label takes", note: at % 2 === 0 ? "x".repeat(60) + " and a sentence after it." : null } };
  });
}

/** So many accounts, no two alike, each made by `row`. */
export function crowd(size: number, row: Row): ProfileRow[] {
  return Array.from({ length: size }, (_, at) => {
    const made = row(at + 1, `account-${at + 1}`, {
      live: at === 0,
      state: states[at % states.length] ?? "ready",
      plan: ["plus", "pro", "business"][at % 3] ?? null,
      quota: quota(at % 9 === 8 ? [] : [reading(300, (at * 37) % 101, 20 + ((at * 53) % 270)), reading(WEEK, (at * 61 + 12) % 101, 300 + ((at * 977) % 9000))]),
    });
    const note = at % 5 === 3 ? `Paid on day ${(at % 28) + 1}, with the card for ${at % 2 === 0 ? "travel" : "tools"}.` : null;
    return { ...made, details: { ...made.details, note } };
  });
}
