// What would be done about weeks, and what was, to look at and to test with. Not in a build.
import type { PrimePreview } from "../generated/PrimePreview";
import type { PrimeRecord } from "../generated/PrimeRecord";
import type { ProfileId } from "../generated/ProfileId";
import type { Reply } from "../generated/Reply";
import type { Snapshot } from "../generated/Snapshot";

const DAY = 86_400_000;
const from = (days: number) => new Date(Date.now() + days * DAY).toISOString();

/** A week that was started so many days ago. */
export function primed(profile: ProfileId, daysAgo: number, part: Partial<PrimeRecord> = {}): PrimeRecord {
  return {
    profile,
    anchor: from(7 - daysAgo),
    state: "verified",
    attempts: 1,
    by_user: false,
    reserved_at: from(-daysAgo),
    sent_at: from(-daysAgo),
    ended_at: from(-daysAgo),
    next_at: null,
    model: "gpt-6-luna",
    input_tokens: 12,
    output_tokens: 2,
    resets_at: from(7 - daysAgo),
    trouble: null,
    ...part,
  };
}

/** The first profile's week runs, the second one's has not started, of the others nobody can tell. */
export function primes(snapshot: Snapshot): Extract<Reply, { kind: "primes" }> {
  const running = { kind: "running" as const, until: from(2.15) };
  const previews = snapshot.profiles.map(({ id: profile, name, details }, place): PrimePreview => {
    const opted_in = details.prime;
    const byHand: PrimePreview["by_hand"][] = [{ kind: "refused", why: running }, { kind: "starts" }];
    const against = place === 0 ? running : place === 1 ? null : { kind: "unclear" as const, until: from(0.01) };
    return { profile, name, opted_in, hindrance: opted_in ? against : { kind: "not_opted_in" }, by_hand: byHand[place] ?? { kind: "looks" } };
  });
  const first = snapshot.profiles[0]?.id;
  const failed = { state: "failed", trouble: "unreachable", attempts: 4, resets_at: null, input_tokens: null, output_tokens: null } as const;
  const records = first === undefined ? [] : [primed(first, 4.85), primed(first, 11.9, { by_user: true }), primed(first, 19, failed)];
  const message = [{ type: "message", role: "user", content: [{ type: "input_text", text: "Reply with OK." }] }];
  const body = { model: "gpt-6-luna", input: message, reasoning: { effort: "low" }, store: false, stream: true, include: ["reasoning.encrypted_content"] };
  const names = Object.fromEntries(snapshot.profiles.map(({ id, name }) => [id, name]));
  return { kind: "primes", previews, address: "https://chatgpt.com/backend-api/codex/responses", body: JSON.stringify(body, null, 2), records, names };
}
