// Amounts of money.

/** Cents as dollars, as they are typed. */
export function dollars(cents: number): string {
  return cents % 100 === 0 ? String(cents / 100) : (cents / 100).toFixed(2);
}
