// What is asked when a link such as codex-lab://switch/work was opened.

export const link = {
  switchTo: (name: string) => `A link asks to switch to ${name}`,
  switchText: "Codex uses this account from then on. If you did not just click such a link, cancel.",
  switch: "Switch",
  add: "A link asks to add an account",
  addText: "Your browser opens, and you sign in with ChatGPT. If you did not just click such a link, cancel.",
  page: (page: string) => `A link asks to show ${page}`,
  pageText: "Nothing is changed by that.",
  show: "Show",
  nobody: "A link asks to switch to an account that there is not",
  nobodyText: "No account has the name it gives. Nothing was done.",
  nothing: "A link asks for something that there is not",
  nothingText: "Codex Lab knows links that switch, add an account or show a page. Nothing was done.",
};
