// Which paths begin at a root.
import { expect, test } from "vitest";

import { isWhole } from "./path";

test.each([
  ["/media/stick/x", true],
  [" /x ", true],
  ["C:\\Users\\ada\\x", true],
  ["d:/x", true],
  ["\\\\server\\share\\x", true],
  ["", false],
  ["x", false],
  ["./x", false],
  ["~/x", false],
  ["C:x", false],
])("%j: %s", (path, whole) => expect(isWhole(path)).toBe(whole));
