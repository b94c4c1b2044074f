// How much time is left, as the window shows and says it.
import { words } from "../words";

/** Time left until a deadline. */
export interface Left {
  /** As shown, such as `14:59`. */
  text: string;
  /** Whether it is less than a minute. */
  short: boolean;
  /** Whole seconds, never negative. */
  seconds: number;
}

/** The time left at `now` (milliseconds since 1970). A deadline that is no date counts as none: `null`. */
export function left(deadline: string | null, now: number): Left | null {
  if (deadline === null) return null;
  const end = Date.parse(deadline);
  if (Number.isNaN(end)) return null;
  // Rounded up, so that "0:00" means over and nothing else.
  const seconds = Math.max(0, Math.ceil((end - now) / 1000));
  return { text: words.time.left(Math.floor(seconds / 60), seconds % 60), short: seconds < 60, seconds };
}

/** What a screen reader is told at this second: seldom, for a count read out every second helps nobody. */
export function spoken(seconds: number): string | null {
  return seconds === 300 || seconds === 60 ? words.time.leftSpoken(seconds / 60) : null;
}
