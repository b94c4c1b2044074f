// What is said while logins are imported, in German.
import type { Words } from "..";
import type { ImportOutcome } from "../../generated/ImportOutcome";

export const importOutcome: Words["importOutcome"] = {
  added: "Hinzugefügt",
  updated: "Aktualisiert",
  unchanged: "Schon hier",
  skipped: "Ausgelassen",
  failed: "Nicht gespeichert",
};

export const importWould: Words["importWould"] = {
  added: "Als neues Konto hinzufügen",
  updated: "Den neueren Login nehmen",
  unchanged: "Nichts: schon hier",
  skipped: "Auslassen",
  failed: "Auslassen",
};

export const importSource: Words["importSource"] = {
  codex: "Codex",
  "every-code": "Every Code",
  "codex-lab-fork": "der Codex-Fork namens Codex Lab",
  "opencode-multi-auth-codex": "opencode-multi-auth-codex",
  opencode: "OpenCode",
  "codex-auth": "codex-auth",
  "cc-switch": "cc-switch",
  "codex-multi-auth": "codex-multi-auth",
};

const results: [ImportOutcome, (n: number) => string][] = [
  ["added", (n) => `${n} hinzugefügt`],
  ["updated", (n) => `${n} aktualisiert`],
  ["unchanged", (n) => `${n} schon hier`],
  ["skipped", (n) => `${n} ausgelassen`],
  ["failed", (n) => `${n} nicht gespeichert`],
];

export const importing: Words["import"] = {
  title: "Logins importieren",
  text: "Die Quelle wird nur gelesen. Nutzt ein anderes Programm denselben Login weiter, verliert ihn eines von beiden: Melde dich dort oder hier neu an.",
  tools: "Aus anderen Programmen",
  toolsText: "Sieht dort nach, wo Codex und Programme für mehrere Codex-Konten ihre Logins ablegen, und zeigt, was gefunden wurde. Nachsehen ändert nichts.",
  tool: "Programm",
  allTools: "Alle, die gefunden werden",
  place: "Sein Ort, falls nicht der übliche",
  look: "Hineinsehen",
  find: "Logins anderer Programme suchen",
  finding: "Suche läuft…",
  ownTitle: "Aus einer Datei oder einem Ordner",
  path: "Datei oder Ordner",
  pathHint: "Eine auth.json oder ein Ordner mit solchen Dateien.",
  file: "Datei wählen…",
  start: "Importieren",
  busy: "Wird importiert…",
  tooLarge: "Diese Datei ist zu groß für einen Login.",
  none: "Dort wurde kein Login gefunden.",
  noneOfTools: "Auf diesem Rechner wurde kein Login eines anderen Programms gefunden.",
  result: "Was gefunden wurde",
  done: "Fertig",
  from: (source) => `aus ${source}`,
  back: "Zurück",

  found: (n) => (n === 1 ? "1 Login wurde gefunden. Noch ist nichts geändert." : `${n} Logins wurden gefunden. Noch ist nichts geändert.`),
  columns: { take: "Nehmen", account: "Konto", where: "Gefunden in", would: "Was geschähe" },
  takeItem: (who, where) => `${who} aus ${where} nehmen`,
  noAccount: "Konto nicht bekannt",
  workspace: (id) => `Arbeitsbereich ${id}`,
  updates: (name) => `Den neueren Login für ${name} nehmen`,
  hereAs: (name) => `Nichts: schon hier als ${name}`,
  elsewhere: "Nichts: Dasselbe Konto gibt es an anderer Stelle, ebenso neu oder neuer",
  alsoAt: (places) => `Auch in ${places.join(", ")}`,
  ownersTitle: "Einige dieser Logins nutzt auch ein anderes Programm",
  owners:
    "Teilen sich zwei Programme einen Login, verliert ihn eines an das, das ihn zuerst erneuert. Nutze ihn nach dem Import im anderen Programm nicht mehr, ohne dich dort abzumelden, denn das kann ihn für beide beenden; oder wähle hier im Menü des Kontos „Erneut anmelden“ für einen eigenen Login. Bis dahin erneuert Codex Lab ihn nicht im Voraus.",
  encrypted: "Eine gefundene Ablage ist verschlüsselt.",
  storePassphrase: "Passphrase dieses Programms",
  findAgain: "Noch einmal nachsehen",
  take: (n) => (n === 1 ? "1 Login importieren" : `${n} Logins importieren`),
  nothingToTake: "Nichts davon würde etwas ändern.",
  summary: (count) => {
    const parts = results.filter(([outcome]) => count[outcome] > 0).map(([outcome, said]) => said(count[outcome]));
    return `${parts.join(", ")}.`;
  },
};

export const leftovers: Words["leftovers"] = {
  title: "Tokens im Klartext",
  text: "Diese Dateien anderer Programme enthalten Tokens, die jeder verwenden kann, der sie liest. Eine Kopie, mit der nichts mehr arbeitet, lässt sich löschen; eine Ablage, mit der ein Programm arbeitet, nicht.",
  of: (tool, what) => `${tool}: ${what}`,
  inUse: "Das Programm arbeitet damit",
  delete: "Löschen…",
  deletePath: (path) => `${path} löschen`,
  sure: "Diese Datei endgültig löschen? Sie kommt nicht wieder.",
  confirm: "Endgültig löschen",
  keep: "Behalten",
  gone: "Gelöscht",
  deleted: (path) => `${path} gelöscht.`,
};

export const paste: Words["paste"] = {
  title: "Eine auth.json einfügen",
  text: "Füge den ganzen Text der Datei ein. Er ist verdeckt, solange er hier steht, und wird sonst nirgends aufbewahrt.",
  field: "Text der auth.json",
};
