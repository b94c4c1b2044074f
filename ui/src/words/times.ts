// Times in a few words, for a language.

/** What a language has of its own. */
export interface TimesOf {
  locale: string;
  /** Second, minute, hour, day after a number. */
  units: { second: string; minute: string; hour: string; day: string };
}

/** How a language says times. */
export interface Times {
  /** "14:00" today, "Thu 14:00" within a week, "3 Dec" otherwise; nothing for what is no time. `now` is milliseconds since 1970. */
  when: (iso: string, now: number) => string;
  /** A time of the past: "14:05" today, "20 Nov, 14:05" otherwise. */
  past: (iso: string, now: number) => string;
  /** "40 s", "12 min", "3 h 5 min", "2 d 4 h": rounded up, so that nothing is promised too early. */
  span: (milliseconds: number) => string;
  /** "14:05". */
  hour: (at: Date) => string;
  /** "Thu 3". */
  weekday: (at: Date) => string;
  /** "3 Dec". */
  day: (at: Date) => string;
}

/** Whole days between the midnights before two moments. */
function days(from: Date, to: Date): number {
  const midnight = (at: Date) => Date.UTC(at.getFullYear(), at.getMonth(), at.getDate());
  return Math.round((midnight(to) - midnight(from)) / 86_400_000);
}

/** Times in a language. */
export function timesOf({ locale, units }: TimesOf): Times {
  const format = (options: Intl.DateTimeFormatOptions) => {
    const made = new Intl.DateTimeFormat(locale, options);
    return (at: Date) => made.format(at);
  };
  const hour = format({ hour: "2-digit", minute: "2-digit" });
  const shortWeekday = format({ weekday: "short" });
  const day = format({ day: "numeric", month: "short" });
  const dayOfAnotherYear = format({ day: "numeric", month: "short", year: "numeric" });

  function when(iso: string, now: number): string {
    const at = new Date(iso);
    if (Number.isNaN(at.getTime())) return "";
    const today = new Date(now);
    const ahead = days(today, at);
    if (ahead === 0) return hour(at);
    if (ahead > 0 && ahead < 7) return `${shortWeekday(at)} ${hour(at)}`;
    return at.getFullYear() === today.getFullYear() ? day(at) : dayOfAnotherYear(at);
  }

  function past(iso: string, now: number): string {
    const at = new Date(iso);
    if (Number.isNaN(at.getTime())) return "";
    return days(new Date(now), at) === 0 ? hour(at) : `${day(at)}, ${hour(at)}`;
  }

  function span(milliseconds: number): string {
    const seconds = Math.max(0, Math.ceil(milliseconds / 1000));
    const minutes = Math.ceil(seconds / 60);
    const hours = Math.ceil(minutes / 60);
    const pair = (big: number, of: string, small: number, and: string) => (small > 0 ? `${big} ${of} ${small} ${and}` : `${big} ${of}`);
    if (seconds < 60) return `${seconds} ${units.second}`;
    if (minutes < 60) return `${minutes} ${units.minute}`;
    if (minutes < 48 * 60) return pair(Math.floor(minutes / 60), units.hour, minutes % 60, units.minute);
    return pair(Math.floor(hours / 24), units.day, hours % 24, units.hour);
  }

  return { when, past, span, hour, weekday: format({ weekday: "short", day: "numeric" }), day };
}
