// What the window knows: the last snapshot, the page it shows, and what was refused last. It decides nothing.
import { createContext } from "svelte";

import type { Failure } from "../generated/Failure";
import type { ProfileId } from "../generated/ProfileId";
import type { ProfileRow } from "../generated/ProfileRow";
import type { Session } from "../generated/Session";
import type { Reply } from "../generated/Reply";
import type { Request } from "../generated/Request";
import type { SignInMethod } from "../generated/SignInMethod";
import type { Snapshot } from "../generated/Snapshot";
import type { Sort } from "../parts/finding";
import { words } from "../words";
import { failureOf, type Host, type LinkAsks, type Opening } from "./host";
import { Veil } from "./veil";

/** The pages there are. `sign_in` is reached from `accounts` and belongs to it. */
export type Page = "accounts" | "sign_in" | "usage" | "routing" | "activity" | "settings";

/** For how long a window that is opened later still offers an undo at its bottom. */
const UNDO_BAR_MS = 60 * 60 * 1000;

/** A sign-in that was asked for while another one runs. */
export interface WantedSignIn {
  method: SignInMethod;
  again: ProfileId | null;
}

/** The window's side of the conversation with its host. */
export class Lab {
  /** As it came; `null` until the first one arrives. */
  private known = $state.raw<Snapshot | null>(null);
  private readonly veil = $derived(this.known === null ? null : new Veil(this.known));
  /** As it is shown: without names and e-mails, where the user wants none. `null` until the first one arrives. */
  readonly snapshot: Snapshot | null = $derived(this.veil?.snapshot() ?? null);
  /** Which page is shown. */
  page = $state<Page>("accounts");
  /** The order the profiles are shown in, for as long as the window is open. */
  sort = $state<Sort>("own");
  /** Why the last request was refused, until it is dismissed or the next one succeeds. */
  refusal = $state.raw<Failure | null>(null);
  /** What was refused, to be asked once more. */
  private refused = $state.raw<Request | null>(null);
  /** Why no snapshot comes, and no page that is asked for. */
  unreachable = $state.raw<Failure | null>(null);
  /** Set when a sign-in was asked for while another one runs. */
  wanted = $state.raw<WantedSignIn | null>(null);
  /** The undo bars that were waved away, by the moment of what they undo. */
  private away = $state.raw<string[]>([]);
  /** What a link asks for, until the user has answered; what asks meanwhile is not heard. */
  link = $state.raw<{ asks: LinkAsks | null } | null>(null);
  /** Read out to screen readers whenever it changes. */
  spoken = $state("");
  /** For what is no request: the clipboard. */
  readonly host: Host;

  constructor(host: Host) {
    this.host = host;
    const start = host.start;
    if (start?.snapshot) {
      this.receive(start.snapshot);
      void this.show(start.page);
    }
  }

  /** Connects to the host; the returned function lets go of it. */
  async start(): Promise<() => void> {
    this.unreachable = null;
    const held: (() => void)[] = [];
    const letGo = () => held.forEach((release) => release());
    try {
      held.push(await this.host.onShowPage((page) => void this.show(page)));
      const opening = await this.host.opening();
      held.push(await this.host.subscribe((snapshot) => this.receive(snapshot)));
      // What came with the window is shown already, and the user may have gone on from there.
      if (!this.startedWith(opening)) await this.show(opening);
      return letGo;
    } catch (reason) {
      letGo();
      this.unreachable = failureOf(reason);
      return () => {};
    }
  }

  /** Goes to the page the program asks for. */
  async show(opening: Opening): Promise<void> {
    if (typeof opening === "object") {
      this.link ??= { asks: opening.link };
      return;
    }
    // The request to show a sign-in can overtake the snapshot that holds it.
    if (opening === "sign_in" && !this.signInIsOpen()) await this.attempt({ method: "snapshot" });
    this.page = opening === "sign_in" && !this.signInIsOpen() ? "accounts" : opening;
  }

  /** Asks and takes over the snapshot of the reply. Rejects with a `Failure`, for callers that show it themselves. */
  async ask(request: Request): Promise<Reply> {
    try {
      const reply = await this.host.call(request);
      this.dismissRefusal();
      // A look into stores and copies changes nothing that is shown.
      if ("snapshot" in reply) this.receive(reply.snapshot);
      return this.veil?.reply(reply) ?? reply;
    } catch (reason) {
      throw this.shown(failureOf(reason));
    }
  }

  /** Asks for what changes nothing, unasked by the user: a refusal that is on the screen stays there. Rejects with a `Failure`. */
  async look(request: Request): Promise<Reply> {
    try {
      const reply = await this.host.call(request);
      return this.veil?.reply(reply) ?? reply;
    } catch (reason) {
      throw this.shown(failureOf(reason));
    }
  }

  /** Asks; a refusal is shown on top of the page. Says whether it was done. */
  async attempt(request: Request): Promise<boolean> {
    try {
      await this.ask(request);
      return true;
    } catch (reason) {
      this.refusal = failureOf(reason);
      this.refused = request;
      return false;
    }
  }

  /** Shows on top of the page why something was refused whose own place is no longer there. */
  tell(failure: Failure): void {
    this.refusal = failure;
    this.refused = null;
  }

  /** Whether what was refused can be asked once more. */
  get canAttemptAgain(): boolean {
    return this.refused !== null;
  }

  /** Asks once more for what was refused. */
  async attemptAgain(): Promise<void> {
    if (this.refused !== null) await this.attempt(this.refused);
  }

  /** Takes the refusal off the screen. */
  dismissRefusal(): void {
    this.refusal = null;
    this.refused = null;
  }

  /** Starts a sign-in and shows it. */
  async signIn(method: SignInMethod, again: ProfileId | null = null, replace = false): Promise<void> {
    const request: Request = { method: "begin_sign_in", params: { method, again, replace } };
    try {
      await this.ask(request);
      this.wanted = null;
      this.page = "sign_in";
    } catch (reason) {
      const failure = failureOf(reason);
      if (failure.code === "sign_in_running" && this.signInIsOpen()) {
        this.wanted = { method, again };
        this.page = "sign_in";
      } else {
        this.refusal = failure;
        this.refused = request;
      }
    }
  }

  /** Calls the sign-in off and goes back to the list. */
  async cancelSignIn(): Promise<void> {
    if (!(await this.attempt({ method: "cancel_sign_in" }))) return;
    // The user knows that it was called off: there is nothing left to read.
    if (this.snapshot?.sign_in?.failure?.code === "cancelled") await this.attempt({ method: "dismiss_sign_in" });
    this.leaveSignIn();
  }

  /** Back to the list; a sign-in that runs goes on. */
  leaveSignIn(): void {
    this.wanted = null;
    this.page = "accounts";
  }

  /** Puts text on the clipboard. Says whether that worked. */
  async copy(text: string): Promise<boolean> {
    try {
      await this.host.copy(text);
      this.say(words.copied);
      return true;
    } catch (reason) {
      this.refusal = failureOf(reason);
      this.refused = null;
      return false;
    }
  }

  /** Has a screen reader say something. */
  say(text: string): void {
    // The same words twice in a row would not be read out.
    this.spoken = this.spoken === text ? `${text}\u00a0` : text;
  }

  /** Whether what was done at `moment` is recent, and its undo bar was not waved away. */
  offersUndo(moment: string): boolean {
    return !this.away.includes(moment) && Date.now() - Date.parse(moment) < UNDO_BAR_MS;
  }

  /** Waves the undo bar away of what was done at `moment`. */
  waveAway(moment: string): void {
    this.away = [...this.away, moment];
  }

  /** Whether names and e-mails are hidden. */
  get isPrivate(): boolean {
    return this.known?.settings.private_notifications ?? false;
  }

  /** A profile with its name and remarks as they are, for a field in which the user changes them. */
  unveiled(id: ProfileId): ProfileRow | null {
    return this.known?.profiles.find((row) => row.id === id) ?? null;
  }

  /** The profile of this very name, whether or not names are shown. */
  named(name: string): ProfileRow | null {
    return this.profile(this.known?.profiles.find((row) => row.name === name)?.id ?? null);
  }

  /** A profile of the snapshot. */
  profile(id: ProfileId | null): ProfileRow | null {
    return this.snapshot?.profiles.find((row) => row.id === id) ?? null;
  }

  /** The sessions that run on a profile. */
  sessionsOf(row: ProfileRow): Session[] {
    // The host names profiles to sessions, and no two have the same name.
    return this.snapshot?.sessions.filter(({ profile }) => profile === row.name) ?? [];
  }

  /** A text as it is shown: a place on the disk, say, that may have an e-mail in it. */
  text(text: string): string {
    return this.veil?.text(text) ?? text;
  }

  private shown(failure: Failure): Failure {
    return this.veil?.failure(failure) ?? failure;
  }

  private receive(snapshot: Snapshot): void {
    // A reply and the channel race: the older of the two is dropped.
    if (this.known !== null && snapshot.revision < this.known.revision) return;
    const before = this.snapshot?.sign_in?.phase;
    this.known = snapshot;
    const phase = snapshot.sign_in?.phase;
    if (phase === "done" && before !== "done") this.say(words.signIn.done.title(this.snapshot?.sign_in?.email ?? null));
    if (this.page === "sign_in" && (phase === undefined || phase === "done")) this.leaveSignIn();
  }

  private startedWith(opening: Opening): boolean {
    const start = this.host.start;
    return start?.snapshot !== undefined && JSON.stringify(start.page) === JSON.stringify(opening);
  }

  private signInIsOpen(): boolean {
    const phase = this.snapshot?.sign_in?.phase;
    return phase !== undefined && phase !== "done";
  }
}

const [read, provide] = createContext<Lab>();

/** The lab of the component tree this is called in. */
export const useLab = read;
/** Gives a component tree its lab. */
export const provideLab = provide;
