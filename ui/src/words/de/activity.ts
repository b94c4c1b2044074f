// What is said of everything that happened, in German.
import type { Words } from "..";
import type { ActivityEntry } from "../../generated/ActivityEntry";
import type { ActivityWhy } from "../../generated/ActivityWhy";
import type { Reason } from "../../generated/Reason";
import { failure } from "./failures";
import { prime } from "./prime";
import { quota } from "./quota";
import { routing } from "./routing";
import { locale, times, when } from "./times";

const what: Words["activity"]["happened"] = {
  switched: (entry, to, from) => {
    if (entry.to === null) return entry.from === null ? "Der aktive Login wurde geändert" : `Lokal abgemeldet von ${from}`;
    return entry.from === null ? `Zu ${to} gewechselt` : `Von ${from} zu ${to} gewechselt`;
  },
  fell_back: (_, to, from) => `${to} ist für ${from} eingesprungen`,
  nobody_left: () => "Kein Konto konnte bedienen",
  chosen: (_, to) => `${to} hat eine Sitzung bekommen`,
  block_began: (_, to) => `${to} ruht`,
  block_ended: (_, to) => `${to} ruht nicht mehr`,
  added: (_, to) => `Angemeldet: ${to} ist neu`,
  signed_in: (_, to) => `Bei ${to} erneut angemeldet`,
  sign_in_failed: () => "Eine Anmeldung ist gescheitert",
  renewed: (_, to) => `Der Login von ${to} wurde erneuert`,
  renewal_failed: (_, to) => `Der Login von ${to} ließ sich vorerst nicht erneuern`,
  renewal_refused: (_, to) => `${to} braucht eine neue Anmeldung`,
  imported: (_, to) => `${to} importiert`,
  updated: (_, to) => `Einen neueren Login von ${to} importiert`,
  removed: (_, to) => `${to} entfernt`,
  signed_out: (_, to) => `${to} entfernt und beim Anbieter abgemeldet`,
  brought_back: (_, to) => `${to} zurückgeholt`,
  prime_sent: (_, to) => `Den Start der Woche von ${to} erbeten`,
  primed: (_, to) => `Die Woche von ${to} gestartet`,
  prime_failed: (_, to) => `Die Woche von ${to} ließ sich nicht starten`,
  told: (entry, to, from) => `Dir wurde mitgeteilt: ${told(entry.why, to, from)}`,
  asked: (_, to) => `Beim Anbieter nach ${to} gefragt`,
};

const purpose: Words["activity"]["purpose"] = {
  keep_alive: "um den Login zu erneuern",
  quota: "um zu sehen, was vom Kontingent übrig ist",
  prime_look: "um zu sehen, ob die Woche läuft",
  models: "wegen seiner Modelle",
  prime: "um die Woche zu starten",
};

function told(why: ActivityWhy | null, to: string, from: string): string {
  if (why?.of !== "news") return "etwas ist geschehen";
  const limit = why.minutes === null ? `das Limit von ${to}` : `das ${quota.limit(why.minutes)}-Limit von ${to}`;
  switch (why.topic) {
    case "all_exhausted":
      return "kein Konto hat noch Kontingent";
    case "sign_in":
      return `${to} braucht eine neue Anmeldung`;
    case "quota":
      return `${limit} ist ${["niedrig", "niedrig", "fast aufgebraucht", "aufgebraucht"][why.level] ?? "niedrig"}`;
    case "fell_back":
      return `${to} springt für ${from} ein`;
    case "reset":
      return `${limit} beginnt neu`;
    case "primed":
      return `die Woche von ${to} wurde gestartet`;
  }
}

/** A reason without its end, which is told beside it: "sein 5-Stunden-Limit ist aufgebraucht". */
function endless(reason: Reason): string {
  const bare = (): Reason => {
    if (typeof reason === "string" || "on_trial" in reason) return reason;
    if ("blocked" in reason) return { blocked: { ...reason.blocked, until: null } };
    if ("exhausted" in reason) return { exhausted: { ...reason.exhausted, resets_at: null } };
    return { workspace_out: { until: null } };
  };
  return inner(routing.reason(bare(), 0).replace(/\.$/, ""));
}

/** A sentence as it stands beside another one. None of them begins with a noun that is not a name. */
function inner(said: string): string {
  return /^(Codex|OpenAI|API)/.test(said) ? said : said.charAt(0).toLowerCase() + said.slice(1);
}

function why(entry: ActivityEntry): string {
  const cause = entry.why;
  if (entry.what === "renewal_refused") return "der Anbieter erneuert ihn nicht mehr";
  if (cause === null) return entry.code === null ? "" : inner(failure[entry.code]);
  switch (cause.of) {
    case "by_hand":
      return "du wolltest es so";
    case "was_removed":
      return "das Konto davor wurde entfernt";
    case "week_over":
      return "die letzte Woche war vorbei";
    case "reason":
      return entry.what === "block_ended" ? `vorbei: ${endless(cause.reason)}` : endless(cause.reason);
    case "choice":
      return routing.choice[cause.choice];
    case "prime":
      return inner(prime.trouble[cause.trouble]);
    case "purpose":
      return purpose[cause.purpose];
    case "news":
      return "";
  }
}

function until(entry: ActivityEntry, now: number): string {
  if (entry.until === null) return "";
  const end = new Date(entry.until);
  const sameDay = end.toDateString() === new Date(entry.at).toDateString();
  const told = end.getTime() < now ? times.past(entry.until, now) : when(entry.until, now);
  const time = sameDay ? times.hour(end) : told;
  return entry.what === "prime_failed" ? `nächster Versuch ${time}` : `bis ${time}`;
}

const dayName = new Intl.DateTimeFormat(locale, { weekday: "long", day: "numeric", month: "long" });
const dayOfAnotherYear = new Intl.DateTimeFormat(locale, { day: "numeric", month: "long", year: "numeric" });
const exactly = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "medium" });

/** "Heute", "Gestern", "Donnerstag, 19. November". */
function day(iso: string, now: number): string {
  const [at, today] = [new Date(iso), new Date(now)];
  const midnight = (date: Date) => Date.UTC(date.getFullYear(), date.getMonth(), date.getDate());
  const days = Math.round((midnight(today) - midnight(at)) / 86_400_000);
  if (days === 0) return "Heute";
  if (days === 1) return "Gestern";
  return at.getFullYear() === today.getFullYear() ? dayName.format(at) : dayOfAnotherYear.format(at);
}

export const activity: Words["activity"] = {
  title: "Verlauf",
  lead: "Alles, was Codex Lab getan hat, und warum.",
  kind: {
    switch: "Wechsel",
    fallback: "Einspringen",
    block: "Ruhen",
    sign_in: "Anmeldungen",
    renewal: "Erneuerungen",
    profile: "Konten",
    prime: "Wochen",
    notice: "Mitteilungen",
    choice: "Entscheidungen",
    background: "Anfragen",
  },
  purpose,
  happened: what,
  what: (entry, names) => {
    const name = (id: string | null) => (id === null ? "kein Konto" : (names[id] ?? "ein entferntes Konto"));
    return what[entry.what](entry, name(entry.to), name(entry.from));
  },
  why,
  until,
  day,
  time: (iso) => times.hour(new Date(iso)),
  exactly: (iso) => exactly.format(new Date(iso)),
  times: (n) => `${n}-mal`,

  kinds: "Arten von Einträgen",
  everyday: "Entscheidungen und Anfragen sind so viele, dass sie nur zu sehen sind, wo sie gewählt werden.",
  profile: "Konto",
  everyProfile: "Alle Konten",
  search: "Suchen",
  list: (day) => `Was geschehen ist: ${day}`,
  loading: "Der Verlauf wird gelesen…",
  more: "Ältere zeigen",
  fresh: (n) => (n === 1 ? "1 neuen Eintrag zeigen" : `${n} neue Einträge zeigen`),
  found: (n, more) => (n === 1 ? "1 Eintrag." : `${n}${more ? " oder mehr" : ""} Einträge.`),

  none: "Noch ist nichts geschehen",
  noneText: "Wechsel, Einspringen, Anmeldungen, Erneuerungen und Ruhen stehen hier, sobald sie geschehen.",
  notFound: "So etwas ist nicht geschehen",
  notFoundText: "Nichts Bekanntes passt zu dem, was du suchst.",
  clear: "Filter leeren",

  from: "Von",
  to: "Zu",
  account: "Konto",
  because: "Warum",
  lasts: "Bis",
  nextTry: "Nächster Versuch",
  at: "Wann",
  session: "Sitzung",
  model: "Modell",
  error: "Was schiefging",
  copyCsv: "Als CSV kopieren",
  copyJson: "Als JSON kopieren",
  copyText: "Alles, was zur Auswahl oben passt.",
};
