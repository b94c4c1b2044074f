// Times in German.
import { timesOf } from "../times";

/** How numbers and dates are written. */
export const locale = "de-DE";

export const times = timesOf({ locale, units: { second: "s", minute: "min", hour: "h", day: "T" } });
export const { when, span } = times;
