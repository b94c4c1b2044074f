// Remarks that cannot be kept, each for its reason.
import { expect, test } from "vitest";

import { row } from "../host/scenes";
import { draftOf, read, type Draft } from "./details";

const draft = (part: Partial<Draft> = {}): Draft => ({ ...draftOf(row(1, "main").details), ...part });

test("what was kept comes back as it was", () => {
  const kept = { ...row(1, "main").details, label: "Büro", note: "a\nb", colour: "pink" as const, drain: true, muted: true, weight: 0, thresholds: { low: 20, critical: 5 } };
  expect(read(draftOf(kept))).toEqual({ details: kept, faults: null });
});

test("texts are trimmed and empty ones dropped", () => {
  expect(read(draft({ label: "  office ", note: " \n " })).details).toMatchObject({ label: "office", note: null });
});

test.each<[string, Partial<Draft>, string[]]>([
  ["a long label", { label: "x".repeat(42) }, ["label"]],
  ["a label of 40 emoji", { label: "🐎".repeat(40) }, []],
  ["a long note", { note: "x".repeat(501) }, ["note"]],
  ["no weight", { weight: "" }, ["weight"]],
  ["half a weight", { weight: "1.5" }, ["weight"]],
  ["a weight above 100", { weight: "101" }, ["weight"]],
  ["no thresholds", { low: " ", critical: "" }, []],
  ["only one threshold", { low: "", critical: "5" }, []],
  ["words for a threshold", { low: "ten", critical: "-1" }, ["low", "critical"]],
  ["equal thresholds", { low: "10", critical: "10" }, ["order"]],
  ["thresholds the wrong way round", { low: "5", critical: "20" }, ["order"]],
])("%s", (_, part, faulty) => {
  expect(Object.keys(read(draft(part)).faults ?? {})).toEqual(faulty);
});

test("an error says how much is too much, and names both thresholds", () => {
  expect(read(draft({ label: "x".repeat(42) })).faults?.label).toBe("The label is too long by 2.");
  expect(read(draft({ low: "5", critical: "20" })).faults?.order).toBe("Critical (20 %) has to be below Low (5 %).");
});
