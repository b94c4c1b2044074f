// The time of day for what counts down on the screen.
import { onDestroy } from "svelte";

/** The time, as long as the component lives that made it. */
export class Clock {
  /** Milliseconds since 1970. */
  now = $state(Date.now());

  /** Ticks every `every` milliseconds. */
  constructor(every = 1000) {
    const timer = setInterval(() => (this.now = Date.now()), every);
    onDestroy(() => clearInterval(timer));
  }
}
