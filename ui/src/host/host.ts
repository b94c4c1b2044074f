// What the pages need from the program around them. Nothing else in the window talks to the outside.
import type { Failure } from "../generated/Failure";
import type { Reply } from "../generated/Reply";
import type { Request } from "../generated/Request";
import type { Snapshot } from "../generated/Snapshot";

/** What the program asks the window to show. */
export type Opening = "accounts" | "sign_in" | "routing" | { link: LinkAsks | null };

/** What a link asks for; `null` where it asks for nothing that there is. */
export type LinkAsks = "add" | { switch: string } | { page: "accounts" | "usage" | "routing" | "activity" | "settings" };

/** What the program hands over with the window, so that nothing has to be asked before something is drawn. */
export interface Start {
  page: Opening;
  /** Not there where the program did not know it yet. */
  snapshot?: Snapshot;
}

/** The program around the pages. */
export interface Host {
  /** What it handed over with the window. */
  readonly start: Start | null;
  /** Asks for something. Rejects with a `Failure`. */
  call(request: Request): Promise<Reply>;
  /** Hands over the current snapshot at once and every later one, until the returned function is called. */
  subscribe(onSnapshot: (snapshot: Snapshot) => void): Promise<() => void>;
  /** What it asked last to be shown. */
  opening(): Promise<Opening>;
  /** Tells when the program asks for another page, until the returned function is called. */
  onShowPage(show: (opening: Opening) => void): Promise<() => void>;
  /** Puts text on the clipboard. */
  copy(text: string): Promise<void>;
  /** Draws everything so much larger, in percent. */
  zoom(percent: number): Promise<void>;
}

/** What a rejected promise holds, as a `Failure`: everything but a `Failure` is a mistake of ours. */
export function failureOf(reason: unknown): Failure {
  if (isFailure(reason)) return reason;
  return {
    code: "internal",
    message: "Codex Lab did not understand its own answer.",
    hints: ["Try again.", "Close Codex Lab and start it again if this goes on."],
  };
}

function isFailure(reason: unknown): reason is Failure {
  if (typeof reason !== "object" || reason === null) return false;
  const candidate = reason as Partial<Failure>;
  return typeof candidate.code === "string" && typeof candidate.message === "string" && Array.isArray(candidate.hints);
}
