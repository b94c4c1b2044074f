// What is said of use over time, in German.
import type { Words } from "..";
import { quota } from "./quota";
import { locale, when } from "./times";

const tenths = new Intl.NumberFormat(locale, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
const whole = new Intl.NumberFormat(locale, { maximumFractionDigits: 0 });

export const usage: Words["usage"] = {
  title: "Verbrauch",
  lead: "Was vom Kontingent jedes Kontos übrig war, und wie es weitergeht.",
  refresh: "Aktualisieren",
  pace: (forecast) => {
    if (forecast === null) return "zu wenig gesehen";
    const percent = forecast.percent_per_hour;
    if (percent < 0.05) return "zuletzt nichts verbraucht";
    return `${(percent < 9.95 ? tenths : whole).format(percent)} % je Stunde`;
  },
  end: (forecast, now) => {
    if (forecast === null) return "";
    const { runs_out_at: out, resets_at: reset } = forecast;
    if (out !== null) return Date.parse(out) <= now ? "aufgebraucht" : `reicht bis ${when(out, now)}`;
    return reset === null ? "geht nicht aus" : `reicht, neu ab ${when(reset, now)}`;
  },

  window: "Zeitfenster",
  windowChoice: (minutes) => quota.window(minutes),
  span: "Zeit",
  spans: { "24": "24 h", "168": "7 Tage", "720": "30 Tage" },

  none: "Noch ist kein Kontingent bekannt",
  noneText: "Es ist bekannt, sobald ein Konto genutzt wurde oder Codex Lab danach gefragt hat.",
  loading: "Der Verlauf wird gelesen…",

  chart: "Was übrig ist, in Prozent",
  chartLabel: (limit, span) => `Diagramm: was vom ${limit}-Kontingent jedes Kontos übrig war (${span}) und wie es weitergeht. Die Tabelle darunter sagt dasselbe.`,
  forecastKey: "Gestrichelt: wie es im jüngsten Tempo weiterginge. Ohne Gewähr.",
  byDay: "Jede Stufe ist ein Tag: das Wenigste, das an ihm übrig war. Wähle 24 h für jede Änderung.",
  asOf: (when) => `Stand ${when}`,
  refreshed: "Aktualisiert.",
  now: "jetzt",
  all: "Alle",
  nothingShown: "Wähle unten ein Konto, um seine Linie zu sehen.",
  mostUsed: (shown, of) => `Das Diagramm zeigt die ${shown} Konten von ${of}, die am meisten genutzt wurden. Andere lassen sich unten wählen.`,
  someShown: (shown, of) => `Das Diagramm zeigt ${shown} von ${of} Konten.`,

  table: (limit) => `${limit}-Kontingent jedes Kontos, sein Tempo und seine Prognose`,
  account: "Konto",
  left: "Übrig",
  unverified: "Neu, ungeprüft",
  paceHead: "Tempo",
  forecastHead: "Prognose",
  together: "Alle zusammen",
  show: (name) => `${name} im Diagramm zeigen`,
  more: (n) => `${n} weitere zeigen`,

  points: "Alle Punkte",
  pointsText: "Der Linien im Diagramm, die neuesten zuerst. Zwischen zwei Punkten hat sich nach allem, was bekannt ist, nichts um mehr als ein halbes Prozent geändert.",
  pointsNone: "Keine Punkte in dieser Zeit.",
  seen: "Gesehen",
  copyCsv: "Als CSV kopieren",
  copyJson: "Als JSON kopieren",
  copyText: "Alle Konten und Zeitfenster der gewählten Zeit.",
};
