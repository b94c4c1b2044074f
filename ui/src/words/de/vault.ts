// What is said about where logins are kept, and about passphrases, in German.
import type { Words } from "..";
import { locale } from "./times";

const time = new Intl.DateTimeFormat(locale, { timeStyle: "short" });
const dayAndTime = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" });

/** A time of the past or the near future: "um 14:05", or "am 03.12.2026, 14:05" on another day. */
export function moment(iso: string, now: Date = new Date()): string {
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) return "später";
  return at.toDateString() === now.toDateString() ? `um ${time.format(at)}` : `am ${dayAndTime.format(at)}`;
}

const mode: Words["vault"]["mode"] = {
  file: {
    title: "Einfache Dateien",
    protects: "Schützt die Logins vor anderen Benutzern dieses Rechners: Nur dein eigener Benutzer darf die Dateien lesen.",
    costs: "Wer an deinen Datenträger, eine Sicherung davon oder die Dateien deines Benutzers kommt, kann die Logins verwenden. Nie etwas zu entsperren.",
  },
  keyring: {
    title: "Versiegelt, mit dem Schlüssel im Schlüsselbund des Systems",
    protects: "Schützt sie vor allen, die nur deine Dateien haben: ein kopierter Datenträger, eine Sicherung, ein Programm, das Dateien liest.",
    costs: "Ein Programm, das unter deinem Namen läuft, kann einen offenen Schlüsselbund um den Schlüssel bitten. Ohne Schlüsselbund, oder wenn er verloren geht, bleiben die Logins zu.",
  },
  passphrase: {
    title: "Versiegelt unter einer Passphrase",
    protects: "Schützt sie vor allen, die deine Dateien und deinen Schlüsselbund haben, aber nicht deine Passphrase.",
    costs: "Du gibst sie nach jedem Start ein, vorher wird nichts erneuert oder gewechselt. Hast du sie vergessen, kann niemand helfen: Du müsstest dich bei jedem Konto neu anmelden.",
  },
};

export const vault: Words["vault"] = {
  title: "Wo Logins aufbewahrt werden",
  text: "Der Login, den Codex gerade nutzt, bleibt eine einfache Datei in Codex’ eigenem Ordner, was immer du hier wählst: Codex braucht ihn dort.",
  mode,
  state: {
    open: "Offen: Die Logins sind nutzbar.",
    locked: "Gesperrt: Die Logins sind da und warten darauf, entsperrt zu werden.",
    denied: "Zu: Der Schlüsselbund gibt den Schlüssel nicht her.",
    missing: "Zu: Der Schlüsselbund oder der Schlüssel darin fehlt.",
    corrupt: "Zu: Was die Logins öffnet, ist beschädigt.",
  },
  shut: "Niemand wird abgemeldet. Die Logins bleiben, wie sie sind, bis sie sich öffnen lassen.",
  lockedByPassphrase: "Die Logins sind unter deiner Passphrase versiegelt. Gib sie ein, um sie zu nutzen.",
  passphrase: "Passphrase des Tresors",
  unlock: "Entsperren",
  unlocking: "Wird entsperrt…",
  unlocked: "Die Logins sind entsperrt.",
  again: "Noch einmal versuchen",
  asking: "Der Schlüsselbund wird gefragt…",
  trying: "Versuch läuft…",
  lock: "Jetzt sperren",
  lockText: "Codex Lab vergisst den Schlüssel. Laufende Codex-Sitzungen gehen weiter; bis zum Entsperren wird nichts erneuert oder gewechselt.",
  lockedNow: "Die Logins sind gesperrt.",
  change: "Ändern…",
  changeShut: "Wie Logins aufbewahrt werden, lässt sich ändern, sobald sie entsperrt sind.",
  moveTitle: "Ändern, wie Logins aufbewahrt werden",
  moveText: "Alle Logins und ihre Kopien werden neu geschrieben, zurückgelesen und verglichen; erst dann verschwinden die alten.",
  move: "Ändern",
  moving: "Alle Logins werden neu geschrieben…",
  moved: (to) => `Geändert: ${mode[to].title}.`,
  now: "jetzt",
  newPassphrase: "Neue Passphrase festlegen",
};

export const passphrase: Words["passphrase"] = {
  first: "Passphrase",
  again: "Noch einmal dieselbe",
  show: "Passphrase zeigen",
  hide: "Passphrase verbergen",
  advice: "Mindestens 12 Zeichen. Vier oder fünf Wörter, die nichts miteinander zu tun haben, sind gut; bewahre sie sicher auf.",
  short: (left) => (left === 1 ? "Es fehlt noch ein Zeichen." : `Es fehlen noch ${left} Zeichen.`),
  long: "Zu lang: Höchstens 1.024 Zeichen.",
  guessable: "Zu leicht zu erraten: Nimm mehr verschiedene Zeichen und nicht nur Ziffern.",
  differ: "Die beiden sind nicht gleich.",
  good: "Lang genug.",
};
