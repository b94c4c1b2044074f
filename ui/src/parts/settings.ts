// Settings in words: a value, and what it can be.
import type { AfterSwitch } from "../generated/AfterSwitch";
import type { Allowed } from "../generated/Allowed";
import type { SettingRow } from "../generated/SettingRow";
import type { Strategy } from "../generated/Strategy";
import type { Theme } from "../generated/Theme";
import type { Language } from "../generated/Language";
import { words } from "../words";
import { dollars } from "../words/money";

/** A value of a setting as the page calls it. */
export function saidValue({ key, allowed }: Pick<SettingRow, "key" | "allowed">, value: unknown): string {
  if (value === null || value === undefined) return words.setting.none;
  if (typeof value === "boolean") return value ? words.setting.on : words.setting.off;
  if (Array.isArray(value)) return value.join(" ");
  if (allowed.kind === "cents") return `$${dollars(Number(value))}`;
  if (typeof value === "number") return words.setting.number(value);
  const word = String(value);
  switch (key) {
    case "after_switch":
      return words.afterSwitch[word as AfterSwitch].title;
    case "theme":
      return words.theme[word as Theme];
    case "language":
      return words.language[word as Language];
    case "routing.strategy":
      return words.routing.strategies[word as Strategy].title;
    default:
      return word;
  }
}

/** What a setting can be. */
export function saidAllowed({ key, allowed }: Pick<SettingRow, "key" | "allowed">): string {
  switch (allowed.kind) {
    case "on_off":
      return `${words.setting.on}, ${words.setting.off}`;
    case "words":
      return allowed.words.map((word) => saidValue({ key, allowed }, word)).join(", ");
    case "whole":
      return words.setting.range(allowed.least, allowed.most);
    default:
      return words.setting.kinds[allowed.kind as Exclude<Allowed["kind"], "on_off" | "words" | "whole">];
  }
}
