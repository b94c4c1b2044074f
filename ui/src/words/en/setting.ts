// What is said of every setting: what is usual, what it can be, where its value comes from.
import { locale } from "./times";

const numbers = new Intl.NumberFormat(locale);

/** The words of it. */
export const setting = {
  on: "on",
  off: "off",
  none: "none",
  number: (n: number) => numbers.format(n),
  range: (least: number, most: number) => `${numbers.format(least)} to ${numbers.format(most)}`,
  kinds: { cents: "none, or an amount a month", quiet_hours: "none, or from–to", command: "none, or a program with its arguments" },
  usual: (value: string) => `Default: ${value}`,
  inFile: "Set in config.toml.",
  byEnvironment: (variable: string) => `Set by the environment (${variable}), so not here.`,
  reset: "Reset",
  resetOf: (title: string) => `Reset to default: ${title}`,
  isDefault: "Back to the default.",
  all: "All settings by name",
  allText: "As they are called in config.toml and by codex-lab settings; a variable in brackets goes before the file where it is set.",
  canBe: (choices: string) => `can be ${choices}`,
  from: (source: string) => `from ${source}`,
  fromDefault: "the default",
};

/** Languages, each by its own name. */
export const language = { system: "As the system", en: "English", de: "Deutsch" };
