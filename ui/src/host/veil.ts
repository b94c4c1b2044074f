// What the window shows where the user wants no names: profiles by their places, as in notifications, and no e-mails. What comes from
// the host goes through here before any page sees it; what a request needs, such as an id, stays as it is.
import type { BackupItem } from "../generated/BackupItem";
import type { Failure } from "../generated/Failure";
import type { ImportItem } from "../generated/ImportItem";
import type { ProfileId } from "../generated/ProfileId";
import type { ProfileRow } from "../generated/ProfileRow";
import type { Reply } from "../generated/Reply";
import type { Snapshot } from "../generated/Snapshot";
import { words } from "../words";

/** Stands for every e-mail. */
const HIDDEN_EMAIL = "•••@•••";

const email = /[^\s<>()[\]"'“”‘’,;:/\\]+@[^\s<>()[\]"'“”‘’,;:/\\]+/gu;
/** What can stand beside a name that is no part of a longer word. */
const edge = String.raw`[\p{L}\p{N}_]`;

/** Hides what one snapshot names. */
export class Veil {
  private readonly places: Map<ProfileId, number>;
  private readonly names: Map<string, number>;
  private readonly named: RegExp | null;
  private readonly on: boolean;

  constructor(private readonly seen: Snapshot) {
    const rows = seen.profiles;
    this.on = seen.settings.private_notifications;
    this.places = new Map(rows.map((row, place) => [row.id, place]));
    this.names = new Map(rows.map((row, place) => [row.name, place]));
    const all = [...new Set([...this.names.keys(), seen.removed?.name ?? "", seen.undo?.name ?? ""])].filter((name) => name !== "");
    // The longest first: "work" is no part of "work-2".
    const longest = all.sort((a, b) => b.length - a.length).map((name) => name.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&"));
    this.named = this.on && longest.length > 0 ? new RegExp(`(?<!${edge})(?:${longest.join("|")})(?!${edge})`, "gu") : null;
  }

  /** A text in which names and e-mails may stand. */
  text(text: string): string {
    if (!this.on) return text;
    const nameless = this.named === null ? text : text.replace(this.named, (name) => this.name(name));
    return nameless.includes("@") ? nameless.replace(email, HIDDEN_EMAIL) : nameless;
  }

  /** A profile's name. */
  name(name: string): string {
    return this.on ? called(this.names.get(name)) : name;
  }

  /** A failure's own words. */
  failure(failure: Failure): Failure {
    return this.on ? { ...failure, message: this.text(failure.message), hints: failure.hints.map((hint) => this.text(hint)) } : failure;
  }

  /** The whole snapshot. */
  snapshot(): Snapshot {
    const { seen } = this;
    if (!this.on) return seen;
    return {
      ...seen,
      live: { ...seen.live, email: hidden(seen.live.email), failure: this.maybe(seen.live.failure) },
      vault: { ...seen.vault, failure: this.maybe(seen.vault.failure) },
      profiles: seen.profiles.map((row, place) => this.row(row, place)),
      sign_in: seen.sign_in && { ...seen.sign_in, email: hidden(seen.sign_in.email), failure: this.maybe(seen.sign_in.failure) },
      undo: seen.undo && { ...seen.undo, name: seen.undo.name === null ? null : this.called(seen.undo.to, seen.undo.name) },
      removed: seen.removed && { ...seen.removed, name: this.called(seen.removed.id, seen.removed.name) },
      sessions: seen.sessions.map((session) => ({ ...session, profile: session.profile === null ? null : this.name(session.profile) })),
      problems: seen.problems.map((problem) => this.failure(problem)),
      gateway: { ...seen.gateway, failure: this.maybe(seen.gateway.failure) },
    };
  }

  /** An answer. */
  reply(reply: Reply): Reply {
    if (!this.on) return reply;
    switch (reply.kind) {
      case "imported":
        return { ...reply, items: reply.items.map((item) => this.found(item)) };
      case "import_plan":
        return { ...reply, items: reply.items.map((item) => this.found(item)), leftovers: reply.leftovers };
      case "backups":
        return { ...reply, items: reply.items.map((item) => this.copy(item)) };
      case "exported":
        return { ...reply, left_out: reply.left_out.map((name) => this.name(name)) };
      case "primes":
        return { ...reply, previews: reply.previews.map((preview) => this.owned(preview)), names: this.table(reply.names) };
      case "background":
        return { ...reply, used: reply.used.map((use) => this.owned(use)) };
      case "usage_history":
        return { ...reply, history: { ...reply.history, windows: reply.history.windows.map((window) => this.owned(window)) } };
      default:
        return "names" in reply ? { ...reply, names: this.table(reply.names) } : reply;
    }
  }

  private row(row: ProfileRow, place: number): ProfileRow {
    const { label, note } = row.details;
    return {
      ...row,
      name: called(place),
      email: hidden(row.email),
      // It names a company's seat, if nobody.
      workspace: null,
      details: { ...row.details, label: label === null ? null : this.text(label), note: note === null ? null : this.text(note) },
      also_in: row.also_in.map((place) => this.text(place)),
    };
  }

  private found(item: ImportItem): ImportItem {
    return {
      ...item,
      email: hidden(item.email),
      name: item.name === null ? null : this.called(item.profile, item.name),
      source: this.text(item.source),
      also_at: item.also_at.map((place) => this.text(place)),
      failure: this.maybe(item.failure),
    };
  }

  private copy(item: BackupItem): BackupItem {
    return { ...item, name: item.name === null ? null : this.called(item.profile, item.name), failure: this.maybe(item.failure) };
  }

  private owned<Owned extends { profile: ProfileId; name: string }>(owned: Owned): Owned {
    return { ...owned, name: this.called(owned.profile, owned.name) };
  }

  private table(names: Record<ProfileId, string>): Record<ProfileId, string> {
    return Object.fromEntries(Object.entries(names).map(([id, name]) => [id, this.called(id, name)]));
  }

  /** A profile by its id where it has one, for a name may be of a time before. */
  private called(id: ProfileId | null, name: string): string {
    return id === null ? this.name(name) : called(this.places.get(id));
  }

  private maybe(failure: Failure | null): Failure | null {
    return failure === null ? null : this.failure(failure);
  }
}

function called(place: number | undefined): string {
  return place === undefined ? words.hidden.other : words.hidden.profile(place + 1);
}

function hidden(email: string | null): string | null {
  return email === null ? null : HIDDEN_EMAIL;
}
