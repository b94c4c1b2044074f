// Quota to look at and to test with. Not in a build.
import type { FamilyView } from "../generated/FamilyView";
import type { QuotaView } from "../generated/QuotaView";
import type { WindowNote } from "../generated/WindowNote";
import type { WindowView } from "../generated/WindowView";

const ago = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString();
const ahead = (minutes: number) => new Date(Date.now() + minutes * 60_000).toISOString();

const noteOf = (left: number): WindowNote => (left <= 0 ? "empty" : left < 5 ? "critical" : left < 20 ? "low" : "fine");

/** A window, so long in minutes, with so much left, that resets in so many minutes. */
export function reading(minutes: number, left: number, resetsIn: number, part: Partial<WindowView> = {}): WindowView {
  return {
    minutes,
    left_percent: left,
    resets_at: ahead(resetsIn),
    observed_at: ago(4),
    source: "header",
    confidence: "high",
    note: noteOf(left),
    ...part,
  };
}

/** A window whose reset has passed so many minutes ago. */
export function reset(minutes: number, since: number): WindowView {
  return reading(minutes, 100, -since, { note: "reset_unverified", confidence: "unverified", observed_at: ago(since + 90) });
}

/** Quota of the main family, and of others. */
export function quota(windows: WindowView[], others: FamilyView[] = []): QuotaView {
  const main: FamilyView = { family: "codex", name: null, main: true, windows };
  return {
    families: [...(windows.length > 0 ? [main] : []), ...others],
    plan: null,
    credits: null,
    spend_limit: null,
    reset_credits: null,
    limit_reached: null,
  };
}
