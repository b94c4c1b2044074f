// The colours that profiles are marked with, and those of their lines, stay apart, also for eyes that see fewer colours.
import { expect, test } from "vitest";

import { words } from "../words";
import controls from "./controls.css?raw";
import source from "./palette.css?raw";

type Triple = [number, number, number];

const marks = new Map([...source.matchAll(/--mark-([a-z]+): (#[0-9a-f]{6});/g)].map(([, name = "", hex = ""]) => [name, hex]));

/** The colours of lines in charts, and of the line of all together. */
const lines = (mode: "light" | "dark") => {
  const of = [...source.matchAll(/--(?:plot-([a-z]+)|(ink)): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\);/g)];
  return new Map(of.map(([, plot, ink, light = "", dark = ""]) => [plot ?? ink ?? "", mode === "light" ? light : dark]));
};

/** How a colour is seen by eyes without one kind of cone (Machado, Oliveira and Fernandes 2009), in linear light. */
const eyes: Record<string, [Triple, Triple, Triple]> = {
  all: [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
  protanopia: [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
  deuteranopia: [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]],
  tritanopia: [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.3039]],
};

/** The least distance in Oklab; two neighbours on a scale of ten even steps of grey are 0.1 apart. */
const LEAST = 0.12;
/** The line of all together is also twice as wide. */
const LEAST_OF_INK = 0.08;

const times = (matrix: [Triple, Triple, Triple], of: Triple) =>
  matrix.map((line) => Math.min(1, Math.max(0, line[0] * of[0] + line[1] * of[1] + line[2] * of[2]))) as Triple;

function linear(hex: string): Triple {
  return [1, 3, 5].map((at) => {
    const part = parseInt(hex.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  }) as Triple;
}

function oklab([red, green, blue]: Triple): Triple {
  const long = Math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue);
  const medium = Math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue);
  const short = Math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue);
  return [
    0.2104542553 * long + 0.793617785 * medium - 0.0040720468 * short,
    1.9779984951 * long - 2.428592205 * medium + 0.4505937099 * short,
    0.0259040371 * long + 0.7827717662 * medium - 0.808675766 * short,
  ];
}

const apart = (a: Triple, b: Triple) => Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);

function tooClose(colours: Map<string, string>, kind: string) {
  const seen = [...colours].map(([name, hex]) => [name, oklab(times(eyes[kind]!, linear(hex)))] as const);
  const close = seen.flatMap(([a, first], at) => seen.slice(at + 1).map(([b, second]) => [`${a} and ${b}`, apart(first, second)] as const));
  return close.filter(([first, distance]) => distance < (first.includes("ink") ? LEAST_OF_INK : LEAST));
}

test.each(Object.keys(eyes))("for eyes with %s", (kind) => {
  expect(tooClose(marks, kind)).toEqual([]);
  expect(tooClose(lines("light"), kind)).toEqual([]);
  expect(tooClose(lines("dark"), kind)).toEqual([]);
});

test("the measure itself is right", () => {
  expect(oklab(linear("#ffffff"))[0]).toBeCloseTo(1, 3);
  expect(apart(oklab(linear("#ff0000")), oklab(linear("#00ff00")))).toBeGreaterThan(0.5);
  // A pair that this test is for: an orange and a yellow dark enough to be read as text.
  const [orange, yellow] = ["#b3520a", "#8a6d00"].map((hex) => oklab(times(eyes.deuteranopia!, linear(hex))));
  expect(apart(orange!, yellow!)).toBeLessThan(0.02);
});

test("each colour of the core has a mark, and the marks have a border", () => {
  expect([...marks.keys()].sort()).toEqual(Object.keys(words.details.colour).sort());
  expect([...lines("light").keys()].filter((name) => name !== "ink").sort()).toEqual([...marks.keys()].sort());
  for (const name of marks.keys()) expect(controls).toContain(`.mark-${name} {`);
  expect(controls).toMatch(/\.mark \{[^}]*border: 1px solid var\(--edge\)/);
});
