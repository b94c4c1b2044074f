// Was gefragt wird, wenn ein Link wie codex-lab://switch/work geöffnet wurde.
import type { Words } from "..";

export const link: Words["link"] = {
  switchTo: (name) => `Ein Link möchte zu ${name} wechseln`,
  switchText: "Codex nutzt dann dieses Konto. Hast du nicht gerade einen solchen Link angeklickt, brich ab.",
  switch: "Wechseln",
  add: "Ein Link möchte ein Konto hinzufügen",
  addText: "Dein Browser öffnet sich, und du meldest dich mit ChatGPT an. Hast du nicht gerade einen solchen Link angeklickt, brich ab.",
  page: (page) => `Ein Link möchte „${page}“ zeigen`,
  pageText: "Dadurch ändert sich nichts.",
  show: "Zeigen",
  nobody: "Ein Link möchte zu einem Konto wechseln, das es nicht gibt",
  nobodyText: "Kein Konto heißt so. Es wurde nichts getan.",
  nothing: "Ein Link möchte etwas, das es nicht gibt",
  nothingText: "Codex Lab kennt Links, die wechseln, ein Konto hinzufügen oder eine Seite zeigen. Es wurde nichts getan.",
};
