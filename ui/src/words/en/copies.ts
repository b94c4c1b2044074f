// What is said about copies of logins, and about export and restore.
import type { BackupOf } from "../../generated/BackupOf";
import { moment } from "./vault";

const of: Record<BackupOf, string> = {
  index: "List of accounts",
  login: "Login",
  live: "Formerly live login",
};

export const copies = {
  title: "Copies, export and restore",
  earlier: "Earlier copies",
  earlierText: "Codex Lab keeps the last good copies of your list and logins, sealed like the logins themselves.",
  show: "Show copies…",
  of,
  loading: "Reading the copies…",
  none: "There are no copies yet.",
  list: "Copies",
  made: (iso: string) => `made ${moment(iso)}`,
  named: (what: string, name: string) => `${what} of ${name}`,
  standing: {
    current: "As it is now",
    older: "Older than the login there now, so it probably no longer works",
    newer: "Newer than what is there",
    index: "Earlier names, order and details",
    gone: "No account in the list has this login now",
  },
  restore: "Restore…",
  restoreItem: (what: string, made: string) => `Restore ${what}, ${made}`,
  sure: "Restore this copy?",
  effect: {
    index: "The accounts get the names, the order and the details of this copy. No login changes.",
    login: (name: string) => `The stored login of ${name} is replaced by this copy, and becomes a copy itself.`,
    gone: (name: string) => `${name} becomes an account in the list again, with this login.`,
  },
  itsAccount: "its account",
  olderTitle: "This copy is older than the login there now",
  older:
    "Each renewal spends the token before it. With this copy in its place, the next renewal would spend a token twice, and OpenAI then ends the whole login: you would have to sign in again.",
  force: "Restore the older copy all the same",
  confirm: "Restore",
  busy: "Restoring…",
  back: "Back to the copies",
  restored: "The copy was restored.",

  exportTitle: "Export",
  exportText: "Writes all accounts with their logins into one file, sealed under a passphrase of its own.",
  exportOpen: "Export…",
  exportDialog: "Export all accounts",
  path: "File",
  pathHint: (folder: string) => `The whole path, for example ${folder}codex-lab-accounts.sealed`,
  notWhole: "Give the whole path, beginning at the root.",
  exportStart: "Export",
  exporting: "Sealing…",
  replace: "Replace that file",
  exported: (n: number) => (n === 1 ? "1 account is in" : `${n} accounts are in`),
  leftOut: (names: string[]) => `Left out, because their logins cannot be read: ${names.join(", ")}.`,
  warning: "Nobody can open it without the passphrase, not even you. An export ages: each renewal of a login spends the tokens in it, so write a new one now and then.",

  restoreTitle: "Restore from an export",
  restoreText: "Takes accounts in from such a file. What is newer here stays.",
  restoreOpen: "Restore…",
  restoreDialog: "Restore from an export",
  passphrase: "Passphrase of the export",
  look: "See what is in it",
  looking: "Opening…",
  restoreStart: (n: number) => (n === 1 ? "Restore 1 account" : `Restore ${n} accounts`),
};
