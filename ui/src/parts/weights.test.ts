// Shares add up to a hundred, whatever the weights are.
import { expect, test } from "vitest";

import { sharesOf, withShare } from "./weights";

const sum = (numbers: number[]) => numbers.reduce((a, b) => a + b, 0);

test.each([
  [[10, 10, 10], [34, 33, 33]],
  [[10, 10], [50, 50]],
  [[10, 0, 30], [25, 0, 75]],
  [[0, 0], [50, 50]],
  [[7], [100]],
  [[100, 1], [99, 1]],
])("of %j the shares are %j", (weights, shares) => expect(sharesOf(weights)).toEqual(shares));

test.each<[number[], number, number, number[]]>([
  [[10, 10, 10], 0, 50, [50, 25, 25]],
  [[50, 25, 25], 2, 0, [67, 33, 0]],
  [[60, 30, 10], 0, 20, [20, 60, 20]],
  [[10, 10, 10], 1, 100, [0, 100, 0]],
  [[0, 100, 0], 1, 40, [30, 40, 30]],
  [[10, 0, 10], 0, 99, [99, 0, 1]],
  [[98, 1, 1], 0, 99, [100, 1, 1]],
  [[5], 0, 30, [5]],
])("%j with share %i at %i is %j", (weights, at, share, after) => {
  const got = withShare(weights, at, share);
  expect(got).toEqual(after);
  expect(sum(sharesOf(got))).toBe(100);
});

test("whatever is moved, shares add up, weights stay whole numbers to 100, and nobody with a weight loses it", () => {
  let weights = Array.from({ length: 50 }, (_, at) => (at * 37) % 101);
  for (let step = 0; step < 300; step += 1) {
    const [at, share] = [(step * 13) % 50, (step * 29) % 100];
    const before = weights;
    weights = withShare(weights, at, share);
    expect(sum(sharesOf(weights))).toBe(100);
    expect(weights.every((weight, place) => Number.isInteger(weight) && weight >= 0 && weight <= 100 && (place === at || before[place] === 0 || weight > 0))).toBe(true);
  }
});
