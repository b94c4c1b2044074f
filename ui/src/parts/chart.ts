// What a chart of what is left is made of, as plain values: times are milliseconds since 1970, heights percent left.
import type { Colour } from "../generated/Colour";
import { words } from "../words";

/** The id of the line of all accounts together. */
export const ALL = "all";

/** The colour of a line; that of all together is the text's. */
export type Tone = Colour | typeof ALL;

/** What was left at a time. */
export interface Point {
  at: number;
  left: number;
}

/** How a line goes on: straight, from now on. */
export interface Ahead {
  to: Point;
  /** Whether nothing is left there. */
  out: boolean;
}

/** One line of the chart. */
export interface Line {
  /** A profile's, or `ALL`. */
  id: string;
  /** What stands at its end and in the table: colour is not the only sign. */
  key: string;
  name: string;
  tone: Tone;
  /** Oldest first; each holds until the next. */
  points: Point[];
  /** Until then it is known. */
  end: number;
  ahead: Ahead | null;
}

/** Columns of one chart: a row for each time at which anything changes. */
export interface Columns {
  at: number[];
  /** What was left, for each line. */
  held: (number | null)[][];
  /** How it goes on, for each line. */
  ahead: (number | null)[][];
}

/** A line of the grid with its words. */
export interface Tick {
  at: number;
  text: string;
}

/** What lies ahead takes a third of the width at most. */
const AHEAD_AT_MOST = 1 / 2;
/** Nor less than this, so that the end of the known is not the edge. */
const AHEAD_AT_LEAST = 1 / 24;

/** Where the chart ends: at the last end of a forecast, if that is not too far away. */
export function chartEnd(lines: Line[], since: number, until: number): number {
  const furthest = Math.max(until, ...lines.map(({ ahead }) => ahead?.to.at ?? until));
  const known = until - since;
  return until + Math.min(Math.max(furthest - until, known * AHEAD_AT_LEAST), known * AHEAD_AT_MOST);
}

/** What a line holds at a time; `null` where it is not known. */
export function heldAt(line: Line, at: number): number | null {
  if (at > line.end) return null;
  return line.points.findLast((point) => point.at <= at)?.left ?? null;
}

/** The lines as columns, up to `until` and on to `to`. */
export function columns(lines: Line[], until: number, to: number): Columns {
  const onwards = lines.map((line) => onward(line, until, to));
  const times = new Set([until, to]);
  for (const line of lines) {
    for (const { at } of line.points) times.add(at);
    times.add(line.end);
  }
  for (const points of onwards) for (const { at } of points) times.add(at);
  const at = [...times].sort((a, b) => a - b);
  return {
    at,
    held: lines.map((line) => held(line, at)),
    ahead: onwards.map((points) => at.map((time) => points.find((point) => point.at === time)?.left ?? null)),
  };
}

/** How a line goes on at a time; `null` where that is not told. */
export function aheadAt(line: Line, until: number, at: number): number | null {
  const [from, end] = onward(line, until, Infinity);
  if (from === undefined || end === undefined || at < from.at || at > end.at) return null;
  return between(from, end, at);
}

/** The ends of a line's forecast, or where it leaves the chart at `to`. */
function onward({ points, ahead }: Line, until: number, to: number): Point[] {
  const last = points.at(-1);
  if (ahead === null || last === undefined || ahead.to.at <= until) return [];
  const from = { at: until, left: last.left };
  return [from, ahead.to.at <= to ? ahead.to : { at: to, left: between(from, ahead.to, to) }];
}

function between(from: Point, end: Point, at: number): number {
  return from.left + ((end.left - from.left) * (at - from.at)) / (end.at - from.at);
}

function held(line: Line, times: number[]): (number | null)[] {
  let next = 0;
  let left: number | null = null;
  return times.map((time) => {
    for (let point = line.points[next]; point !== undefined && point.at <= time; point = line.points[next]) {
      left = point.left;
      next += 1;
    }
    return time > line.end ? null : left;
  });
}

const HOUR = 3_600_000;
/** Between two lines of the grid, in hours; from a day on, in whole days. */
const STEPS = [1, 2, 3, 6, 12, 24, 48, 72, 120, 168, 336, 720];

/** At most so many times to label: whole hours or midnights of the place the user is at. */
export function timeTicks(from: number, to: number, most: number): Tick[] {
  const step = STEPS.find((hours) => (to - from) / (hours * HOUR) <= most) ?? 720;
  const ticks: Tick[] = [];
  const midnight = new Date(from);
  midnight.setHours(0, 0, 0, 0);
  // By the calendar, for days are not all of one length; each again from midnight, for hours of the clock are left out or twice.
  for (let count = 0; ticks.length <= most; count += 1) {
    const at = new Date(midnight);
    if (step < 24) at.setHours(count * step);
    else at.setDate(at.getDate() + (count * step) / 24);
    if (at.getTime() > to) break;
    if (at.getTime() >= from && at.getTime() !== ticks.at(-1)?.at) ticks.push({ at: at.getTime(), text: tickText(at, step) });
  }
  return ticks;
}

function tickText(at: Date, step: number): string {
  if (step >= 7 * 24) return words.times.day(at);
  if (at.getHours() !== 0) return words.times.hour(at);
  return step > 24 ? words.times.day(at) : words.times.weekday(at);
}

/** More windows than this in the time that is shown are a thicket of lines. */
const WINDOWS_AT_MOST = 12;

/** Whether windows of so many minutes are too short for the time that is shown: then each day has one step. */
export function isByDay(minutes: number, since: number, until: number): boolean {
  return minutes * WINDOWS_AT_MOST < (until - since) / 60_000;
}

/** The line with one step for each day of the place the user is at: the least that was left on it; and at its end what is left now. */
export function byDay(line: Line): Line {
  const least: (Point & { day: string })[] = [];
  for (const point of line.points) {
    const day = new Date(point.at).toDateString();
    const last = least.at(-1);
    if (last?.day === day) last.left = Math.min(last.left, point.left);
    else least.push({ ...point, at: least.length === 0 ? point.at : new Date(point.at).setHours(0, 0, 0, 0), day });
  }
  const now = line.points.at(-1);
  const points = least.map(({ at, left }): Point => ({ at, left }));
  return { ...line, points: now === undefined ? points : [...points, { at: Math.max(now.at, line.end), left: now.left }] };
}

/** Heights moved apart by at least `gap`, within `top` and `bottom`, in the order given by their heights. Larger is lower. */
export function spread(heights: number[], gap: number, top: number, bottom: number): number[] {
  const order = heights.map((_, which) => which).sort((a, b) => heights[a]! - heights[b]! || a - b);
  const apart = [...heights];
  let least = top;
  for (const which of order) {
    apart[which] = Math.max(apart[which]!, least);
    least = apart[which]! + gap;
  }
  let most = bottom;
  for (const which of order.toReversed()) {
    apart[which] = Math.min(apart[which]!, most);
    most = apart[which]! - gap;
  }
  return apart;
}
