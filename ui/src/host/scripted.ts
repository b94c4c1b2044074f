// A host that lives in memory: for tests, and for `npm run dev` in a plain browser. Not in a build.
import type { ActivityEntry } from "../generated/ActivityEntry";
import type { Client } from "../generated/Client";
import type { Failure } from "../generated/Failure";
import type { ImportItem } from "../generated/ImportItem";
import type { ProfileId } from "../generated/ProfileId";
import type { Reply } from "../generated/Reply";
import type { Request } from "../generated/Request";
import type { Snapshot } from "../generated/Snapshot";
import type { VaultView } from "../generated/VaultView";
import { activityOf, activityPage, manyActivities } from "./activities";
import { explained, lastDecisions } from "./decisions";
import { copies, encrypted, found, leftovers, plan, vaults } from "./finds";
import type { Host, Opening, Start } from "./host";
import { usageHistory } from "./histories";
import { primed, primes } from "./primes";
import { blank, deviceSignIn, row, scenes, signIn } from "./scenes";
import { SettingsKept } from "./settings";

/** A program that answers at once and keeps what it was asked. */
export class ScriptedHost implements Host {
  /** Every request so far, but the looks at settings that follow each snapshot. */
  readonly asked: Request[] = [];
  /** What was copied last. */
  copied: string | null = null;
  /** How large everything is drawn, in percent. */
  zoomed = 100;
  /** The next request is refused with this. */
  refuseNext: Failure | null = null;
  /** The logins that a look finds. */
  found: ImportItem[] = plan;
  /** Whether one of the stores wants a passphrase. */
  encryptedStore = false;
  /** Profiles that no export holds. */
  leftOut: string[] = [];
  /** What has happened, the newest first; without it, a night like any other. */
  activity: ActivityEntry[] | null = null;
  /** What a program is to be told of a client that was connected or disconnected. */
  remarks: Failure[] = [];
  /** Where settings come from. */
  readonly kept = new SettingsKept(blank());
  /** What came with the window; by default it has to ask. */
  start: Start | null = null;
  private held: Promise<void> | null = null;
  private readonly listeners = new Set<(snapshot: Snapshot) => void>();
  private readonly showers = new Set<(opening: Opening) => void>();
  private lastRemoved: Snapshot["profiles"] = [];

  constructor(
    private snapshot: Snapshot,
    private readonly first: Opening = "accounts",
  ) {}

  async call(request: Request): Promise<Reply> {
    if (request.method === "settings") return { kind: "settings", rows: this.kept.rows(this.snapshot) };
    this.asked.push(request);
    const held = this.held;
    this.held = null;
    if (held !== null) await held;
    const refusal = this.refuseNext;
    this.refuseNext = null;
    if (refusal !== null) throw refusal;
    const seen = this.look(request);
    if (seen !== null) return seen;
    this.publish(this.answer(request));
    if (request.method === "connect_client" || request.method === "disconnect_client") return this.turned(request.params.client);
    const items = this.imported(request);
    return items === null ? { kind: "done", snapshot: this.snapshot } : { kind: "imported", snapshot: this.snapshot, items };
  }

  async subscribe(onSnapshot: (snapshot: Snapshot) => void): Promise<() => void> {
    this.listeners.add(onSnapshot);
    onSnapshot(this.snapshot);
    return () => this.listeners.delete(onSnapshot);
  }

  async opening(): Promise<Opening> {
    return this.first;
  }

  async onShowPage(show: (opening: Opening) => void): Promise<() => void> {
    this.showers.add(show);
    return () => this.showers.delete(show);
  }

  async copy(text: string): Promise<void> {
    this.copied = text;
  }

  async zoom(percent: number): Promise<void> {
    this.zoomed = percent;
  }

  /** The next request is answered only when the returned function is called. */
  holdNext(): () => void {
    let answer = () => {};
    this.held = new Promise((resolve) => (answer = resolve));
    return () => answer();
  }

  /** The profiles as they are. */
  get profiles(): Snapshot["profiles"] {
    return this.snapshot.profiles;
  }

  /** Something happened outside the window. */
  publish(part: Partial<Snapshot>): void {
    this.snapshot = { ...this.snapshot, ...part, revision: this.snapshot.revision + 1 };
    for (const listener of this.listeners) listener(this.snapshot);
  }

  /** The program asks for a page. */
  show(opening: Opening): void {
    for (const shower of this.showers) shower(opening);
  }

  private turned(wanted: Client | null): Reply {
    const rows = this.snapshot.clients.filter(({ client }) => wanted === null || client === wanted);
    const changed = { whole_file: false, put_in: [], taken_out: [], puts_back: [], remarks: this.remarks };
    const changes = rows.map(({ client, path, state }) => ({ client, path: path ?? "", state, ...changed }));
    return { kind: "clients", snapshot: this.snapshot, changes };
  }

  /** What only looks, and changes nothing that a snapshot shows. */
  private look(request: Request): Reply | null {
    switch (request.method) {
      case "find_imports": {
        const closed = this.encryptedStore && request.params.passphrase === null;
        return { kind: "import_plan", items: closed ? [...this.found, encrypted] : this.found, leftovers };
      }
      case "restore_export":
        return request.params.dry_run ? { kind: "import_plan", items: plan, leftovers: [] } : null;
      case "explain":
        return { kind: "explained", decision: explained(this.snapshot), names: this.names() };
      case "why":
        return { kind: "decisions", decisions: lastDecisions(this.snapshot), names: this.names() };
      case "background": {
        const { profiles, settings } = this.snapshot;
        const used = profiles.map(({ id: profile, name }, place) => ({ profile, name, used: place }));
        const requests = used.slice(0, 1).map(({ profile }) => ({ at: "2026-11-21T12:00:00Z", profile, host: "chatgpt.com", purpose: "quota" as const }));
        return { kind: "background", budget: settings.background_budget, used, requests };
      }
      case "primes":
        return primes(this.snapshot);
      case "prime_now":
        return { kind: "primed", record: primed(request.params.profile, 0, { state: "sent", by_user: true, resets_at: null }) };
      case "activity":
        return activityPage(this.activity ?? activityOf(this.snapshot), request.params.filter, this.snapshot.profiles);
      case "usage_history":
        return { kind: "usage_history", history: usageHistory(this.snapshot, request.params.hours) };
      case "list_backups":
        return { kind: "backups", items: copies };
      case "export":
        return { kind: "exported", path: request.params.path, profiles: this.snapshot.profiles.length, left_out: this.leftOut };
      default:
        return null;
    }
  }

  private imported(request: Request): ImportItem[] | null {
    switch (request.method) {
      case "import_text":
      case "import_path":
        return [found("imported", { from: null, source: "pasted text", name: "imported" })];
      case "import_from":
        return this.found.filter((item) => request.params.only?.includes(item.key) ?? true).map((item) => ({ ...item, name: item.name ?? item.key }));
      case "restore_export":
        return plan;
      default:
        return null;
    }
  }

  private answer(request: Request): Partial<Snapshot> {
    const { profiles, settings, undo } = this.snapshot;
    switch (request.method) {
      case "begin_sign_in":
        return { sign_in: { ...(request.params.method === "browser" ? signIn() : deviceSignIn()), again: request.params.again } };
      case "cancel_sign_in":
        return { sign_in: signIn({ phase: "failed", failure: { code: "cancelled", message: "You called the sign-in off.", hints: [] } }) };
      case "dismiss_sign_in":
        return { sign_in: null };
      case "paste_callback":
        return { sign_in: signIn({ phase: "finishing" }) };
      case "decide_sign_in":
        return { sign_in: null, profiles: request.params.add ? [...profiles, row(profiles.length + 1, "added")] : profiles };
      case "add_api_key":
        return { profiles: [...profiles, row(profiles.length + 1, "api-key", { kind: "api_key", email: null, plan: null })] };
      case "capture_live":
        return { profiles: [...profiles, row(profiles.length + 1, "kept", { live: true })] };
      case "switch_to":
        return this.switchTo(request.params.profile);
      case "undo_switch":
        return { ...this.switchTo(undo?.to ?? null), undo: null };
      case "rename":
        return { profiles: profiles.map((old) => (old.id === request.params.profile ? { ...old, name: request.params.name.trim() } : old)) };
      case "reorder":
        return { profiles: request.params.profiles.flatMap((id) => profiles.find((old) => old.id === id) ?? []) };
      case "set_paused":
        return {
          profiles: profiles.map((old) => (old.id === request.params.profile ? { ...old, state: request.params.paused ? "paused" : "ready" } : old)),
        };
      case "remove":
        return this.remove(request.params.profile);
      case "undo_remove":
        return { profiles: [...profiles, ...this.lastRemoved], removed: null };
      case "choose_for_session":
        return {
          sessions: this.snapshot.sessions.map((old) => (old.pid === request.params.pid ? { ...old, chosen: request.params.choice } : old)),
        };
      case "connect_client":
      case "disconnect_client": {
        const { client } = request.params;
        const state = request.method === "connect_client" ? "connected" : "not_connected";
        return { clients: this.snapshot.clients.map((old) => (old.client === client ? { ...old, state } : old)) };
      }
      case "pin_session": {
        const { session, profile } = request.params;
        const others = this.snapshot.pins.filter((pin) => pin.session !== session);
        return { pins: profile === null ? others : [{ session, profile, pinned_at: new Date().toISOString() }, ...others] };
      }
      case "set_settings":
        this.kept.changed(this.snapshot, { ...this.snapshot, settings: request.params.settings });
        return { settings: { ...settings, ...request.params.settings } };
      case "set_setting":
        return this.kept.set(this.snapshot, request.params.key, request.params.value);
      case "set_routing":
        this.kept.changed(this.snapshot, { ...this.snapshot, routing: request.params.settings });
        return { routing: request.params.settings };
      case "set_weights":
        return { profiles: profiles.map((old) => ({ ...old, details: { ...old.details, weight: request.params.weights[old.id] ?? old.details.weight } })) };
      case "finish_first_run":
        return { first_run: false };
      case "set_details":
        return { profiles: profiles.map((old) => (old.id === request.params.profile ? { ...old, details: request.params.details } : old)) };
      case "renew":
        return { profiles: profiles.map((old) => (old.id === request.params.profile ? { ...old, token: { kind: "fine" } } : old)) };
      case "move_vault":
        return { vault: { mode: request.params.to, state: "open", failure: null } };
      case "unlock_vault":
        return this.vaultIs({ ...this.snapshot.vault, state: "open", failure: null });
      case "lock_vault":
        return this.vaultIs({ ...vaults.passphrase, mode: this.snapshot.vault.mode });
      default:
        return {};
    }
  }

  private names(): Record<ProfileId, string> {
    return Object.fromEntries(this.snapshot.profiles.map((row) => [row.id, row.name]));
  }

  private vaultIs(vault: VaultView): Partial<Snapshot> {
    return { vault, profiles: this.snapshot.profiles.map((old) => ({ ...old, state: vault.state === "open" ? "ready" : "locked" })) };
  }

  private switchTo(id: ProfileId | null): Partial<Snapshot> {
    const from = this.snapshot.profiles.find((old) => old.live) ?? null;
    const to = this.snapshot.profiles.find((old) => old.id === id) ?? null;
    return {
      profiles: this.snapshot.profiles.map((old) => ({ ...old, live: old.id === id })),
      live: { ...this.snapshot.live, state: to ? "profile" : "none", profile: id, email: to?.email ?? null, plan: to?.plan ?? null, failure: null },
      undo: { to: from?.id ?? null, name: from?.name ?? null, switched_at: new Date().toISOString() },
    };
  }

  private remove(id: ProfileId): Partial<Snapshot> {
    this.lastRemoved = this.snapshot.profiles.filter((old) => old.id === id);
    const name = this.lastRemoved[0]?.name ?? "";
    return {
      profiles: this.snapshot.profiles.filter((old) => old.id !== id),
      removed: { id, name, removed_at: new Date().toISOString() },
    };
  }
}

/** The host for an address such as `?scene=three&theme=dark&open=sign_in`. */
export function hostFromAddress(address: URL): ScriptedHost {
  const asked = address.searchParams;
  const snapshot = (scenes[asked.get("scene") ?? "three"] ?? scenes.three)?.();
  if (snapshot === undefined) throw new RangeError("no such scene");
  const theme = asked.get("theme");
  if (theme === "light" || theme === "dark") snapshot.settings = { ...snapshot.settings, theme };
  const host = new ScriptedHost(snapshot, asked.get("open") === "sign_in" ? "sign_in" : "accounts");
  const entries = asked.get("entries");
  if (entries !== null) host.activity = manyActivities(snapshot, Number(entries));
  return host;
}
