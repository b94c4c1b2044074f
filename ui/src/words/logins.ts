// What the window says about keeping logins: the vault, copies, imports, and remarks on a profile.
import type { BackupOf } from "../generated/BackupOf";
import type { Colour } from "../generated/Colour";
import type { ImportSource } from "../generated/ImportSource";
import type { VaultMode } from "../generated/VaultMode";
import type { VaultState } from "../generated/VaultState";

export const vaultMode: Record<VaultMode, { title: string; text: string }> = {
  file: { title: "In files", text: "Only your user may read them, in Codex’s own format. Whoever gets hold of the disk can read them too." },
  keyring: { title: "Sealed, with the key in the system’s keyring", text: "A stolen disk gives nothing away. While the keyring is locked, accounts cannot be used." },
  passphrase: { title: "Sealed under a passphrase", text: "A stolen disk gives nothing away. You type it whenever Codex Lab starts; nobody can recover it." },
};

export const vaultState: Record<VaultState, string> = {
  open: "Open",
  locked: "Locked",
  denied: "The keyring refuses",
  missing: "The key is missing",
  corrupt: "The key does not fit",
};

export const colour: Record<Colour, string> = { blue: "Blue", orange: "Orange", green: "Green", pink: "Pink", yellow: "Yellow", grey: "Grey" };

export const importSource: Record<ImportSource, string> = {
  codex: "Codex",
  "every-code": "Every Code",
  "codex-lab-fork": "Codex Lab (fork of Codex)",
  "opencode-multi-auth-codex": "opencode-multi-auth-codex",
  opencode: "OpenCode",
  "codex-auth": "codex-auth",
  "cc-switch": "cc-switch",
  "codex-multi-auth": "codex-multi-auth",
};

export const backupOf: Record<BackupOf, string> = { index: "List of profiles", login: "Login", live: "Login that was live" };

export const vault = {
  title: "Where logins are kept",
  now: (state: string) => `Now: ${state}`,
  choose: "Keep them",
  change: "Move the logins",
  moving: "Moving…",
  moved: "The logins are kept that way now.",
  passphrase: "Passphrase",
  newPassphrase: "New passphrase",
  again: "The same once more",
  differ: "The two are not the same.",
  hint: "Four or five words that do not belong together. At least 12 characters.",
  unlock: "Unlock",
  unlockTitle: "Unlock the logins",
  unlocked: "The logins are unlocked.",
  askAgain: "Ask the keyring again",
  lock: "Lock now",
  locked: "The logins are locked.",
};

export const details = {
  menu: "Details…",
  title: (name: string) => `Details of ${name}`,
  label: "Label",
  note: "Note, for you alone",
  colour: "Colour",
  noColour: "None",
  routing: "For routing",
  routingText: "These are used for sessions that Codex Lab starts, once it routes them. They change nothing about a switch.",
  weight: "Weight, 0 to 100",
  low: "Low below (% left)",
  critical: "Critical below (% left)",
  cross: (low: number, critical: number) => `Critical (${critical} %) has to be below low (${low} %).`,
  drain: "Drain",
  drainText: "Finishes what runs, takes nothing new.",
  draining: "Draining",
  save: "Save",
  saved: (name: string) => `Saved the details of ${name}.`,
};

export const token = {
  renew: "Renew now",
  renewed: (name: string) => `Renewed the login of ${name}.`,
  resting: (time: string) => `Could not be renewed just now. Next try at ${time}.`,
  unsaved: "The renewed login is not saved yet. Keep Codex Lab running: it tries again.",
  also: (places: string) => `Also in use in ${places}. Whoever renews it first takes it from the other: sign in again here to have a login of its own.`,
};

export const finding = {
  menu: "From other tools…",
  title: "Logins of other tools",
  text: "Codex Lab looks where other tools keep logins. Nothing is changed there.",
  busy: "Looking…",
  none: "No other tool’s login was found.",
  take: (n: number) => (n === 1 ? "Import 1 login" : `Import ${n} logins`),
  account: "Account",
  would: "What happens",
  passphrase: "Passphrase of the encrypted store",
  look: "Look again",
  also: (places: string) => `The same login is also in ${places}.`,
  leftovers: "Tokens in plain text",
  delete: "Delete…",
  deleteNow: "Delete for good",
  deleted: "Deleted.",
};

export const copies = {
  title: "Copies of logins",
  text: "Codex Lab keeps the last good copies by itself.",
  show: "Show the copies",
  none: "There are no copies yet.",
  current: "as it is now",
  older: "older than what is there",
  restore: "Put back",
  force: "Put back all the same",
  forceText: "What is there now is newer. With this copy in its place the next renewal spends a token twice, and OpenAI may end the login.",
  restored: "Put back. What was there is a copy now.",
  file: "Take everything elsewhere",
  fileText: "One file with all profiles, sealed under a passphrase of its own.",
  path: "File",
  export: "Export",
  exported: (path: string, n: number) => `Exported ${n === 1 ? "1 profile" : `${n} profiles`} to ${path}.`,
  look: "Look into the file",
  take: "Restore",
};
