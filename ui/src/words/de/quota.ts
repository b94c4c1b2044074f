// What is said of quota, in German.
import type { Words } from "..";

/** A limit that is reached, beside the windows. Those that are not here are new. */
const reached: Record<string, string> = {
  workspace_owner_credits_depleted: "Der Arbeitsbereich hat kein Guthaben mehr.",
  workspace_member_credits_depleted: "Der Arbeitsbereich hat kein Guthaben mehr.",
  workspace_owner_usage_limit_reached: "Das Limit des Arbeitsbereichs ist erreicht.",
  workspace_member_usage_limit_reached: "Das Limit des Arbeitsbereichs ist erreicht.",
};

export const quota: Words["quota"] = {
  note: { fine: "", low: "Niedrig", critical: "Kritisch", empty: "Aufgebraucht", reset_unverified: "Neu" },
  source: {
    header: "in einer Antwort von OpenAI",
    stream: "in einem Datenstrom von OpenAI",
    usage: "durch Nachfrage bei OpenAI",
    session_log: "in einem Protokoll von Codex",
  },
  window: (minutes) => {
    if (minutes === 10_080) return "Woche";
    if (minutes === 1440) return "Tag";
    if (minutes % 1440 === 0) return `${minutes / 1440} Tage`;
    if (minutes % 60 === 0) return minutes === 60 ? "1 Stunde" : `${minutes / 60} Stunden`;
    return `${minutes} Minuten`;
  },
  limit: (minutes) => {
    if (minutes === 10_080) return "Wochen";
    if (minutes % 1440 === 0) return `${minutes / 1440}-Tage`;
    return minutes % 60 === 0 ? `${minutes / 60}-Stunden` : `${minutes}-Minuten`;
  },
  none: "Kontingent noch nicht bekannt",
  noneText: "Was übrig ist, zeigt sich, sobald Codex dieses Konto genutzt hat oder OpenAI gefragt wurde.",
  of: (name) => `Kontingent von ${name}`,
  percent: (left) => `${left.toLocaleString("de-DE")} %`,
  left: (left) => `${left} % übrig`,
  resets: "neu",
  at: (when, span) => `${when}, in ${span}`,
  back: (when, span) => `ab ${when}, in ${span}`,
  spent: (until) => (until === null ? "Aufgebraucht" : `Aufgebraucht bis ${until}`),
  onCredits: (until) => (until === null ? "Auf Guthaben" : `Auf Guthaben bis ${until}`),
  noReset: "Erneuerung nicht bekannt",
  unverified: (when) => `ungeprüft seit ${when}`,
  unverifiedText: (when) => `sollte ${when} neu beginnen; seither hat niemand nachgesehen, das ist also ungeprüft`,
  seen: (span, source) => `Gesehen vor ${span}, ${source}.`,
  seenSomewhen: (source) => `Gesehen ${source}; wann, weiß niemand.`,
  mayHaveChanged: "Es kann sich seither geändert haben.",
  longAgo: "Das ist lange her.",
  family: (family, window) => `${family}, ${window}`,
  reached: (limit) => (limit === "rate_limit_reached" ? null : (reached[limit] ?? "Ein Limit ist erreicht, das diese Version nicht kennt.")),
  credits: (credits) => {
    const balance = credits.balance === null ? "Hat Guthaben" : `Guthaben übrig: ${credits.balance}`;
    const left = credits.unlimited ? "Guthaben ohne Grenze" : credits.has_credits ? balance : "Kein Guthaben";
    return credits.overage_limit_reached === true ? `${left}; das Limit für seine Nutzung ist erreicht.` : `${left}.`;
  },
  spendLimit: (limit) => {
    const what = limit.limit === null ? "Das Ausgabenlimit" : `Das Ausgabenlimit von ${limit.limit}`;
    if (limit.reached) return `${what} ist erreicht.`;
    return limit.used_percent === null ? `${what} ist nicht erreicht.` : `${what} ist zu ${Math.ceil(limit.used_percent)} % ausgeschöpft.`;
  },
  resetCredits: (count) => (count === 1 ? "Seine Zeitfenster lassen sich auf Wunsch einmal erneuern." : `Seine Zeitfenster lassen sich auf Wunsch ${count}-mal erneuern.`),
};
