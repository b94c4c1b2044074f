// Every pair of colours in use is legible, in light and in dark.
import { expect, test } from "vitest";

import source from "./palette.css?raw";

/** Token → [light, dark]; colours with transparency are left out, no text stands on them. */
const palette = new Map(
  [...source.matchAll(/--([a-z-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)/g)].map(([, name, light, dark]) => [name, [light, dark]]),
);

function luminance(hex: string): number {
  const [red, green, blue] = [1, 3, 5].map((at) => {
    const part = parseInt(hex.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * (red ?? 0) + 0.7152 * (green ?? 0) + 0.0722 * (blue ?? 0);
}

function contrast(a: string, b: string, mode: 0 | 1): number {
  const [first, second] = [a, b].map((name) => luminance(palette.get(name)?.[mode] ?? ""));
  const [high, low] = [Math.max(first ?? NaN, second ?? NaN), Math.min(first ?? NaN, second ?? NaN)];
  return (high + 0.05) / (low + 0.05);
}

const grounds = ["ground", "surface", "raised", "sunken", "hover"];
const texts: [string, string][] = [
  ...grounds.flatMap((ground): [string, string][] => [["ink", ground], ["muted", ground], ["accent-ink", ground], ["danger", ground]]),
  ["ink", "accent-soft"],
  ["accent-ink", "accent-soft"],
  ["ink", "warn-soft"],
  ["warn", "warn-soft"],
  ["warn", "surface"],
  ["ink", "danger-soft"],
  ["danger", "danger-soft"],
  ["on-accent", "accent"],
  ["on-accent", "accent-hover"],
  ["on-danger", "danger"],
  ["on-danger", "danger-hover"],
];
const shapes: [string, string][] = [
  ...grounds.flatMap((ground): [string, string][] => [["edge", ground], ["focus", ground]]),
  ["accent", "accent-soft"],
  ["accent", "surface"],
  ["focus", "accent-soft"],
  ["accent", "sunken"],
  ["warn", "sunken"],
  ["danger", "sunken"],
  ...["blue", "orange", "green", "pink", "yellow", "grey"].map((name): [string, string] => [`plot-${name}`, "surface"]),
];

test.each([0, 1] as const)("text has 4.5:1 and shapes 3:1 (0 light, 1 dark): %i", (mode) => {
  const poor = [
    ...texts.map(([a, b]) => [a, b, 4.5] as const),
    ...shapes.map(([a, b]) => [a, b, 3] as const),
  ].filter(([a, b, least]) => !(contrast(a, b, mode) >= least));
  expect(poor.map(([a, b]) => `${a} on ${b}: ${contrast(a, b, mode).toFixed(2)}`)).toEqual([]);
});

test("the measure itself is right", () => {
  expect(luminance("#ffffff")).toBeCloseTo(1);
  expect(luminance("#000000")).toBe(0);
  expect(luminance("#777777")).toBeCloseTo(0.184, 3);
});

test("nothing is pure black or white", () => {
  expect(palette.size).toBeGreaterThan(20);
  expect(source).not.toMatch(/#000000|#ffffff|#000\b|#fff\b|\b(black|white)\b/);
});
