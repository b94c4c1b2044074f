// Weights as shares: per cent that add up to a hundred. The stored weight stays a whole number from 0 to 100.

/** The heaviest weight there is. */
const HEAVIEST = 100;
/** The weight of a profile whose weight nobody has set; the same as the core's. */
export const USUAL_WEIGHT = 10;

/** `total` in whole parts, as the amounts are to each other; the largest remainders get what is left over. Alike where all are zero. */
export function parts(amounts: readonly number[], total: number): number[] {
  const sum = amounts.reduce((a, b) => a + b, 0);
  const exact = amounts.map((amount) => (sum === 0 ? total / amounts.length : (amount / sum) * total));
  const whole = exact.map(Math.floor);
  const byRemainder = exact.map((_, at) => at).sort((a, b) => exact[b]! - whole[b]! - (exact[a]! - whole[a]!) || a - b);
  const left = total - whole.reduce((a, b) => a + b, 0);
  for (const at of byRemainder.slice(0, left)) whole[at]! += 1;
  return whole;
}

/** The shares of weights, in per cent. */
export const sharesOf = (weights: readonly number[]) => parts(weights, 100);

/** Weights with the share of one of them changed; the others keep their proportions. None that has a weight loses all of it, unless one takes everything. */
export function withShare(weights: readonly number[], at: number, share: number): number[] {
  const others = weights.filter((_, other) => other !== at);
  if (others.length === 0) return [Math.max(weights[at] ?? USUAL_WEIGHT, 1)];
  const rest = parts(others, 100 - share);
  const kept = rest.map((part, place) => (share < 100 && part === 0 && others[place]! > 0 ? 1 : part));
  const sum = kept.reduce((a, b) => a + b, 0);
  // With many others, each with the least there is, a share takes more than its own number.
  const own = share === 100 ? HEAVIEST : Math.min(HEAVIEST, Math.round((share * sum) / (100 - share)));
  return [...kept.slice(0, at), share > 0 ? Math.max(own, 1) : 0, ...kept.slice(at)];
}
