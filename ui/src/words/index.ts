// Everything the window says, in the language that was chosen before it was drawn.
import type { words as English } from "./en";

export { isPersonal, planName } from "./plans";

/** What a language has to say: all that English says. */
export type Words = typeof English;

/** Each is read when it is wanted, so that nobody waits for another's. */
const languages = {
  en: async () => (await import("./en")).words,
  de: async () => (await import("./de")).words,
} satisfies Record<string, () => Promise<Words>>;

/** The languages there are. */
export type Language = keyof typeof languages;

/** The words of the language in use, once one is spoken. Read them when they are shown, and keep none: a constant would stay as it is. */
export let words: Words;

/** The first of the wanted languages that there is ("de-AT" is "de"); English without one. */
export function bestOf(wanted: readonly string[]): Language {
  for (const tag of wanted) {
    const primary = tag.toLowerCase().split(/[-_]/)[0] ?? "";
    if (Object.hasOwn(languages, primary)) return primary as Language;
  }
  return "en";
}

/** The language that a setting means, where these are wanted by the system. */
export function languageOf(setting: "system" | Language, wanted: readonly string[]): Language {
  return setting === "system" ? bestOf(wanted) : setting;
}

/** Reads a language's words, so that they are there once it is spoken. */
export async function learn(language: Language): Promise<void> {
  await languages[language]();
}

/** Chooses the language. What is drawn already stays as it is. */
export async function speak(language: Language): Promise<void> {
  words = await languages[language]();
  document.documentElement.lang = language;
}
