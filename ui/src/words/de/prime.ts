// What is said of starting weeks ahead of need, in German.
import type { Words } from "..";
import type { Hindrance } from "../../generated/Hindrance";
import type { PrimeRecord } from "../../generated/PrimeRecord";
import { when } from "./times";

const trouble: Words["prime"]["trouble"] = {
  no_token: "Es gab kein Token, um sie zu schicken",
  no_model: "Die Modellliste des Kontos war nicht zu bekommen",
  refused: "OpenAI hat die Anfrage oder ihr Modell abgelehnt",
  limit_reached: "Ein Limit des Kontos ist erreicht",
  not_allowed: "Das Konto wurde nicht durchgelassen",
  unreachable: "OpenAI war nicht erreichbar",
  server_trouble: "OpenAI konnte nicht antworten",
  broke_off: "Die Antwort brach ab",
  still_slides: "Sie wurde beantwortet, und die Woche hat nicht begonnen",
};

const hindrance: Words["prime"]["hindrance"] = {
  not_opted_in: "das ist ausgeschaltet",
  api_key: "ein API-Schlüssel hat keine Woche",
  paused: "das Konto ist angehalten",
  draining: "das Konto nimmt nichts Neues an",
  needs_sign_in: "das Konto braucht eine Anmeldung",
  vault_locked: "die Logins sind gesperrt",
  owned_elsewhere: "ein anderes Programm hat diesen Login auch",
  blocked: "das Konto ruht",
  exhausted: "ein Limit des Kontos ist aufgebraucht",
  in_use: "eine Sitzung arbeitet damit",
  conservative: "die Einstellungen erlauben nichts im Hintergrund",
  over_budget: "die Anfragen des Tages sind verbraucht",
  no_window: "der Tarif hat keine Woche",
  unclear: "es ist noch nicht klar, ob die Woche läuft",
  running: "die Woche läuft",
  already_primed: "die Woche wurde schon gestartet",
  resting: "der letzte Versuch ist gescheitert",
  given_up: "alle Versuche sind gescheitert, bis zur nächsten Woche",
  apart: "sie hält Abstand zur Woche eines anderen Kontos",
};

/** Why a week is not started now, and until when. */
function why(what: Hindrance, now: number): string {
  const said = hindrance[what.kind];
  if (!("until" in what) || what.until === null) return said;
  const until = when(what.until, now);
  if (what.kind === "running" || what.kind === "apart") return `${said}, bis ${until}`;
  return `${said}; nächster ${what.kind === "resting" ? "Versuch" : "Blick"} ${until}`;
}

/** What it has cost. */
function cost({ input_tokens, output_tokens }: PrimeRecord): string {
  return input_tokens === null || output_tokens === null ? "Kosten nicht genannt" : `${input_tokens} + ${output_tokens} Tokens`;
}

export const prime: Words["prime"] = {
  title: "Seine Wochen",
  text: "Eine Woche beginnt mit der ersten Anfrage, nachdem die letzte vorbei ist, und damit auch das Warten auf das nächste Kontingent.",
  trouble,
  hindrance,
  preview: ({ opted_in, hindrance: against, by_hand }, now) => {
    if (opted_in && against === null) return "Jetzt: Die Woche hat nicht begonnen, die Anfrage unten geht also gleich hinaus.";
    const byHand = {
      starts: () => "Die Woche hat nicht begonnen: „Jetzt starten“ startet sie.",
      looks: () => "„Jetzt starten“ sieht erst zweimal im Abstand einer Minute nach, ob die Woche läuft.",
      refused: () => (by_hand.kind === "refused" ? `Auch von Hand wird nichts geschickt: ${why(by_hand.why, now)}.` : ""),
    }[by_hand.kind]();
    if (!opted_in) return `Von selbst wird nichts geschickt, solange das aus ist. ${byHand}`;
    const itself = against === null ? "" : `Jetzt wird nichts geschickt: ${why(against, now)}.`;
    const says = by_hand.kind === "refused" && by_hand.why.kind === against?.kind;
    return says ? itself : `${itself} ${byHand}`;
  },
  outcome: (record, now) => {
    const next = record.next_at === null ? "nächster Versuch mit der nächsten Woche" : `nächster Versuch ${when(record.next_at, now)}`;
    switch (record.state) {
      case "verified":
        if (record.resets_at === null) return "Die Woche läuft";
        return Date.parse(record.resets_at) > now ? `Die Woche läuft bis ${when(record.resets_at, now)}` : "Die Woche lief und ist vorbei";
      case "sent":
        return "Geschickt; ob die Woche läuft, zeigt sich noch";
      case "reserved":
        return "Wird gleich geschickt";
      case "failed":
        return `${record.trouble === null ? "Sie hat nicht begonnen" : trouble[record.trouble]}; ${next}`;
    }
  },
  cost,
  unsaved: (on) => (on ? "Wird mit dem Speichern eingeschaltet." : "Wird mit dem Speichern ausgeschaltet."),
  now: "Jetzt starten",
  busy: "Es wird nachgesehen, ob die Woche begonnen hat. Das kann zwei Minuten dauern; du kannst dies so lange schließen.",
  done: (record) => `An ${record.model ?? "ein Modell"} geschickt (${cost(record)}). Ob die Woche läuft, zeigt sich in etwa zehn Minuten.`,
  doneFor: (name) => `Die Anfrage, die die Woche von ${name} startet, wurde geschickt.`,
  request: "Die Anfrage, die geschickt wird",
  requestText: (address) => `An ${address}, mit dem Login des Kontos und sonst nichts:`,
  history: "Was bisher geschickt wurde",
  none: "Noch nichts.",
  byHand: "von Hand",
  tries: (attempts) => `${attempts} Versuche`,
  more: (count) => `und davor ${count} weitere`,
};
