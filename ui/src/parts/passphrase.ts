// Whether a new passphrase is good enough; the same rules as the core's, so that its refusal is seen while typing.
import { words } from "../words";

/** Characters. */
const SHORTEST = 12;
const LONGEST = 1024;
/** Different characters. */
const LEAST_VARIED = 5;
/** Digits alone are guessed fast. */
const SHORTEST_NUMBER = 24;

/** What is wrong with a new passphrase, in words; `null` if nothing is. */
export function weakness(passphrase: string): string | null {
  const letters = [...passphrase];
  if (letters.length < SHORTEST) return words.passphrase.short(SHORTEST - letters.length);
  if (letters.length > LONGEST) return words.passphrase.long;
  const varied = new Set(letters.map((letter) => letter.toLowerCase())).size;
  const number = letters.length < SHORTEST_NUMBER && /^[0-9]+$/.test(passphrase);
  return varied < LEAST_VARIED || number ? words.passphrase.guessable : null;
}
