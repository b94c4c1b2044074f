// What is said of routing, in German: the rules, why a profile serves, and why it does not.
import type { Words } from "..";
import type { BlockKind } from "../../generated/BlockKind";
import type { Reason } from "../../generated/Reason";
import { quota } from "./quota";
import { locale, span } from "./times";

const money = new Intl.NumberFormat(locale, { style: "currency", currency: "USD" });
const amount = (cents: number) => money.format(cents / 100);

const block: Record<BlockKind, string> = {
  exhausted: "Sein Limit ist aufgebraucht",
  out_of_credits: "Sein Arbeitsbereich hat kein Guthaben mehr",
  organization_limit: "Seine Organisation hat ein Limit erreicht",
  not_included: "Sein Tarif enthält Codex nicht",
  rate_limited: "Es hatte zu viele Anfragen in kurzer Zeit",
  login_refused: "Sein erneuerter Login wurde abgelehnt",
  signed_out: "Sein Login wird nicht mehr angenommen: erneut anmelden",
  workspace_gone: "Sein Arbeitsbereich wurde abgeschaltet",
  model_not_supported: "Sein Konto darf dieses Modell nicht nutzen",
  forbidden: "OpenAI hat es ohne Begründung abgelehnt",
  unreliable: "Sein letzter Versuch ist gescheitert",
};

const plain: Words["routing"]["plain"] = {
  paused: "Von dir angehalten.",
  needs_sign_in: "Sein Login wird nicht mehr angenommen: erneut anmelden.",
  vault_locked: "Die Logins sind gesperrt.",
  draining: "Läuft aus: Es beendet, was läuft, und nimmt nichts Neues an.",
  model_not_supported: "Sein Konto darf dieses Modell nicht nutzen.",
  not_in_folder_set: "Der Ordner ist an andere Konten gebunden.",
  role_wall: "Es steht auf der anderen Seite einer Wand.",
  forced_elsewhere: "Dafür wurde ein anderes Konto bestimmt.",
  api_key_not_allowed: "API-Schlüssel springen nur ein, wenn du es erlaubst.",
  over_spend_cap: "Die Obergrenze dieses Monats für API-Schlüssel ist erreicht.",
  already_tried: "Für diese Anfrage schon versucht.",
};

/** These end by themselves; the others by a trial. */
const comesBack: readonly BlockKind[] = ["exhausted", "rate_limited", "unreliable"];

/** A reason as a sentence, at the moment it was found (milliseconds since 1970). */
function reason(why: Reason, now: number): string {
  if (typeof why === "string") return plain[why];
  const end = (what: string, until: string | null, words: string) => (until === null ? `${what}.` : `${what}; ${words} in ${span(Date.parse(until) - now)}.`);
  if ("blocked" in why) return end(block[why.blocked.kind], why.blocked.until, comesBack.includes(why.blocked.kind) ? "wieder da" : "neuer Versuch");
  if ("on_trial" in why) return `${block[why.on_trial.kind]}; eine andere Anfrage prüft gerade, ob das vorbei ist.`;
  if ("exhausted" in why) return end(`Sein ${quota.limit(why.exhausted.minutes)}-Limit ist aufgebraucht`, why.exhausted.resets_at, "wieder da");
  return end("Sein Arbeitsbereich hat kein Guthaben mehr", why.workspace_out.until, "neuer Versuch");
}

export const routing: Words["routing"] = {
  title: "Routing",
  lead: "Welches Konto bedient, was durch das Gateway von Codex Lab kommt. Eine Sitzung bleibt bei ihrem Konto, solange es sie bedienen kann.",
  gateway: {
    off: () => "Das Gateway ist aus.",
    waiting: () => "Ein anderes Codex Lab auf diesem Rechner betreibt das Gateway; dieses übernimmt, wenn jenes endet.",
    serving: (port) => (port === null ? "Das Gateway läuft." : `Das Gateway läuft auf 127.0.0.1:${port}.`),
    failed: () => "Das Gateway kann nicht laufen.",
  },
  reason,
  plain,
  block,
  rank: {
    preferred: "Bereit.",
    spared: "Bereit, aber geschont: unter seiner Schwelle „Niedrig“.",
    last_resort: "Ein letzter Ausweg: wenig übrig, läuft auf Guthaben oder ist eben gescheitert.",
    paid: "Bereit, aber nach Verbrauch bezahlt.",
  },
  choice: {
    session_pin: "du hast diese Sitzung daran gebunden",
    launch_pin: "die Sitzung wurde damit gestartet",
    folder: "der Ordner ist daran gebunden",
    forced: "es bedient vorerst alles",
    sticky: "die Sitzung ist dort zu Hause",
    bucket: "die letzte Sitzung mit diesem Ordner und Modell war dort",
    strategy: "die Wahl der Strategie für eine neue Sitzung",
    fallback: "die Wahl der Strategie, nachdem andere nicht konnten",
  },
  strategies: {
    "sticky-best": { title: "Am meisten übrig", text: "Das Konto, dessen knappstes Zeitfenster am meisten übrig hat." },
    "soonest-reset": { title: "Bald erneuert", text: "Das Konto, dessen längstes Zeitfenster zuerst neu beginnt: Was bis dahin nicht genutzt ist, verfällt." },
    "round-robin": { title: "Reihum", text: "Ein Konto nach dem anderen." },
    "least-used": { title: "Am wenigsten beschäftigt", text: "Das Konto mit den wenigsten laufenden Anfragen." },
    random: { title: "Zufällig", text: "Irgendein Konto." },
    weighted: { title: "Nach Gewicht", text: "Irgendein Konto, öfter eines mit größerem Anteil." },
    priority: { title: "Der Reihe nach", text: "Das erste Konto in der Reihenfolge." },
  },
  saved: "Gespeichert.",
  removedProfile: "ein entferntes Konto",

  strategy: "Neue Sitzungen bekommen",
  next: "Nächste neue Sitzung",
  nobody: "Niemand",
  nobodyText: "kein Konto kann bedienen",
  lot: "Durch das Los: Auch ein anderes der bereiten Konten kann gezogen werden.",
  verdictsOf: "Was zu jedem Konto gefunden wurde",
  others: (n) => (n === 1 ? "und 1 weiteres" : `und ${n} weitere`),
  chosenBecause: (name, why) => `${name}: ${why}`,

  shares: "Anteile an neuen Sitzungen",
  sharesText: "Zusammen hundert Prozent: Was eines bekommt, geben die anderen ab, jedes wie bisher. 0 % bedient nur, wo sonst nichts übrig ist.",
  sharesTooMany: "Für Regler sind es zu viele Konten; jedes hat sein Gewicht in seinen Details.",
  sharesAlike: "Alle gleich",
  share: (percent) => `${percent} %`,

  order: "Reihenfolge",
  orderText: "Entscheidet zwischen Gleichen, und allein bei der Strategie „Der Reihe nach“.",
  orderUp: (name) => `${name} nach oben`,
  orderDown: (name) => `${name} nach unten`,
  orderReset: "Wie auf der Seite „Konten“",
  orderMoved: (name, at, of) => `${name} steht jetzt an Stelle ${at} von ${of}.`,

  thresholds: "Wann ein Konto geschont wird",
  thresholdsText: "Nach dem, was von irgendeinem seiner Zeitfenster übrig ist. In seinen Details kann ein Konto eigene Schwellen haben.",
  low: "Niedrig, in Prozent übrig",
  lowHint: "Darunter keine neuen Sitzungen, solange andere Konten mehr haben.",
  critical: "Kritisch, in Prozent übrig",
  criticalHint: "Darunter nur als letzter Ausweg.",
  save: "Speichern",
  error: {
    low: "Niedrig ist eine ganze Zahl von 1 bis 100.",
    critical: "Kritisch ist eine ganze Zahl von 0 bis 99.",
    order: (critical, low) => `Kritisch (${critical} %) muss unter Niedrig (${low} %) liegen.`,
    cap: "Ein Betrag wie 5 oder 5,50, oder nichts für keine Obergrenze.",
    price: "Ein Betrag von 0,01 bis 10000, wie 5 oder 1,25.",
  },

  force: "Ein Konto für alles",
  forceText: "Eine Zeit lang, gleich welche Strategie. Danach gilt sie von selbst wieder.",
  forceProfile: "Konto",
  forceFor: "Für",
  forceSpans: { "1": "1 Stunde", "8": "8 Stunden", "24": "24 Stunden", none: "Bis ich es beende" },
  forceStrict: "Nichts anderes",
  forceStrictText: "Kann es nicht bedienen, scheitern Anfragen, statt an ein anderes Konto zu gehen.",
  forceGo: "Alles dorthin schicken",
  forceStop: "Beenden",
  forced: (name, strict) => (strict ? `Alles geht an ${name}, und an nichts anderes` : `Alles geht an ${name}`),
  forcedUntil: (left, when) => `noch ${left}, bis ${when}`,
  forcedOpen: "bis du es beendest",
  forceStopped: "Die Strategie wählt wieder.",

  fallback: "Wenn alles aufgebraucht ist",
  wait: "Auf die erste Erneuerung warten",
  waitText: "Anfragen warten, statt abgelehnt zu werden. Aus: Sie werden abgelehnt, und die erste Erneuerung wird genannt.",
  apiKeys: "API-Schlüssel einspringen lassen",
  apiKeysText: "Nur wo kein Abonnement übrig ist. Das wird nach Verbrauch bezahlt.",
  cap: "Höchstens, in US-Dollar im Monat",
  capHint: "Alle API-Schlüssel zusammen. Leer: keine Obergrenze.",
  inputPrice: "Eine Million gelesene Token, in Dollar",
  outputPrice: "Eine Million geschriebene Token, in Dollar",
  estimate: "Eine Schätzung: die Token der API-Schlüssel, die durch das Gateway von Codex Lab gingen, zu diesen beiden Preisen. Monate sind die von UTC. Genau ist nur ein Limit, das Sie bei OpenAI setzen.",
  spent: (cents, each) => `Bisher etwa ${amount(cents)} in diesem Monat${each.length === 0 ? "." : `: ${each.map((one) => `${one.name} ${amount(one.cents)}`).join(", ")}.`}`,
  apiKeysOn: (cap, spent) =>
    `API-Schlüssel springen ein, wo kein Abonnement übrig ist. Das wird nach Verbrauch bezahlt, ${cap === null ? "ohne Obergrenze" : `bis zu ${amount(cap)} im Monat`}; bisher etwa ${amount(spent)} in diesem Monat.`,
  change: "Ändern…",

  folders: "Ordner",
  foldersText: "Ein Ordner mit allem darunter, den nur bestimmte Konten bedienen. Der nächste Ordner darüber zählt.",
  folder: "Ordner",
  folderHint: "Ein ganzer Pfad, etwa /home/ada/src/paid.",
  folderNone: "Kein Ordner ist gebunden.",
  folderAdd: "Ordner binden",
  folderRemove: (folder) => `${folder} wieder von allen Konten bedienen lassen`,
  walls: "Wände",
  wallsText: "Konten hinter einer Wand springen für niemanden draußen ein und niemand draußen für sie: Arbeit bleibt bei Arbeit.",
  wall: "Name",
  wallHint: "Etwa Arbeit, oder der Name eines Kunden.",
  wallNone: "Es gibt keine Wand.",
  wallAdd: "Wand aufstellen",
  wallRemove: (wall) => `Die Wand ${wall} abbauen`,
  behind: (name, wall) => `${name} (hinter ${wall})`,
  accounts: "Konten",
  add: "Hinzufügen",
  remove: "Entfernen",

  why: "Die letzten Entscheidungen",
  whyText: "Wer bedient hat und was gegen die anderen sprach, so wie es damals war.",
  whyNone: "Noch ist nichts durch das Gateway gekommen.",
  whyMore: (n) => `${n} weitere zeigen`,
  session: (id) => `Sitzung ${id}`,
  times: (n) => `${n}-mal`,
  pin: (name) => `Diese Sitzung an ${name} binden`,
  pinned: (name) => `Diese Sitzung ist an ${name} gebunden: Dorthin geht sie, oder sie wartet.`,
  unpin: "Bindung lösen",
};
