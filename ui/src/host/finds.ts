// What looking into stores and copies finds, to look at and to test with. Not in a build.
import type { BackupItem } from "../generated/BackupItem";
import type { ImportItem } from "../generated/ImportItem";
import type { Leftover } from "../generated/Leftover";

/** A login that was found. */
export function found(source: string, part: Partial<ImportItem> = {}): ImportItem {
  return {
    key: source,
    from: null,
    source,
    email: null,
    plan: null,
    workspace: null,
    also_at: [],
    profile: null,
    name: null,
    outcome: "added",
    failure: null,
    advice: null,
    ...part,
  };
}

/** One of each sort. */
export const plan: ImportItem[] = [
  found("~/.local/share/opencode/auth.json", { from: "opencode", email: "ada@example.com", plan: "plus", also_at: ["~/.code/auth_accounts.json"] }),
  found("~/.code/auth_accounts.json", { from: "every-code", email: "grace@example.com", plan: "pro" }),
  found("~/.codex/auth.json", { from: "codex", email: "ada.main@example.com", plan: "plus", name: "main", outcome: "unchanged" }),
  found("~/.cc-switch/cc-switch.db", {
    from: "cc-switch",
    outcome: "skipped",
    failure: { code: "bad_login_file", message: "This login does not say which account it belongs to.", hints: ["Sign in to that account here instead."] },
  }),
];

export const leftovers: Leftover[] = [{ from: "codex-auth", path: "~/.codex/accounts/auth.json.bak", what: "a copy of a login", deletable: true }];

export const backups: BackupItem[] = [
  { id: "login-1-current", of: "login", profile: "0000000000000001", name: "main", made_at: "2026-11-20T08:00:00Z", current: true, older: false, failure: null },
  { id: "login-1-3", of: "login", profile: "0000000000000001", name: "main", made_at: "2026-11-19T08:00:00Z", current: false, older: true, failure: null },
  { id: "live-7", of: "live", profile: null, name: "grace@example.com", made_at: "2026-11-18T08:00:00Z", current: false, older: false, failure: null },
];
