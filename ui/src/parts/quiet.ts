// Quiet hours as two times of the day; the core has them as one text.

/** What is offered first. */
export const USUAL_QUIET = "22:00-07:00";

/** The two times of "22:00-07:00"; `null` where there are none. */
export function quietSpan(hours: string | null): { from: string; to: string } | null {
  const found = /^(\d\d:\d\d)-(\d\d:\d\d)$/.exec(hours ?? "");
  return found?.[1] && found[2] ? { from: found[1], to: found[2] } : null;
}

/** The text of two times; `null` where one is missing, or both are the same. */
export function quietHours(from: string, to: string): string | null {
  const time = /^\d\d:\d\d$/;
  return time.test(from) && time.test(to) && from !== to ? `${from}-${to}` : null;
}
