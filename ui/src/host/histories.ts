// Histories of usage to look at and to test with, made up to end at what a snapshot says. Not in a build.
import type { Forecast } from "../generated/Forecast";
import type { HistoryPoint } from "../generated/HistoryPoint";
import type { ProfileRow } from "../generated/ProfileRow";
import type { Snapshot } from "../generated/Snapshot";
import type { TogetherHistory } from "../generated/TogetherHistory";
import type { UsageHistory } from "../generated/UsageHistory";
import type { WindowHistory } from "../generated/WindowHistory";
import type { WindowView } from "../generated/WindowView";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** So many looks at a window in the time that is asked for. */
const LOOKS = 300;

/** Always the same for the same place: 0 to 1. */
const chance = (place: number) => Math.abs(Math.sin(place * 12.9898) * 43758.5453) % 1;

/** Work is done by day: how far into a window's use a time is, between its beginning and its end. */
function share(from: number, to: number, at: number): number {
  const worked = (time: number) => time - (Math.sin((time / (24 * HOUR)) * 2 * Math.PI) * 24 * HOUR) / (2 * Math.PI);
  return to <= from ? 1 : (worked(at) - worked(from)) / (worked(to) - worked(from));
}

function points(window: WindowView, seed: number, since: number, until: number): HistoryPoint[] {
  const length = window.minutes * MINUTE;
  const resets = Date.parse(window.resets_at ?? "") || until + length / 2;
  const seen: HistoryPoint[] = [];
  for (let at = since; at <= until; at += (until - since) / LOOKS) {
    const back = Math.floor((resets - at) / length);
    const begins = resets - (back + 1) * length;
    const current = back <= 0;
    const peak = current ? 100 - window.left_percent : 15 + 80 * chance(seed * 31 + back);
    const used = Math.round(Math.max(0, Math.min(100, peak * share(begins, current ? until : begins + length, at))) * 2) / 2;
    if (seen.at(-1)?.used_percent !== used) seen.push({ at: new Date(at).toISOString(), used_percent: used });
  }
  seen.push({ at: new Date(until).toISOString(), used_percent: 100 - window.left_percent });
  return seen;
}

function forecast(left: number, pace: number, resets: number, until: number): Forecast {
  const out = left <= 0 ? until : until + (left / pace) * HOUR;
  return { percent_per_hour: pace, runs_out_at: out < resets ? new Date(out).toISOString() : null, resets_at: new Date(resets).toISOString() };
}

function windowHistory(row: ProfileRow, window: WindowView, seed: number, since: number, until: number): WindowHistory {
  const resets = Date.parse(window.resets_at ?? "") || until;
  const passed = Math.max(HOUR / 4, window.minutes * MINUTE - Math.max(0, resets - until));
  const pace = ((100 - window.left_percent) / (passed / HOUR)) * (window.left_percent < 25 ? 1.4 : 0.4 + 0.8 * chance(seed));
  return {
    profile: row.id,
    name: row.name,
    minutes: window.minutes,
    points: points(window, seed, since, until),
    forecast: resets <= until ? null : forecast(window.left_percent, pace, resets, until),
  };
}

function together(windows: WindowHistory[], minutes: number, until: number): TogetherHistory {
  const of = windows.filter((window) => window.minutes === minutes);
  const times = [...new Set(of.flatMap((window) => window.points.map(({ at }) => at)))].sort();
  const average = times.map((at): HistoryPoint => {
    const used = of.flatMap((window) => window.points.findLast((point) => point.at <= at)?.used_percent ?? []);
    return { at, used_percent: Math.round((used.reduce((a, b) => a + b, 0) / used.length) * 100) / 100 };
  });
  const known = of.flatMap((window) => window.forecast ?? []);
  const pace = known.reduce((sum, { percent_per_hour }) => sum + percent_per_hour, 0) / of.length;
  const resets = Math.min(...known.map(({ resets_at }) => Date.parse(resets_at ?? "")));
  const left = 100 - (average.at(-1)?.used_percent ?? 0);
  return { minutes, profiles: of.length, points: average, forecast: known.length === 0 ? null : forecast(left, pace, resets, until) };
}

/** What was used of a snapshot's windows in the last so many hours. */
export function usageHistory(snapshot: Snapshot, hours: number): UsageHistory {
  const until = Date.now();
  const since = until - hours * HOUR;
  const windows = snapshot.profiles.flatMap((row, seed) =>
    (row.quota.families.find(({ main }) => main)?.windows ?? []).map((window) => windowHistory(row, window, seed + 1 + window.minutes / 1000, since, until)),
  );
  const lengths = [...new Set(windows.map(({ minutes }) => minutes))].filter((minutes) => windows.filter((window) => window.minutes === minutes).length > 1);
  return {
    since: new Date(since).toISOString(),
    until: new Date(until).toISOString(),
    windows,
    together: lengths.sort((a, b) => a - b).map((minutes) => together(windows, minutes, until)),
  };
}
