// The numbers of what is done in the background; the same ranges as the core's.

/** Requests that one account may cost within 24 hours. */
export const BUDGET = { least: 16, most: 1000, usual: 120 };
/** Hours between the weeks that are started. */
export const APART = { least: 0, most: 24, usual: 3 };

/** A whole number within a range; `null` for anything else. */
export function within(text: string, { least, most }: { least: number; most: number }): number | null {
  const trimmed = text.trim();
  if (!/^\d{1,4}$/.test(trimmed)) return null;
  const number = Number(trimmed);
  return number >= least && number <= most ? number : null;
}
