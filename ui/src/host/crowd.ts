// Many accounts to look at and to test with. Not in a build.
import type { ProfileRow } from "../generated/ProfileRow";
import { quota, reading } from "./readings";

const WEEK = 10_080;
const states: ProfileRow["state"][] = ["ready", "ready", "ready", "ready", "paused", "ready", "ready", "needs_sign_in"];

/** So many accounts, no two alike, each made by `row`. */
export function crowd(size: number, row: (at: number, name: string, part: Partial<ProfileRow>) => ProfileRow): ProfileRow[] {
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
