// Reads the history: on opening, when another time is chosen, when asked to, and now and then when something has changed.
import { onDestroy } from "svelte";

import type { Failure } from "../generated/Failure";
import type { UsageHistory } from "../generated/UsageHistory";
import { failureOf } from "../host/host";
import { useLab } from "../host/lab.svelte";

/** What changes by itself is read no more often than this. */
const SELDOM_MS = 30_000;

/** The history, as long as the component lives that made it. */
export class Reading {
  /** `null` until it has been read once. While another one is read, the last one stays. */
  history = $state.raw<UsageHistory | null>(null);
  /** Why it could not be read. */
  failure = $state.raw<Failure | null>(null);
  /** Whether it is being read. */
  busy = $state(false);
  private hours = 0;
  private asked = 0;
  private turn = 0;
  private revision: number | null = null;
  private timer: ReturnType<typeof setTimeout> | null = null;
  private readonly lab = useLab();

  constructor() {
    onDestroy(() => {
      this.turn += 1;
      this.calm();
    });
  }

  /** Reads the last so many hours. */
  async read(hours: number): Promise<void> {
    this.calm();
    this.hours = hours;
    this.asked = Date.now();
    const turn = ++this.turn;
    this.busy = true;
    try {
      const reply = await this.lab.look({ method: "usage_history", params: { profile: null, hours } });
      if (turn !== this.turn) return;
      if (reply.kind === "usage_history") this.history = reply.history;
      this.failure = null;
    } catch (reason) {
      if (turn === this.turn) this.failure = failureOf(reason);
    } finally {
      if (turn === this.turn) this.busy = false;
    }
  }

  /** Something has changed: reads again, at once or as soon as that is not too often. */
  changed(revision: number): void {
    const first = this.revision === null;
    if (this.revision === revision) return;
    this.revision = revision;
    if (first || this.timer !== null) return;
    const rest = Math.max(0, this.asked + SELDOM_MS - Date.now());
    this.timer = setTimeout(() => void this.read(this.hours), rest);
  }

  private calm(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
  }
}
