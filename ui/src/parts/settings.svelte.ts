// Where the settings come from, and what they can be: looked up again with every snapshot, and changed one by one.
import { createContext } from "svelte";

import type { Settings } from "../generated/Settings";
import type { SettingRow } from "../generated/SettingRow";
import { useLab, type Lab } from "../host/lab.svelte";
import { words } from "../words";

/** The settings with all that is known of each. */
export class SettingTable {
  /** As they were told last, in the core's order. */
  rows = $state.raw<SettingRow[]>([]);
  private readonly byKey = $derived(new Map(this.rows.map((row) => [row.key, row])));
  private asked = 0;

  constructor(private readonly lab: Lab) {}

  /** Looks again; the last answer stays until the next one is there. */
  async look(): Promise<void> {
    const mine = ++this.asked;
    try {
      const reply = await this.lab.look({ method: "settings" });
      if (mine === this.asked && reply.kind === "settings") this.rows = reply.rows;
    } catch {
      // What is wrong with the file stands among the problems; the values are shown all the same.
    }
  }

  /** What is known of a setting; nothing before the first answer. */
  row(key: string): SettingRow | undefined {
    return this.byKey.get(key);
  }

  /** Whether the environment sets it, so that nothing here can. */
  isFixed(key: string): boolean {
    return this.row(key)?.source === "environment";
  }

  /** Changes settings. */
  async change(part: Partial<Settings>): Promise<void> {
    const settings = this.lab.snapshot?.settings;
    if (settings === undefined) return;
    if (await this.lab.attempt({ method: "set_settings", params: { settings: { ...settings, ...part } } })) this.lab.say(words.settings.saved);
  }

  /** Takes a setting back; says whether that was done. */
  async reset(key: string): Promise<boolean> {
    const done = await this.lab.attempt({ method: "set_setting", params: { key, value: null } });
    if (done) this.lab.say(words.setting.isDefault);
    return done;
  }
}

const [read, provide] = createContext<SettingTable>();

/** The table of the page this is called on. */
export const useSettings = read;

/** Makes a page's table, which follows the lab's snapshots. */
export function provideSettings(): SettingTable {
  const lab = useLab();
  const table = new SettingTable(lab);
  $effect(() => {
    void lab.snapshot;
    void table.look();
  });
  return provide(table);
}
