// What is said about where logins are kept, and about passphrases.
import type { VaultMode } from "../../generated/VaultMode";
import type { VaultState } from "../../generated/VaultState";
import { locale } from "./times";

const time = new Intl.DateTimeFormat(locale, { timeStyle: "short" });
const dayAndTime = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" });

/** A time of the past or the near future: "at 14:05", or "on 3 Dec 2026, 14:05" on another day. */
export function moment(iso: string, now: Date = new Date()): string {
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) return "later";
  return at.toDateString() === now.toDateString() ? `at ${time.format(at)}` : `on ${dayAndTime.format(at)}`;
}

const mode: Record<VaultMode, { title: string; protects: string; costs: string }> = {
  file: {
    title: "Plain files",
    protects: "Keeps the logins from other users of this computer: only your own user may read the files.",
    costs: "Whoever gets at your disk, a backup of it, or your user’s files can use the logins. Nothing to unlock, ever.",
  },
  keyring: {
    title: "Sealed, with the key in the system’s keyring",
    protects: "Keeps them from whoever has only your files: a copied disk, a backup, a program that reads files.",
    costs: "A program that runs as you can ask an open keyring for the key. Without a keyring, or with a lost one, the logins stay closed.",
  },
  passphrase: {
    title: "Sealed under a passphrase",
    protects: "Keeps them from whoever has your files and your keyring, but not your passphrase.",
    costs: "You type it after each start, and nothing is renewed or switched before that. Nobody can help if you forget it: you would sign in to each account again.",
  },
};

const state: Record<VaultState, string> = {
  open: "Open: the logins can be used.",
  locked: "Locked: the logins are there, and wait to be unlocked.",
  denied: "Closed: the keyring does not give the key.",
  missing: "Closed: the keyring, or the key in it, is not there.",
  corrupt: "Closed: what opens the logins is damaged.",
};

export const vault = {
  title: "Where logins are kept",
  text: "The login that Codex uses now stays a plain file in Codex’s own home, whatever you choose here: Codex needs it there.",
  mode,
  state,
  shut: "Nobody is signed out. The logins are kept as they are until they can be opened.",
  lockedByPassphrase: "The logins are sealed under your passphrase. Give it to use them.",
  passphrase: "Passphrase of the vault",
  unlock: "Unlock",
  unlocking: "Unlocking…",
  unlocked: "The logins are unlocked.",
  again: "Try again",
  asking: "Asking the keyring…",
  trying: "Trying…",
  lock: "Lock now",
  lockText: "Forgets the key in Codex Lab. Running Codex sessions go on; nothing is renewed or switched until you unlock.",
  lockedNow: "The logins are locked.",
  change: "Change…",
  changeShut: "How logins are kept can be changed once they are unlocked.",
  moveTitle: "Change how logins are kept",
  moveText: "All logins and their copies are written anew, read back and compared; only then do the old ones go.",
  move: "Change",
  moving: "Writing all logins anew…",
  moved: (to: VaultMode) => `Changed: ${mode[to].title}.`,
  now: "now",
  newPassphrase: "Set a new passphrase",
};

export const passphrase = {
  first: "Passphrase",
  again: "The same once more",
  show: "Show the passphrase",
  hide: "Hide the passphrase",
  advice: "At least 12 characters. Four or five words that do not belong together are good; keep them somewhere safe.",
  short: (left: number) => (left === 1 ? "One character more is needed." : `${left} characters more are needed.`),
  long: "Too long: 1,024 characters are the most.",
  guessable: "Too easily guessed: use more different characters, and not digits alone.",
  differ: "The two are not the same.",
  good: "Long enough.",
};
