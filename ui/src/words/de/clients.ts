// What is said about programs that can go through the gateway, in German.
import type { Words } from "..";

export const clients: Words["clients"] = {
  title: "Verbundene Programme",
  text: "Ein verbundenes Programm geht durch das Gateway, das für jede Sitzung das Konto wählt. Das ändert einige Zeilen seiner Konfiguration; beim Trennen kommen sie zurück.",
  named: { codex: "Codex", opencode: "opencode" },
  state: {
    not_found: "Nicht auf diesem Computer.",
    not_connected: "Nutzt sein eigenes Login.",
    connected: "Geht immer durch das Gateway.",
    changed_since: "Seine Konfiguration wurde geändert, seit es verbunden wurde.",
  },
  connect: "Verbinden",
  disconnect: "Trennen",
};
