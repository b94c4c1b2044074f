// Moving one thing within a list.

/** The list with the item at `from` moved to `to`; both are cut to the list. */
export function moved<T>(list: readonly T[], from: number, to: number): T[] {
  const result = [...list];
  const [item] = result.splice(from, 1);
  if (item === undefined) return result;
  result.splice(Math.min(Math.max(to, 0), result.length), 0, item);
  return result;
}

/** A row's place on the screen, in pixels from the top. */
export interface Band {
  top: number;
  height: number;
}

/** Where a row belongs that was moved by so many pixels: beyond each row whose middle its edge has passed. */
export function slot(bands: readonly Band[], from: number, by: number): number {
  const own = bands[from];
  if (own === undefined) return from;
  const beyond = bands.filter(({ top, height }, index) => index > from && own.top + own.height + by > top + height / 2);
  const before = bands.filter(({ top, height }, index) => index < from && own.top + by < top + height / 2);
  return from + beyond.length - before.length;
}
