// Decisions of routing to look at and to test with. Not in a build.
import type { Decision } from "../generated/Decision";
import type { ProfileRow } from "../generated/ProfileRow";
import type { Reason } from "../generated/Reason";
import type { Snapshot } from "../generated/Snapshot";
import type { Verdict } from "../generated/Verdict";

const at = (minutes: number) => new Date(Date.now() + minutes * 60_000).toISOString();

/** A decision of some minutes ago. */
export function decision(since: number, chosen: Decision["chosen"], verdicts: [ProfileRow, Verdict][], part: Partial<Decision> = {}): Decision {
  return {
    at: at(-since),
    session: "0192a7b3-6c1d-7000-8000-00000000000a",
    family: "codex",
    model: "gpt-6-sol",
    chosen,
    tried: [],
    verdicts: verdicts.map(([row, verdict]) => ({ profile: row.id, verdict })),
    others: 0,
    times: 1,
    ...part,
  };
}

/** What would speak against a profile now. */
function verdict(row: ProfileRow, snapshot: Snapshot): Verdict {
  const reasons: Reason[] = [];
  if (row.state === "paused") reasons.push("paused");
  if (row.state === "needs_sign_in") reasons.push("needs_sign_in");
  const empty = row.quota.families[0]?.windows.find(({ note }) => note === "empty");
  if (empty) reasons.push({ exhausted: { minutes: empty.minutes, resets_at: empty.resets_at } });
  const { force, api_key_fallback } = snapshot.routing;
  if (force?.strict && force.profile !== row.id) reasons.push("forced_elsewhere");
  if (row.kind === "api_key" && !api_key_fallback) reasons.push("api_key_not_allowed");
  if (reasons.length > 0) return { refused: reasons };
  const low = row.quota.families[0]?.windows.some(({ note }) => note === "low" || note === "critical");
  return { eligible: { rank: row.kind === "api_key" ? "paid" : low ? "spared" : "preferred" } };
}

/** Who would serve, told from little. */
export function explained(snapshot: Snapshot): Decision {
  const verdicts = snapshot.profiles.map((row): [ProfileRow, Verdict] => [row, verdict(row, snapshot)]);
  const ready = verdicts.filter(([, found]) => "eligible" in found);
  const best = ready.find(([, found]) => "eligible" in found && found.eligible.rank === "preferred") ?? ready[0];
  const forced = ready.find(([row]) => row.id === snapshot.routing.force?.profile);
  const first = forced ?? best;
  const chosen = first === undefined ? null : { profile: first[0].id, choice: forced === undefined ? ("strategy" as const) : ("forced" as const) };
  return decision(0, chosen, verdicts, { session: null, model: null });
}

/** The last decisions of a snapshot's profiles. */
export function lastDecisions({ profiles: [main, work, backup] }: Snapshot): Decision[] {
  if (main === undefined || work === undefined || backup === undefined) return [];
  const ready: Verdict = { eligible: { rank: "preferred" } };
  const spent: Verdict = { refused: ["already_tried", { exhausted: { minutes: 300, resets_at: at(80) } }] };
  return [
    decision(1, { profile: work.id, choice: "sticky" }, [[work, ready], [main, { refused: [{ exhausted: { minutes: 300, resets_at: at(80) } }] }], [backup, ready]], { times: 12 }),
    decision(9, { profile: work.id, choice: "fallback" }, [[work, ready], [main, spent], [backup, { refused: ["paused", { blocked: { kind: "forbidden", until: at(20) } }] }]], { tried: [main.id] }),
    decision(9, { profile: main.id, choice: "sticky" }, [[main, { eligible: { rank: "last_resort" } }], [work, ready], [backup, ready]], { times: 31 }),
    decision(400, null, [[main, { refused: [{ workspace_out: { until: null } }] }], [work, { refused: ["role_wall"] }], [backup, { refused: ["not_in_folder_set"] }]], { session: null, model: null, others: 4 }),
  ];
}
