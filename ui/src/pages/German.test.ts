// The window in German: nothing of it is left in English but what the core says.
import { afterAll, beforeAll, expect, test } from "vitest";

import { trio } from "../host/scenes";
import { speak } from "../words";
import { words as de } from "../words/de";
import { words as en } from "../words";
import { leavesOf, saidOf } from "../words/leaves";
import { open } from "./acting";
import { walk } from "./walk";

beforeAll(() => speak("de"));
afterAll(() => speak("en"));

const GAP = "\u0000";
/** A sentence of fewer letters is looked for as a whole, a longer one within others too. */
const LONG = 14;

/** The fixed parts of all sentences of a language. */
function parts(words: object): string[] {
  return leavesOf(words)
    .filter(({ path }) => !path.startsWith("times."))
    .flatMap(({ said }) => (typeof said === "string" ? said : (saidOf(said, [GAP, GAP, GAP]) ?? "")).split(GAP))
    .map((part) => part.trim())
    .filter((part) => /\p{L}{2}/u.test(part));
}

const german = new Set(parts(de));
const english = [...new Set(parts(en))].filter((part) => !german.has(part));

/** Every text a user meets: what stands there, and what is read out. */
function met(): string[] {
  const texts: string[] = [];
  const nodes = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (nodes.nextNode()) texts.push(nodes.currentNode.textContent ?? "");
  for (const element of document.querySelectorAll("[aria-label], [title], [placeholder]"))
    for (const name of ["aria-label", "title", "placeholder"]) texts.push(element.getAttribute(name) ?? "");
  return texts.map((text) => text.trim()).filter((text) => text !== "");
}

function found(texts: string[]): string[] {
  return texts.flatMap((text) => english.filter((part) => text === part || (part.length >= LONG && text.includes(part))));
}

/** Steps are the core's, in English. */
const ofTheCore = new Set(["main is busy."]);

test("no page, menu or dialog has an English sentence", async () => {
  const left = new Set<string>();
  let places = 0;
  await walk(trio({ undo: null }), (place) => {
    places += 1;
    for (const part of found(met().filter((text) => !ofTheCore.has(text)))) left.add(`${place}: ${part}`);
  });
  expect([...left]).toEqual([]);
  expect(places).toBeGreaterThan(30);
}, 60_000);

test("the walk would find them", async () => {
  expect(english.length).toBeGreaterThan(400);
  await speak("en");
  await open(trio());
  expect(found(met()).length).toBeGreaterThan(20);
  await speak("de");
});
