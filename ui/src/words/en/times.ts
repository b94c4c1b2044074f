// Times of the near future and past, in a few words.

const time = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const weekday = new Intl.DateTimeFormat("en-GB", { weekday: "short" });
const day = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" });
const dayOfAnotherYear = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric" });

/** Whole days between the midnights before two moments. */
function days(from: Date, to: Date): number {
  const midnight = (at: Date) => Date.UTC(at.getFullYear(), at.getMonth(), at.getDate());
  return Math.round((midnight(to) - midnight(from)) / 86_400_000);
}

/** "14:00" today, "Thu 14:00" within a week, "3 Dec" otherwise; nothing for what is no time. `now` is milliseconds since 1970. */
export function when(iso: string, now: number): string {
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) return "";
  const today = new Date(now);
  const ahead = days(today, at);
  if (ahead === 0) return time.format(at);
  if (ahead > 0 && ahead < 7) return `${weekday.format(at)} ${time.format(at)}`;
  return at.getFullYear() === today.getFullYear() ? day.format(at) : dayOfAnotherYear.format(at);
}

/** A time of the past: "14:05" today, "20 Nov, 14:05" otherwise. */
export function past(iso: string, now: number): string {
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) return "";
  return days(new Date(now), at) === 0 ? time.format(at) : `${day.format(at)}, ${time.format(at)}`;
}

/** "40 s", "12 min", "3 h 5 min", "2 d 4 h": rounded up, so that nothing is promised too early. */
export function span(milliseconds: number): string {
  const seconds = Math.max(0, Math.ceil(milliseconds / 1000));
  const minutes = Math.ceil(seconds / 60);
  const hours = Math.ceil(minutes / 60);
  const pair = (big: number, of: string, small: number, and: string) => (small > 0 ? `${big} ${of} ${small} ${and}` : `${big} ${of}`);
  if (seconds < 60) return `${seconds} s`;
  if (minutes < 60) return `${minutes} min`;
  if (minutes < 48 * 60) return pair(Math.floor(minutes / 60), "h", minutes % 60, "min");
  return pair(Math.floor(hours / 24), "d", hours % 24, "h");
}
