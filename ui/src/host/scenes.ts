// Snapshots to look at and to test with: one for each state the window can be in. Not in a build.
import type { Failure } from "../generated/Failure";
import type { PagePicture } from "../generated/PagePicture";
import type { ProfileRow } from "../generated/ProfileRow";
import type { RoutingSettings } from "../generated/RoutingSettings";
import type { Session } from "../generated/Session";
import type { SignIn } from "../generated/SignIn";
import type { Snapshot } from "../generated/Snapshot";
import type { VaultView } from "../generated/VaultView";
import type { Settings } from "../generated/Settings";
import { crowd, strained } from "./crowd";
import { vaults } from "./finds";
import { quota, reading, reset } from "./readings";

const now = () => Date.now();
const before = (seconds: number) => new Date(now() - seconds * 1000).toISOString();
const after = (seconds: number) => new Date(now() + seconds * 1000).toISOString();

/** A profile named as asked. */
export function row(at: number, name: string, part: Partial<ProfileRow> = {}): ProfileRow {
  return {
    id: String(at).padStart(16, "0"),
    name,
    kind: "chatgpt",
    email: `ada.${name}@example.com`,
    plan: "plus",
    workspace: `7f3a9c2${at}-52b1-4c8e-9d07-3b5a1e6f0c4d`,
    state: "ready",
    live: false,
    details: { label: null, colour: null, note: null, weight: 10, drain: false, muted: false, thresholds: { low: null, critical: null }, prime: false },
    token: { kind: "fine" },
    quota: quota([]),
    also_in: [],
    added_at: before(86_400 * 30),
    last_live_at: null,
    ...part,
  };
}

const url =
  "https://auth.openai.com/oauth/authorize?response_type=code&client_id=app_example&redirect_uri=http%3A%2F%2F127.0.0.1%3A1455%2Fauth%2Fcallback&state=xyz";

/** A sign-in in its waiting phase, or as asked. */
export function signIn(part: Partial<SignIn> = {}): SignIn {
  return {
    id: "s1",
    method: "browser",
    again: null,
    phase: "waiting",
    url,
    user_code: null,
    picture: null,
    browser_failed: false,
    deadline: after(892),
    email: null,
    profile: null,
    created: false,
    failure: null,
    ...part,
  };
}

/** No code that a camera reads: what looks like one. */
const page: PagePicture = {
  side: 25,
  path: Array.from({ length: 25 * 25 }, (_, at) => [at % 25, Math.floor(at / 25)] as const)
    .filter(([x, y]) => (x * 7 + y * 13 + x * y) % 5 < 2)
    .map(([x, y]) => `M${x} ${y}h1v1h-1z`)
    .join(""),
};

/** A device code's sign-in. */
export function deviceSignIn(): SignIn {
  return signIn({ method: "device_code", url: "https://auth.openai.com/codex/device", user_code: "WXKP-7T4QD", picture: page });
}

function session(pid: number, part: Partial<Session>): Session {
  return {
    pid,
    kind: "daemon",
    folder: null,
    started_at: before(4000),
    stale: true,
    profile: "main",
    choices: ["leave", "when_idle", "restart"],
    chosen: null,
    ...part,
  };
}

const failures = {
  portBusy: {
    code: "port_busy",
    message: "The ports 1455 and 1457, which a sign-in needs, are both in use by other programs.",
    hints: ["Close a `codex login` that is still open, then try again.", "Use a device code: it needs no port."],
  },
  unreadable: {
    code: "bad_login_file",
    message: "The file auth.json in the Codex home holds no login that Codex could use.",
    hints: ["Choose an account below: the damaged file is kept aside.", "Or run `codex login`."],
  },
  elsewhere: {
    code: "codex_store_mode",
    message: "Codex is set to keep its login in the system’s keyring, where it cannot be switched.",
    hints: ["Set cli_auth_credentials_store = \"file\" in the Codex configuration."],
  },
  daemon: {
    code: "daemon_failed",
    message: "The Codex daemon did not restart, so open conversations are still on the old account.",
    hints: ["Run `codex app-server daemon restart`."],
  },
  refused: {
    code: "sign_in_refused",
    message: "The sign-in was refused at the provider’s page.",
    hints: ["Try again and allow access.", "Ask your workspace’s administrator whether Codex is allowed."],
  },
  offline: {
    code: "network",
    message: "auth.openai.com cannot be reached: the name was not found.",
    hints: ["Check the connection, then try again.", "Behind a proxy, set HTTPS_PROXY."],
  },
  unsaved: {
    code: "storage_full",
    message: "The renewed login of work could not be saved, because the disk is full.",
    hints: ["Free some space; it is then saved by itself."],
  },
  keyless: {
    code: "not_possible_now",
    message: "This desktop gives no keys to apps, so no shortcut opens the window.",
    hints: ["docs/deep-links.md says how to bind a key by hand."],
  },
} satisfies Record<string, Failure>;

const DAY = 1440;
const WEEK = 7 * DAY;
const main = row(1, "main", { live: true, last_live_at: before(7200), quota: quota([reading(300, 62, 80), reading(WEEK, 18, 2 * DAY + 200)]) });
const work = row(2, "work", { plan: "business", email: "ada@company.example", quota: quota([reading(300, 91.5, 200), reading(WEEK, 71, 5 * DAY)]) });
const backup = row(3, "backup");
const three = [main, work, backup];

/** As they are out of the box. */
export const routing: RoutingSettings = {
  strategy: "sticky-best",
  order: [],
  low: 20,
  critical: 5,
  force: null,
  api_key_fallback: false,
  api_key_spend_cap_cents: null,
  api_key_input_price_cents: 500,
  api_key_output_price_cents: 3000,
  wait_for_reset: false,
  folders: [],
  walls: {},
};

const settings: Settings = {
  after_switch: "ask",
  notifications: true,
  autostart: false,
  shortcut: false,
  theme: "system",
  language: "system",
  keep_alive: true,
  conservative: false,
  http_only: false,
  background_budget: 120,
  prime_apart_hours: 3,
  quiet_hours: null,
  private_notifications: false,
  hooks: { exhausted: null, fell_back: null, primed: null, reset: null, needs_sign_in: null, timeout_seconds: 30 },
};

/** No profiles, nothing live. */
export function blank(part: Partial<Snapshot> = {}): Snapshot {
  return {
    revision: 1,
    home: "/home/ada/.codex-lab",
    first_run: false,
    live: { state: "none", profile: null, email: null, plan: null, codex_home: "/home/ada/.codex", failure: null },
    vault: { mode: "file", state: "open", failure: null },
    profiles: [],
    sign_in: null,
    undo: null,
    removed: null,
    sessions: [],
    pins: [],
    clients: [],
    problems: [],
    settings,
    gateway: { state: "off", port: null, failure: null },
    shortcut: { state: "off", trigger: null, failure: null },
    routing,
    spending: { cents: 0, profiles: {} },
    ...part,
  };
}

const live = (profile: ProfileRow): Snapshot["live"] => ({
  ...blank().live,
  state: "profile",
  profile: profile.id,
  email: profile.email,
  plan: profile.plan,
});

/** Three accounts, the first in use. */
export function trio(part: Partial<Snapshot> = {}): Snapshot {
  return blank({ profiles: three, live: live(main), ...part });
}

/** Three accounts behind a vault that is not open. */
function shut(vault: VaultView): Snapshot {
  return trio({ vault, profiles: three.map((profile) => ({ ...profile, state: "locked" })) });
}

/** Every state by name, for `?scene=…` in the address. */
export const scenes: Record<string, () => Snapshot> = {
  "first-run": () => blank({ first_run: true }),
  empty: () => blank(),
  "empty-unknown": () => blank({ live: { ...blank().live, state: "unknown", email: "ada@example.com", plan: "plus" } }),
  three: () =>
    trio({
      clients: [
        { client: "codex", state: "connected", path: "/home/ada/.codex/config.toml", since: before(60) },
        { client: "opencode", state: "not_connected", path: "/home/ada/.config/opencode/opencode.json", since: null },
      ],
    }),
  states: () =>
    trio({
      profiles: [
        main,
        { ...work, state: "needs_sign_in" },
        { ...backup, state: "paused" },
        row(4, "old-laptop", { state: "unreadable", email: null, plan: null }),
        row(5, "key-metered", { kind: "api_key", email: null, plan: null }),
        row(6, "a-rather-long-name-for-the-account-of-the-other-department", { email: "first.middle.last-name@subdomain.department.example.com", plan: "self_serve_business_usage_based" }),
      ],
      problems: [failures.daemon],
    }),
  switched: () =>
    trio({
      profiles: [{ ...main, live: false }, work, { ...backup, live: true }],
      live: live(backup),
      undo: { to: main.id, name: "main", switched_at: before(5) },
      sessions: [
        session(4120, { kind: "daemon", chosen: "when_idle" }),
        session(4188, { kind: "exec", folder: "/home/ada/src/compiler", choices: ["leave"] }),
        session(4301, { kind: "app_server", folder: "/home/ada/src/website", choices: ["leave"] }),
        session(4302, { kind: "interactive", stale: false, profile: "backup", choices: [] }),
      ],
    }),
  shortcut: () => trio({ settings: { ...settings, shortcut: true }, shortcut: { state: "on", trigger: "Super+Alt+C", failure: null } }),
  keyless: () => trio({ settings: { ...settings, shortcut: true }, shortcut: { state: "failed", trigger: null, failure: failures.keyless } }),
  removed: () => blank({ profiles: [main, work], live: live(main), removed: { id: backup.id, name: "backup", removed_at: before(3) } }),
  none: () => trio({ profiles: [{ ...main, live: false }, work, backup], live: blank().live, undo: { to: main.id, name: "main", switched_at: before(5) } }),
  unreadable: () => trio({ profiles: [{ ...main, live: false }, work, backup], live: { ...blank().live, state: "unreadable", failure: failures.unreadable } }),
  elsewhere: () => trio({ profiles: [{ ...main, live: false }, work, backup], live: { ...blank().live, state: "elsewhere", failure: failures.elsewhere } }),
  starting: () => trio({ sign_in: signIn({ phase: "starting", url: null, deadline: null }) }),
  waiting: () => trio({ sign_in: signIn() }),
  "no-browser": () => trio({ sign_in: signIn({ browser_failed: true }) }),
  again: () => trio({ sign_in: signIn({ again: work.id, deadline: after(42) }) }),
  device: () => trio({ sign_in: deviceSignIn() }),
  other: () => trio({ sign_in: signIn({ again: work.id, phase: "other_account", email: "grace@example.com" }) }),
  "port-busy": () => trio({ sign_in: signIn({ phase: "failed", url: null, failure: failures.portBusy }) }),
  refused: () => trio({ sign_in: signIn({ phase: "failed", failure: failures.refused }) }),
  done: () =>
    trio({
      profiles: [...three, row(4, "grace-plus", { email: "grace@example.com" })],
      sign_in: signIn({ phase: "done", email: "grace@example.com", profile: row(4, "").id, created: true }),
    }),
  remarks: () =>
    trio({
      profiles: [
        { ...main, details: { ...main.details, label: "personal", colour: "blue", note: "Paid on the 3rd, with the private card." } },
        { ...work, details: { ...work.details, label: "office", colour: "orange", drain: true }, token: { kind: "unsaved" } },
        { ...backup, details: { ...backup.details, colour: "pink" }, token: { kind: "resting", until: after(420) } },
        row(4, "shared", { also_in: ["OpenCode (~/.local/share/opencode/auth.json)"] }),
      ],
      problems: [failures.unsaved],
    }),
  locked: () => shut(vaults.passphrase),
  "keyring-locked": () => shut(vaults.keyring),
  "keyring-denied": () => shut(vaults.denied),
  "keyring-missing": () => shut(vaults.missing),
  "vault-corrupt": () => shut(vaults.corrupt),
  sealed: () => trio({ vault: { mode: "passphrase", state: "open", failure: null } }),
  quota: () =>
    trio({
      profiles: [
        { ...main, quota: quota([reading(300, 3, 80), reading(WEEK, 18, 2 * DAY + 200, { source: "usage" })]) },
        { ...work, quota: { ...quota([reading(300, 0, 32, { source: "stream" }), reading(WEEK, 40, 5 * DAY)]), credits: { has_credits: true, unlimited: false, balance: "12.50", overage_limit_reached: false } } },
        { ...backup, quota: quota([reset(300, 12), reset(WEEK, 2)]) },
        row(4, "weekly-only", { quota: quota([reading(WEEK, 55, 6 * DAY, { source: "session_log", confidence: "medium" })]) }),
        row(5, "families", { quota: quota([reading(300, 80, 80), reading(WEEK, 64, 3 * DAY)], [{ family: "codex_bengalfox", name: "GPT-6-Luna", main: false, windows: [reading(300, 44, 50), reading(WEEK, 2, 3 * DAY)] }]) }),
        row(6, "team-seat", { plan: "business", quota: { ...quota([reading(300, 30, 80), reading(WEEK, 22, 3 * DAY, { observed_at: null, confidence: "low" })]), limit_reached: "workspace_member_credits_depleted" } }),
        row(7, "never-seen"),
        row(8, "key-metered", { kind: "api_key", email: null, plan: null }),
        row(9, "spent", { quota: quota([reading(300, 0, 80), reading(WEEK, 0, 2 * DAY)]) }),
      ],
    }),
  routed: () =>
    trio({
      profiles: [...three, row(4, "key-metered", { kind: "api_key", email: null, plan: null })],
      routing: {
        ...routing,
        strategy: "priority",
        order: [work.id, main.id],
        force: { profile: work.id, until: after(7 * 3600 + 700), strict: true },
        api_key_fallback: true,
        api_key_spend_cap_cents: 550,
        folders: [
          { folder: "/home/ada/src/paid", profiles: [work.id] },
          { folder: "/home/ada/src/a-rather-deep/folder/of-the-other/department/that/has-no-end", profiles: [main.id, backup.id, "00000000000000ff"] },
        ],
        walls: { office: [work.id] },
      },
      spending: { cents: 124, profiles: { "0000000000000004": 124 } },
      gateway: { state: "serving", port: 4820, failure: null },
    }),
  usage: () =>
    trio({
      profiles: [
        { ...main, quota: quota([reading(300, 62, 80), reading(WEEK, 18, 2 * DAY + 200)]) },
        { ...work, details: { ...work.details, colour: "pink" }, quota: quota([reading(300, 91.5, 200), reading(WEEK, 71, 5 * DAY)]) },
        { ...backup, quota: quota([reset(300, 30), reading(WEEK, 96, 6 * DAY)]) },
      ],
    }),
  "usage-one": () => blank({ profiles: [main], live: live(main) }),
  "usage-none": () => trio({ profiles: [row(1, "main", { live: true }), row(4, "key-metered", { kind: "api_key", email: null, plan: null })] }),
  "usage-many": () =>
    trio({
      profiles: Array.from({ length: 50 }, (_, at) =>
        row(at + 1, at === 7 ? "a-rather-long-name-for-the-account-of-the-other-department" : `account-${at + 1}`, {
          live: at === 0,
          quota: quota([reading(300, (at * 37) % 101, 20 + ((at * 53) % 270)), reading(WEEK, (at * 61 + 12) % 101, 300 + ((at * 977) % 9000))]),
        }),
      ),
    }),
  long: () => trio({ profiles: strained(row) }),
  exhausted: () => trio({ profiles: [main, work, backup].map((profile) => ({ ...profile, quota: quota([reading(300, 0, 80), reading(WEEK, 0, 2 * DAY + 200)]) })) }),
  offline: () =>
    trio({
      profiles: [main, work, backup].map((profile) => ({ ...profile, token: { kind: "resting", until: after(420) }, quota: quota([reset(300, 700), reset(WEEK, 90)]) })),
      problems: [failures.offline],
      sign_in: signIn({ phase: "failed", url: null, failure: failures.offline }),
    }),
  thousand: () => trio({ profiles: crowd(1000, row) }),
  fifty: () => trio({ profiles: crowd(50, row) }),
  many: () => trio({ profiles: Array.from({ length: 40 }, (_, at) => row(at + 1, `account-${at + 1}`, { live: at === 0 })) }),
};
