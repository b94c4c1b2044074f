// Paths the user types. The window has no folder of its own that a short one could start from.

/** Whether it begins at a root: `/…`, `C:\…` or `\\server\…`. */
export function isWhole(path: string): boolean {
  return /^(\/|[A-Za-z]:[\\/]|\\\\)/.test(path.trim());
}
