// A dialog's requests: one at a time, and what is refused is said even if the dialog was closed meanwhile.
import { onDestroy } from "svelte";

import type { Failure } from "../generated/Failure";
import type { Reply } from "../generated/Reply";
import type { Request } from "../generated/Request";
import { failureOf } from "../host/host";
import { useLab } from "../host/lab.svelte";

/** The requests of the component that made it. */
export class Asking {
  /** Whether one is under way. */
  busy = $state(false);
  /** Why the last one was refused, for the component to show. */
  failure = $state.raw<Failure | null>(null);
  /** Whether the component is still there. Closing a dialog calls nothing off. */
  open = true;
  private readonly lab = useLab();

  constructor() {
    onDestroy(() => (this.open = false));
  }

  /** Asks. `null` if it was refused: then `failure` says why, or the top of the page does once the component is gone. */
  async ask(request: Request): Promise<Reply | null> {
    this.busy = true;
    this.failure = null;
    try {
      return await this.lab.ask(request);
    } catch (reason) {
      const failure = failureOf(reason);
      if (this.open) this.failure = failure;
      else this.lab.tell(failure);
      return null;
    } finally {
      this.busy = false;
    }
  }
}
