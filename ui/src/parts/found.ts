// What can be said of a login that was found, without asking anyone.
import type { ImportItem } from "../generated/ImportItem";
import type { ImportOutcome } from "../generated/ImportOutcome";
import { planName, words } from "../words";

/** Whether an import of it would change anything. */
export function usable(item: ImportItem): boolean {
  return item.outcome === "added" || item.outcome === "updated";
}

/** What would happen to it. */
export function fate(item: ImportItem): string {
  if (item.outcome === "updated" && item.name !== null) return words.import.updates(item.name);
  if (item.outcome === "unchanged") return item.name === null ? words.import.elsewhere : words.import.hereAs(item.name);
  return words.importWould[item.outcome];
}

/** Whose it is, in short. */
export function who(item: ImportItem): string {
  return item.email ?? item.name ?? words.import.noAccount;
}

/** Its plan and workspace: two workspaces can share an e-mail. */
export function seat(item: ImportItem): string {
  const parts = [item.plan === null ? null : planName(item.plan), item.workspace === null ? null : words.import.workspace(item.workspace)];
  return parts.filter((part) => part !== null).join(" · ");
}

/** The tool and the place it was found in. */
export function where(item: ImportItem): string {
  return item.from === null ? item.source : `${words.importSource[item.from]}, ${item.source}`;
}

/** How many items ended how. */
export function counted(items: readonly ImportItem[]): Record<ImportOutcome, number> {
  const count: Record<ImportOutcome, number> = { added: 0, updated: 0, unchanged: 0, skipped: 0, failed: 0 };
  for (const item of items) count[item.outcome] += 1;
  return count;
}
