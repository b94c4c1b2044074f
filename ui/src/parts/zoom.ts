// How large everything is drawn: Ctrl or ⌘ with plus, minus and nought, as in a browser. It is kept for the next window.
import type { Host } from "../host/host";

/** In percent. */
const STEPS = [100, 110, 125, 150, 175, 200];
const KEPT = "zoom";

/** What is drawn after a key, from what is drawn now, in percent; `null` for any other key. */
export function zoomed(event: Pick<KeyboardEvent, "key" | "ctrlKey" | "metaKey" | "altKey">, now: number): number | null {
  if (event.altKey || !(event.ctrlKey || event.metaKey)) return null;
  switch (event.key) {
    case "+":
    case "=":
      return STEPS.find((step) => step > now) ?? now;
    case "-":
      return STEPS.findLast((step) => step < now) ?? now;
    case "0":
      return 100;
    default:
      return null;
  }
}

/** Draws as it was last time, and follows the keys until the returned function is called. */
export function followZoom(host: Host): () => void {
  let now = kept();
  if (now !== 100) void host.zoom(now).catch(() => {});
  const onKey = (event: KeyboardEvent) => {
    const next = zoomed(event, now);
    if (next === null) return;
    event.preventDefault();
    now = next;
    // Whoever sees no change presses again.
    void host.zoom(now).catch(() => {});
    try {
      localStorage.setItem(KEPT, String(now));
    } catch {
      // Then it is for this window alone.
    }
  };
  window.addEventListener("keydown", onKey);
  return () => window.removeEventListener("keydown", onKey);
}

function kept(): number {
  try {
    const step = Number(localStorage.getItem(KEPT));
    return STEPS.includes(step) ? step : 100;
  } catch {
    return 100;
  }
}
