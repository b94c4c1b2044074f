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

/** Where a row that is held at height `y` belongs: before the first row whose middle lies below it. */
export function slot(bands: readonly Band[], from: number, y: number): number {
  let at = 0;
  for (const [index, band] of bands.entries()) {
    if (index !== from && y > band.top + band.height / 2) at += 1;
  }
  return at;
}
