// The Usage page as plain values: a row for each account that has a window of the chosen length, and the line of each.
import type { Colour } from "../generated/Colour";
import type { Forecast } from "../generated/Forecast";
import type { HistoryPoint } from "../generated/HistoryPoint";
import type { ProfileRow } from "../generated/ProfileRow";
import type { UsageHistory } from "../generated/UsageHistory";
import type { WindowNote } from "../generated/WindowNote";
import type { WindowView } from "../generated/WindowView";
import { words } from "../words";
import { ALL, type Ahead, type Line, type Point } from "./chart";
import { mainWindows, said } from "./quota";

/** So many accounts can be told apart in a chart. */
const LINES = 6;
/** The window that is shown at first, where there is one: that which hurts most when it is used up. */
const WEEK = 10_080;
const HOUR = 3_600_000;

/** An account's line in the table, and in the chart once there is a history. */
export interface UsageRow {
  line: Line;
  /** What is left, in words; empty as long as it is not known. */
  left: string;
  note: WindowNote;
  /** Empty as long as it is not known. */
  pace: string;
  forecast: string;
}

const colours: Colour[] = ["blue", "orange", "green", "pink", "yellow", "grey"];

/** The lengths of windows there are, the shortest first. */
export function lengths(profiles: ProfileRow[]): number[] {
  const all = profiles.flatMap((row) => mainWindows(row.quota).map(({ minutes }) => minutes));
  return [...new Set(all)].sort((a, b) => a - b);
}

/** The length that is shown: what was chosen, as long as there is such a window. */
export function shownLength(chosen: number | null, there: number[]): number | null {
  if (chosen !== null && there.includes(chosen)) return chosen;
  return there.includes(WEEK) ? WEEK : (there.at(-1) ?? null);
}

/** The accounts in the order of the table: the user's, or, of more than a chart can show, those first that were used most. */
export function order(profiles: ProfileRow[], minutes: number, history: UsageHistory | null): string[] {
  const ids = profiles.filter((row) => windowOf(row, minutes) !== null).map(({ id }) => id);
  if (ids.length <= LINES || history === null) return ids;
  const used = new Map(history.windows.filter((window) => window.minutes === minutes).map(({ profile, points }) => [profile, use(points)]));
  return ids.sort((a, b) => (used.get(b) ?? 0) - (used.get(a) ?? 0));
}

/** All that was used of a window: each rise, whatever was reset between. */
function use(points: HistoryPoint[]): number {
  return points.reduce((sum, point, at) => sum + Math.max(0, point.used_percent - (points[at - 1]?.used_percent ?? point.used_percent)), 0);
}

/** The table: all together first, where several have this window, then each account in `order`; new ones follow. */
export function usageRows(profiles: ProfileRow[], minutes: number, history: UsageHistory | null, order: string[], now: number): UsageRow[] {
  const found = profiles.flatMap((row) => {
    const window = windowOf(row, minutes);
    return window === null ? [] : [{ row, window }];
  });
  const place = (id: string) => (order.includes(id) ? order.indexOf(id) : order.length);
  found.sort((a, b) => place(a.row.id) - place(b.row.id));
  const tones = toneOf(found.map(({ row }) => row.details.colour));
  const until = history === null ? now : Date.parse(history.until);
  const rows = found.map(({ row, window }, at): UsageRow => {
    const seen = history?.windows.find(({ profile, minutes: length }) => profile === row.id && length === minutes);
    const { note, value } = said(window, now);
    // Whatever was left then, it is another window since.
    const end = window.note === "reset_unverified" ? Math.min(until, Date.parse(window.resets_at ?? "") || until) : until;
    const line = lineOf({ id: row.id, key: String(at + 1), name: row.name, tone: tones[at] ?? "grey" }, seen?.points ?? [], end, seen?.forecast ?? null, until);
    const left = window.note === "reset_unverified" ? words.usage.unverified : note === "" ? value : `${note}: ${value}`;
    return { line, left, note: window.note, ...wordsOf(history === null ? undefined : (seen?.forecast ?? null), now) };
  });
  return found.length > 1 ? [together(minutes, history, until, now), ...rows] : rows;
}

function together(minutes: number, history: UsageHistory | null, until: number, now: number): UsageRow {
  const seen = history?.together.find((entry) => entry.minutes === minutes);
  const line = lineOf({ id: ALL, key: words.usage.all, name: words.usage.together, tone: ALL }, seen?.points ?? [], until, seen?.forecast ?? null, until);
  const last = line.points.at(-1);
  return { line, left: last === undefined ? "" : words.quota.percent(Math.ceil(last.left)), note: "fine", ...wordsOf(history === null ? undefined : (seen?.forecast ?? null), now) };
}

/** `undefined`: it is not known yet whether there is one. */
function wordsOf(forecast: Forecast | null | undefined, now: number): Pick<UsageRow, "pace" | "forecast"> {
  return forecast === undefined ? { pace: "", forecast: "" } : { pace: words.usage.pace(forecast), forecast: words.usage.end(forecast, now) };
}

function windowOf(row: ProfileRow, minutes: number): WindowView | null {
  return mainWindows(row.quota).find((window) => window.minutes === minutes) ?? null;
}

function lineOf(who: Pick<Line, "id" | "key" | "name" | "tone">, seen: HistoryPoint[], end: number, forecast: Forecast | null, until: number): Line {
  const points = seen.map((point): Point => ({ at: Date.parse(point.at), left: 100 - point.used_percent }));
  const last = points.at(-1);
  return { ...who, points, end, ahead: forecast === null || last === undefined ? null : ahead(last.left, forecast, until) };
}

/** How a line goes on: to where nothing is left, else to the reset; after that it is another window. `null` where that is now. */
export function ahead(left: number, forecast: Forecast, until: number): Ahead | null {
  const out = forecast.runs_out_at === null ? null : Date.parse(forecast.runs_out_at);
  const reset = forecast.resets_at === null ? null : Date.parse(forecast.resets_at);
  const isOut = out !== null && (reset === null || out < reset);
  // Without an end there is one for the eye: as far as any chart goes.
  const at = isOut ? out : (reset ?? until + 720 * HOUR);
  if (at <= until) return null;
  return { to: { at, left: isOut ? 0 : Math.max(0, left - (forecast.percent_per_hour * (at - until)) / HOUR) }, out: isOut };
}

/** The marks' own colours; who has none gets one that is not taken, as long as there are such. */
function toneOf(marks: (Colour | null)[]): Colour[] {
  const free = colours.filter((colour) => !marks.slice(0, LINES).includes(colour));
  const turn = [...free, ...colours];
  let at = 0;
  return marks.map((mark) => {
    if (mark !== null) return mark;
    const colour = turn[at] ?? "grey";
    at = at + 1 < turn.length ? at + 1 : free.length;
    return colour;
  });
}

/** The lines that are shown until others are chosen: all together, and the first accounts. */
export function firstShown(rows: UsageRow[]): string[] {
  const ids = rows.map(({ line }) => line.id);
  return ids.slice(0, ids.includes(ALL) ? LINES + 1 : LINES);
}

/** One point of the table of all points. */
export interface PointRow extends Point {
  name: string;
}

/** The points of the lines, newest first. */
export function pointRows(lines: Line[]): PointRow[] {
  const rows = lines.flatMap(({ name, points }) => points.map((point): PointRow => ({ ...point, name })));
  return rows.sort((a, b) => b.at - a.at);
}

/** The whole history as the terminal's `usage --history --csv` has it. */
export function csv(history: UsageHistory): string {
  const lines = history.windows.flatMap(({ name, minutes, points }) =>
    points.map(({ at, used_percent }) => `"${name.replaceAll('"', '""')}",${minutes},${at},${used_percent}`),
  );
  return [["profile,window_minutes,at,used_percent"], lines].flat().map((line) => `${line}\n`).join("");
}
