// What is said about requests that are made in the background, in German.
import type { Words } from "..";
import type { Purpose } from "../../generated/Purpose";

const purpose: Record<Purpose, string> = {
  keep_alive: "Login erneuern",
  quota: "Kontingent abfragen",
  prime_look: "Nachsehen, ob die Woche läuft",
  models: "Modelle auflisten, um die Woche mit dem billigsten zu starten",
  prime: "Woche starten",
};

export const background: Words["background"] = {
  title: "Was im Hintergrund abgefragt wurde",
  used: (used, budget) => `${used} von ${budget} Anfragen in den letzten 24 Stunden`,
  none: "Noch nichts.",
  line: (host, what) => `${purpose[what]} (${host})`,
  budget: "Anfragen am Tag je Konto",
  budgetText: "Was ein Konto im Hintergrund binnen 24 Stunden kosten darf.",
  apart: "Stunden zwischen gestarteten Wochen",
  apartText: "Damit nicht alle Konten zugleich aufgebraucht sind; bei 0 startet jede Woche sofort.",
  removed: "Ein entferntes Konto",
};
