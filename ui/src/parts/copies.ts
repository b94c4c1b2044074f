// What can be said of a copy before it is put back.
import type { BackupItem } from "../generated/BackupItem";
import { words } from "../words";

/** What it is a copy of, with its owner's name. */
export function what(item: BackupItem): string {
  return item.name === null ? words.copies.of[item.of] : words.copies.named(words.copies.of[item.of], item.name);
}

/** How it stands to what is there now; `null` where that is not known, since it cannot be read. */
export function standing(item: BackupItem): string | null {
  const said = words.copies.standing;
  if (item.failure !== null) return null;
  if (item.current) return said.current;
  if (item.of === "index") return said.index;
  if (item.older) return said.older;
  return item.profile === null ? said.gone : said.newer;
}

/** What putting it back does. */
export function effect(item: BackupItem): string {
  const name = item.name ?? words.copies.itsAccount;
  if (item.of === "index") return words.copies.effect.index;
  return item.profile === null ? words.copies.effect.gone(name) : words.copies.effect.login(name);
}

/** Whether putting it back can cost the account's login. */
export function risky(item: BackupItem): boolean {
  return item.older && item.of !== "index";
}

/** Whether it can be put back, and that would change anything. */
export function usable(item: BackupItem): boolean {
  return item.failure === null && !item.current;
}
