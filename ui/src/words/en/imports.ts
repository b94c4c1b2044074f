// What is said while logins are imported.
import type { ImportOutcome } from "../../generated/ImportOutcome";
import type { ImportSource } from "../../generated/ImportSource";

/** What happened to a login. */
export const importOutcome: Record<ImportOutcome, string> = {
  added: "Added",
  updated: "Updated",
  unchanged: "Already here",
  skipped: "Skipped",
  failed: "Not saved",
};

/** What would happen to a login. */
export const importWould: Record<ImportOutcome, string> = {
  added: "Add as a new account",
  updated: "Take the newer login",
  unchanged: "Nothing: already here",
  skipped: "Skip",
  failed: "Skip",
};

/** Tools by name. */
export const importSource: Record<ImportSource, string> = {
  codex: "Codex",
  "every-code": "Every Code",
  "codex-lab-fork": "the Codex fork named Codex Lab",
  "opencode-multi-auth-codex": "opencode-multi-auth-codex",
  opencode: "OpenCode",
  "codex-auth": "codex-auth",
  "cc-switch": "cc-switch",
  "codex-multi-auth": "codex-multi-auth",
};

const results: [ImportOutcome, (n: number) => string][] = [
  ["added", (n) => `${n} added`],
  ["updated", (n) => `${n} updated`],
  ["unchanged", (n) => `${n} already here`],
  ["skipped", (n) => `${n} skipped`],
  ["failed", (n) => `${n} not saved`],
];

export const importing = {
  title: "Import logins",
  text: "The source is only read. If another tool goes on using the same login, one of the two will lose it: sign in once more there or here.",
  tools: "From other tools",
  toolsText: "Looks where Codex and tools for several Codex accounts keep their logins, and shows what it found. Nothing is changed by looking.",
  tool: "Tool",
  allTools: "All that are found",
  place: "Its place, if it is not the usual one",
  look: "Look into it",
  find: "Find logins of other tools",
  finding: "Looking…",
  ownTitle: "From a file or folder",
  path: "File or folder",
  pathHint: "An auth.json, or a folder that holds such files.",
  file: "Choose a file…",
  start: "Import",
  busy: "Importing…",
  tooLarge: "This file is too large to be a login.",
  none: "No login was found there.",
  noneOfTools: "No login of another tool was found on this computer.",
  result: "What was found",
  done: "Done",
  from: (source: string) => `from ${source}`,
  back: "Back",

  found: (n: number) => (n === 1 ? "1 login was found. Nothing has been changed yet." : `${n} logins were found. Nothing has been changed yet.`),
  columns: { take: "Take", account: "Account", where: "Found in", would: "What would happen" },
  takeItem: (who: string, where: string) => `Take ${who} from ${where}`,
  noAccount: "Account not known",
  workspace: (id: string) => `workspace ${id}`,
  updates: (name: string) => `Take the newer login for ${name}`,
  hereAs: (name: string) => `Nothing: already here as ${name}`,
  elsewhere: "Nothing: another place has the same account, as new or newer",
  alsoAt: (places: string[]) => `Also at ${places.join(", ")}`,
  ownersTitle: "Another tool uses some of these logins too",
  owners:
    "Two programs with one login lose it to whichever renews it first. After the import, stop using it in the other tool without signing out there, which may end it for both; or choose “Sign in again” in the account’s menu here for a login of its own. Until then Codex Lab does not renew it ahead of need.",
  encrypted: "A store that was found is encrypted.",
  storePassphrase: "That tool’s passphrase",
  findAgain: "Look again",
  take: (n: number) => (n === 1 ? "Import 1 login" : `Import ${n} logins`),
  nothingToTake: "Nothing here would change anything.",
  summary: (count: Record<ImportOutcome, number>) => {
    const parts = results.filter(([outcome]) => count[outcome] > 0).map(([outcome, said]) => said(count[outcome]));
    return `${parts.join(", ")}.`;
  },
};

export const leftovers = {
  title: "Tokens in plain text",
  text: "These files of other tools hold tokens that anyone who reads them can use. A copy that nothing works with any more can be deleted; a store that a tool works with cannot.",
  of: (tool: string, what: string) => `${tool}: ${what}`,
  inUse: "The tool works with it",
  delete: "Delete…",
  deletePath: (path: string) => `Delete ${path}`,
  sure: "Delete this file for good? It does not come back.",
  confirm: "Delete for good",
  keep: "Keep it",
  gone: "Deleted",
  deleted: (path: string) => `Deleted ${path}.`,
};

export const paste = {
  title: "Paste an auth.json",
  text: "Paste the whole text of the file. It is hidden while it is here, and it is not kept anywhere else.",
  field: "Text of the auth.json",
};
