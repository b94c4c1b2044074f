// What the first page says, in German.
import type { Words } from "..";

export const firstRun: Words["firstRun"] = {
  title: "Willkommen bei Codex Lab",
  lead: "Halte mehrere eigene OpenAI-Konten nebeneinander und wähle, welches Codex nutzt. Codex selbst bleibt, wie es ist, und dein jetziger Login auch.",
  found: "Auf diesem Rechner",
  looking: "Sucht nach Logins…",
  nothing: "Kein Login wurde gefunden. Als Nächstes meldest du dich bei deinem ersten Konto an.",
  stance: {
    title: "Für deine eigenen Konten, auf deine Verantwortung",
    text: "Die Bedingungen von OpenAI erlauben eigene Konten, aber weder sie zu teilen noch Nutzungslimits oder andere Beschränkungen zu umgehen. Mehrere Konten zu nutzen, um Limits zu umgehen, kann dich die Konten kosten; ob deine Nutzung erlaubt ist, musst du selbst beurteilen.",
    policies: { terms: "Nutzungsbedingungen", usage: "Nutzungsrichtlinien" },
  },
  way: {
    title: "Wer das Konto wechselt",
    manual: { title: "Nur du", text: "Nichts wechselt das Konto von selbst: Du wechselst, und du kannst es rückgängig machen. Sitzungen, die über Codex Lab gestartet werden, nutzen das Konto, das Codex nutzt." },
    automatic: {
      title: "Codex Lab, für Sitzungen, die darüber gestartet werden",
      text: "Wo ein Konto aufgebraucht ist oder ausfällt, geht eine solche Sitzung mit einem anderen weiter. Das Konto, das Codex selbst nutzt, wechselst weiter nur du.",
    },
    later: "Die Seite „Routing“ und der Infobereich ändern das jederzeit.",
  },
  go: (n) => (n === 1 ? "Verstanden, 1 Login behalten" : `Verstanden, ${n} Logins behalten`),
  goOn: "Verstanden, weiter",
  signIn: "Verstanden, anmelden",
  busy: "Wird vorbereitet…",
};
