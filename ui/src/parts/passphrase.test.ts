// The same cases as the core's own check.
import { expect, test } from "vitest";

import { words } from "../words";
import { weakness } from "./passphrase";

test.each([
  ["", words.passphrase.short(12)],
  ["correct", words.passphrase.short(5)],
  ["elevenchars", words.passphrase.short(1)],
  ["aaaaaaaaaaaaaaaaaaaa", words.passphrase.guessable],
  ["AbAbABabABababAb", words.passphrase.guessable],
  ["123456789012", words.passphrase.guessable],
  ["abcdefgh".repeat(200), words.passphrase.long],
  ["correct horse battery", null],
  ["größer als üblich", null],
  ["814902763518204917365028", null],
])("%j", (passphrase, expected) => expect(weakness(passphrase)).toBe(expected));

test("a letter of two code units is one character", () => {
  expect(weakness("🐎🔋📎🪄🧲🪨🐎🔋📎🪄🧲")).toBe(words.passphrase.short(1));
});
