// What is said of every setting, in German.
import type { Words } from "..";
import { locale } from "./times";

const numbers = new Intl.NumberFormat(locale);

export const setting: Words["setting"] = {
  on: "an",
  off: "aus",
  none: "nichts",
  number: (n) => numbers.format(n),
  range: (least, most) => `${numbers.format(least)} bis ${numbers.format(most)}`,
  kinds: { cents: "nichts oder ein Betrag im Monat", quiet_hours: "nichts oder von–bis", command: "nichts oder ein Programm mit seinen Argumenten" },
  usual: (value) => `Vorgabe: ${value}`,
  inFile: "In config.toml gesetzt.",
  byEnvironment: (variable) => `Von der Umgebung gesetzt (${variable}), deshalb nicht hier.`,
  reset: "Zurücksetzen",
  resetOf: (title) => `Auf die Vorgabe zurücksetzen: ${title}`,
  isDefault: "Wieder wie vorgegeben.",
  all: "Alle Einstellungen mit Namen",
  allText: "Wie sie in config.toml und bei codex-lab settings heißen; eine Variable in Klammern geht der Datei vor, wo sie gesetzt ist.",
  canBe: (choices) => `möglich: ${choices}`,
  from: (source) => `aus ${source}`,
  fromDefault: "der Vorgabe",
};

export const language: Words["language"] = { system: "Wie das System", en: "English", de: "Deutsch" };
