// Times in English.
import { timesOf } from "../times";

/** How numbers and dates are written. */
export const locale = "en-GB";

export const times = timesOf({ locale, units: { second: "s", minute: "min", hour: "h", day: "d" } });
export const { when, past, span } = times;
