// What the scripted host finds when it is asked: vaults that are shut, logins of other tools, copies. Not in a build.
import type { BackupItem } from "../generated/BackupItem";
import type { Failure } from "../generated/Failure";
import type { ImportItem } from "../generated/ImportItem";
import type { Leftover } from "../generated/Leftover";
import type { VaultView } from "../generated/VaultView";

const failure = (code: Failure["code"], message: string, ...hints: string[]): Failure => ({ code, message, hints });

/** Vaults that are not open, each for another reason. */
export const vaults = {
  passphrase: {
    mode: "passphrase",
    state: "locked",
    failure: failure("vault_locked", "The logins are sealed under your passphrase.", "The window of Codex Lab asks for it once."),
  },
  keyring: {
    mode: "keyring",
    state: "locked",
    failure: failure("vault_locked", "The logins are sealed, and the keyring with their key is locked.", "Unlock the keyring; signing in to the desktop usually does. Then run: codex-lab vault unlock"),
  },
  denied: {
    mode: "keyring",
    state: "denied",
    failure: failure("vault_denied", "The keyring does not answer, so the logins sealed with its key stay closed.", "Try again in a minute: codex-lab vault unlock", "If it hangs, sign out of the desktop and in again."),
  },
  missing: {
    mode: "keyring",
    state: "missing",
    failure: failure("vault_missing", "The keyring does not have the key that these logins were sealed with.", "If the keyring was reset, bring back its backup. Nothing was deleted."),
  },
  corrupt: {
    mode: "passphrase",
    state: "corrupt",
    failure: failure("vault_corrupt", "vault.json, which says how the logins are sealed, is damaged, and so is its copy.", "Bring vault.json back from a backup of your disk, or restore a file made by `codex-lab export`. Nothing was deleted."),
  },
} satisfies Record<string, VaultView>;

/** A login that was found. */
export function found(key: string, part: Partial<ImportItem> = {}): ImportItem {
  return {
    key,
    from: "opencode-multi-auth-codex",
    source: `~/.config/opencode/accounts.json, account ${key}`,
    email: `${key}@example.com`,
    plan: "plus",
    workspace: "ws_3f0c",
    also_at: [],
    profile: null,
    name: null,
    outcome: "added",
    failure: null,
    advice: null,
    ...part,
  };
}

const advice = "A login that another tool goes on using is lost to whichever renews it first.";

/** A plan with one of each kind. */
export const plan: ImportItem[] = [
  found("grace", { also_at: ["OpenCode (~/.local/share/opencode/auth.json)"], advice }),
  found("ada.work", { outcome: "updated", profile: "0000000000000002", name: "work", plan: "business", advice }),
  found("ada.main", { from: "codex", source: "~/.codex/auth.json", outcome: "unchanged", profile: "0000000000000001", name: "main" }),
  found("copy", { from: "codex-auth", source: "~/.codex/accounts/copy.auth.json", email: "grace@example.com", outcome: "unchanged" }),
  found("spent", {
    outcome: "skipped",
    email: null,
    plan: null,
    workspace: null,
    failure: failure("bad_login_file", "This account has no refresh token, so its login could not last.", "Sign in to that account here instead."),
  }),
];

/** A store that wants its tool's passphrase. */
export const encrypted: ImportItem = found("store", {
  outcome: "skipped",
  source: "~/.config/opencode/accounts.enc",
  email: null,
  plan: null,
  workspace: null,
  failure: failure("wrong_passphrase", "This store is encrypted, and no passphrase was given.", "Give the tool's own passphrase: codex-lab import --from opencode-multi-auth-codex --passphrase"),
});

/** Files with tokens that nobody guards. */
export const leftovers: Leftover[] = [
  { from: "codex-auth", path: "~/.codex/accounts/auth.json.bak.1", what: "copy with tokens in plain text", deletable: true },
  { from: "opencode", path: "~/.local/share/opencode/auth.json", what: "store with tokens in plain text", deletable: false },
];

const hoursAgo = (hours: number) => new Date(Date.now() - hours * 3_600_000).toISOString();

function copy(id: string, part: Partial<BackupItem>): BackupItem {
  return { id, of: "login", profile: "0000000000000002", name: "work", made_at: hoursAgo(30), current: false, older: false, failure: null, ...part };
}

/** Copies with one of each kind. */
export const copies: BackupItem[] = [
  copy("login-now", { made_at: hoursAgo(1), current: true }),
  copy("login-before", { older: true }),
  copy("index-1", { of: "index", profile: null, name: null, made_at: hoursAgo(50) }),
  copy("live-1", { of: "live", profile: null, name: "grace@example.com", made_at: hoursAgo(75) }),
  copy("login-bad", { made_at: hoursAgo(99), failure: failure("bad_login_file", "This sealed file is damaged; it cannot be opened.") }),
];
