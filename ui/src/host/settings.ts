// The settings as the scripted host has them: the same table as the core's, which a test compares with what the terminal prints. Not in a build.
import type { Allowed } from "../generated/Allowed";
import type { Failure } from "../generated/Failure";
import type { SettingRow } from "../generated/SettingRow";
import type { SettingSource } from "../generated/SettingSource";
import type { Snapshot } from "../generated/Snapshot";

const onOff: Allowed = { kind: "on_off" };
const command: Allowed = { kind: "command" };
const words = (...words: string[]): Allowed => ({ kind: "words", words });

const TABLE: [key: string, allowed: Allowed, variable?: string][] = [
  ["after_switch", words("ask", "when_idle", "restart", "leave")],
  ["notifications", onOff, "CODEX_LAB_NOTIFICATIONS"],
  ["autostart", onOff],
  ["shortcut", onOff],
  ["theme", words("system", "light", "dark"), "CODEX_LAB_THEME"],
  ["language", words("system", "en", "de"), "CODEX_LAB_LANGUAGE"],
  ["keep_alive", onOff, "CODEX_LAB_KEEP_ALIVE"],
  ["conservative", onOff, "CODEX_LAB_CONSERVATIVE"],
  ["http_only", onOff, "CODEX_LAB_HTTP_ONLY"],
  ["background_budget", { kind: "whole", least: 16, most: 1000, unit: "requests" }, "CODEX_LAB_BACKGROUND_BUDGET"],
  ["prime_apart_hours", { kind: "whole", least: 0, most: 24, unit: "hours" }],
  ["quiet_hours", { kind: "quiet_hours" }],
  ["private_notifications", onOff, "CODEX_LAB_PRIVATE_NOTIFICATIONS"],
  ["hooks.exhausted", command],
  ["hooks.fell_back", command],
  ["hooks.primed", command],
  ["hooks.reset", command],
  ["hooks.needs_sign_in", command],
  ["hooks.timeout_seconds", { kind: "whole", least: 1, most: 600, unit: "seconds" }],
  ["routing.strategy", words("sticky-best", "soonest-reset", "round-robin", "least-used", "random", "weighted", "priority")],
  ["routing.low", { kind: "whole", least: 1, most: 100, unit: "percent_above" }],
  ["routing.critical", { kind: "whole", least: 0, most: 99, unit: "percent_below" }],
  ["routing.api_key_fallback", onOff],
  ["routing.api_key_spend_cap_cents", { kind: "cents" }],
  ["routing.api_key_input_price_cents", { kind: "whole", least: 1, most: 1_000_000, unit: "cents_per_million" }],
  ["routing.api_key_output_price_cents", { kind: "whole", least: 1, most: 1_000_000, unit: "cents_per_million" }],
  ["routing.wait_for_reset", onOff],
];

type Values = Pick<Snapshot, "settings" | "routing">;

/** The value of a setting. */
function valueOf(values: Values, key: string): unknown {
  const [first = "", second] = key.split(".");
  const [of, name] = first === "routing" ? [values.routing, second] : second === undefined ? [values.settings, first] : [values.settings.hooks, second];
  return (of as unknown as Record<string, unknown>)[name ?? ""];
}

/** The values with one of them changed. */
function put(values: Values, key: string, value: unknown): Values {
  const [first = "", second = ""] = key.split(".");
  if (first === "routing") return { ...values, routing: { ...values.routing, [second]: value } };
  if (first === "hooks") return { ...values, settings: { ...values.settings, hooks: { ...values.settings.hooks, [second]: value } } };
  return { ...values, settings: { ...values.settings, [first]: value } };
}

function parsed(allowed: Allowed, text: string): unknown {
  const refused: Failure = { code: "invalid_input", message: `This setting can be: ${said(allowed)}.`, hints: ["`codex-lab settings` shows what each setting can be."] };
  const trimmed = text.trim();
  if (allowed.kind === "on_off") return trimmed === "on";
  if (trimmed === "none") return null;
  if (allowed.kind === "quiet_hours") {
    const [from, to] = trimmed.split("-");
    if (from === to) throw refused;
  }
  if (allowed.kind !== "whole") return trimmed;
  const number = Number(trimmed);
  if (!/^\d+$/.test(trimmed) || number < allowed.least || number > allowed.most) throw refused;
  return number;
}

const units = { requests: "requests per profile and day", hours: "hours", seconds: "seconds", percent_above: "percent, above routing.critical", percent_below: "percent, below routing.low", cents_per_million: "US cents for a million tokens" };

/** What a setting can be, as the core says it. */
function said(allowed: Allowed): string {
  switch (allowed.kind) {
    case "on_off":
      return "on, off";
    case "words":
      return allowed.words.join(", ");
    case "whole":
      return `${allowed.least} to ${allowed.most}, in ${units[allowed.unit]}`;
    case "cents":
      return "none, or US cents a month";
    case "quiet_hours":
      return "none, or from-to by your clock, as 22:00-07:00";
    case "command":
      return 'none, an absolute path, or a list such as ["/path","argument"]';
  }
}

/** Which settings the file and the environment name. */
export class SettingsKept {
  /** Named by the file. */
  readonly inFile = new Set<string>();
  /** Set by the environment. */
  readonly inEnvironment = new Set<string>();

  constructor(private readonly usual: Values) {}

  /** Every setting as it is now. */
  rows(now: Values): SettingRow[] {
    const source = (key: string): SettingSource => (this.inEnvironment.has(key) ? "environment" : this.inFile.has(key) ? "file" : "default");
    return TABLE.map(([key, allowed, variable]) => ({ key, value: valueOf(now, key), default: valueOf(this.usual, key), allowed, choices: said(allowed), source: source(key), variable: variable ?? null }));
  }

  /** One is set as it would be typed, or taken back. Throws what the core would refuse. */
  set(now: Values, key: string, text: string | null): Values {
    const [, allowed, variable] = TABLE.find(([known]) => known === key) ?? [];
    if (allowed === undefined) throw new RangeError(key);
    if (this.inEnvironment.has(key)) throw { code: "not_possible_now", message: `${variable} in the environment sets this, whatever config.toml says.`, hints: [] } satisfies Failure;
    const value = text === null ? valueOf(this.usual, key) : parsed(allowed, text);
    if (text === null) this.inFile.delete(key);
    else if (value !== valueOf(this.usual, key)) this.inFile.add(key);
    const { settings, routing } = put(now, key, value);
    return { settings, routing };
  }

  /** All were set. */
  changed(before: Values, after: Values): void {
    for (const [key] of TABLE) if (valueOf(before, key) !== valueOf(after, key)) this.inFile.add(key);
  }
}
