// What can be operated can be found by tests, and sizes follow the user's own.
import { expect, test } from "vitest";

import { mark } from "./marks";

const components = import.meta.glob<string>("../**/*.svelte", { query: "?raw", import: "default", eager: true });
const styles = import.meta.glob<string>("../**/*.{svelte,css}", { query: "?raw", import: "default", eager: true });

test("every control has a data-test", () => {
  const bare = Object.entries(components).flatMap(([path, source]) =>
    [...source.matchAll(/<(button|input|textarea|select|summary|a)\b(?:[^>"{]|"[^"]*"|\{(?:[^{}]|\{[^{}]*\})*\}|=>)*>/g)]
      .filter(([tag]) => !tag.includes("data-test="))
      .map(([tag]) => `${path}: ${tag.slice(0, 60)}`),
  );
  expect(Object.keys(components).length).toBeGreaterThan(20);
  expect(bare).toEqual([]);
});

test("every mark is used, and means one thing", () => {
  const all = Object.values(components).join("\n");
  const names = Object.keys(mark);
  expect(names.filter((name) => !new RegExp(`mark\\.${name}\\b`).test(all))).toEqual([]);
  expect(new Set(Object.values(mark)).size).toBe(names.length);
});

test("no text is under 12 px and no size of text is in px", () => {
  const sizes = Object.entries(styles).flatMap(([path, source]) => [...source.matchAll(/font-size:\s*([^;]+);/g)].map(([, size]) => [path, size ?? ""] as const));
  expect(sizes.length).toBeGreaterThan(5);
  const bad = sizes.filter(([, size]) => !/^var\(--/.test(size) && !(size.endsWith("rem") && parseFloat(size) >= 0.75));
  expect(bad).toEqual([]);
});

test("no component is over 300 lines", () => {
  expect(Object.entries(components).filter(([, source]) => source.split("\n").length > 300).map(([path]) => path)).toEqual([]);
});
