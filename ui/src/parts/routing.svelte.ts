// Changing the rules of routing: each change takes effect at once.
import type { RoutingSettings } from "../generated/RoutingSettings";
import { useLab } from "../host/lab.svelte";
import { words } from "../words";

/** Changes some of the rules; says whether that was done. A refusal is shown on top of the page. To be called while a component is made. */
export function useRules(): (part: Partial<RoutingSettings>, said?: string) => Promise<boolean> {
  const lab = useLab();
  return async (part, said = words.routing.saved) => {
    if (lab.snapshot === null) return false;
    const settings = { ...lab.snapshot.routing, ...part };
    const done = await lab.attempt({ method: "set_routing", params: { settings } });
    if (done) lab.say(said);
    return done;
  };
}
