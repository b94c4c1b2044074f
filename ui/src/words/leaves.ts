// What a language says, as a flat list, to compare two of them. Not in a build.

/** A sentence, or a function that makes one; its path is as in `accounts.find.none`. */
export interface Leaf {
  path: string;
  said: string | ((...given: never[]) => unknown);
}

/** All of a language's sentences. */
export function leavesOf(words: object, path = ""): Leaf[] {
  return Object.entries(words).flatMap(([key, said]): Leaf[] => {
    const here = path === "" ? key : `${path}.${key}`;
    if (typeof said === "string") return [{ path: here, said }];
    if (typeof said === "function") return [{ path: here, said: said as Leaf["said"] }];
    return typeof said === "object" && said !== null ? leavesOf(said, here) : [];
  });
}

/** What a function says of what it is given; nothing where it cannot be given this. */
export function saidOf(say: (...given: never[]) => unknown, given: unknown[]): string | null {
  try {
    const said = (say as (...given: unknown[]) => unknown)(...given);
    return typeof said === "string" ? said : null;
  } catch {
    return null;
  }
}
