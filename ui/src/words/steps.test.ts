// The window sends nobody to a terminal for what it does itself.
import { expect, test } from "vitest";

import { steps } from "./en/steps";

// What the gateway says is for its clients; what the doctor finds, the bundle for whoever helps, and uninstalling are for terminals.
const sources = import.meta.glob<string>(["../../../crates/core/src/**/*.rs", "!**/*tests.rs", "!**/gateway/**", "!**/doctor/**", "!**/autostart/**", "!**/{support,uninstall}.rs"], { query: "?raw", import: "default", eager: true });

/** Hints for a terminal that name what the window cannot do, or that it never shows. */
const leftToTerminals = [
  "Install it with `npm install -g @openai/codex`, or name its file: `codex-lab run -- /path/to/codex`.",
  "Make a profile the live login first: `codex-lab use NAME`.",
  "Say `codex-lab run -- codex`, or connect another client for good with `codex-lab connect`.",
  "Say what to start after two strokes: `codex-lab run -- codex`.",
  "Run `codex-lab doctor` to see what is wrong with the disk or the folder.",
  "End that program, or choose another port with `codex-lab serve --port NUMBER`.",
  "Start Codex Lab, or run `codex-lab serve` in another terminal.",
  "Put it there and make it executable, or take it out: codex-lab settings hooks.work none",
  "`codex-lab settings` shows what each setting can be.",
  "`codex-lab settings` lists them.",
  "`codex-lab why` lists the last sessions; give an id as it stands there, or how it begins.",
  // The doctor's word for a client that goes by another port.
  "Connect it again: codex-lab connect work",
  "Close the other sign-in (in a terminal with codex login, or in your editor), then try again.",
];
// An import's advice: the window has a note of its own for it.
const advice = /^A login that another tool goes on using /;

/** The sentences of the core that name a command, an option or the terminal, with a name where they take one. */
const named = Object.values(sources)
  .flatMap((source) => [...source.replaceAll(/^\s*\/\/.*$/gm, "").matchAll(/"((?:[^"\\]|\\[^])*)"/g)])
  .map(([, text]) => (text ?? "").replaceAll(/\\\n\s*/g, "").replaceAll(/\{\w*\}/g, "work"))
  .filter((text) => /^[A-Z`].* /.test(text) && /codex-lab [a-z]| --[a-z]|terminal|window of Codex Lab/.test(text) && !advice.test(text));

test("every hint of the core that is for a terminal is said in the window's way", () => {
  expect(named.length).toBeGreaterThan(30);
  const left = named.filter((hint) => /codex-lab [a-z]| --[a-z]|terminal|window of Codex Lab/.test(steps([hint]).join(" ")));
  expect([...new Set(left)].sort()).toEqual([...leftToTerminals].sort());
});

test.each([
  ["Sign in again: codex-lab login --again 'work'", "Choose “Sign in again” in the menu of work."],
  [
    "If the login of work no longer works, sign in again: codex-lab login --again 'work'",
    "If the login of work no longer works, choose “Sign in again” in the menu of work.",
  ],
  ["Sign in again: codex-lab login --again '$& it's'", "Choose “Sign in again” in the menu of $& it's."],
  ["Sign in with `codex-lab login`.", "Sign in with “Add account”."],
  ["`codex-lab list` shows the profiles.", "The Accounts page shows the profiles."],
  ["`codex-lab backup list` shows earlier copies.", "“Show copies…” on the Settings page shows earlier copies."],
  [
    "Bring logins from one machine to another with `codex-lab export` and `codex-lab restore`.",
    "Bring logins from one machine to another with “Export…” and “Restore…” on the Settings page.",
  ],
  ["Choose another name, or say --force to replace it.", "Choose another name, or choose “Replace that file”."],
  [
    "If it keeps its accounts elsewhere, name the file or folder: codex-lab import --from opencode PATH",
    "If it keeps its accounts elsewhere, name the file or folder under “Its place, if it is not the usual one”.",
  ],
  ["Unlock the keyring; signing in to the desktop usually does. Then run: codex-lab vault unlock", "Unlock the keyring; signing in to the desktop usually does. Then try again."],
  ["Try again and allow it: codex-lab vault unlock", "Try again and allow it."],
  [
    "To have them sealed, run `codex-lab vault move keyring` or `codex-lab vault move passphrase`.",
    "To have them sealed, choose “Change…” under “Where logins are kept” on the Settings page.",
  ],
  ["Or switch notifications off: codex-lab settings notifications off", "Or switch notifications off on the Settings page."],
  ["`codex-lab prime --history` shows what was done.", "“What was sent before”, in the account’s details, shows what was done."],
  ["Free some space; it is then saved by itself.", "Free some space; it is then saved by itself."],
])("%s", (hint, said) => expect(steps([hint])).toEqual([said]));

test("what only a script needs is left out", () => {
  const script = "In a terminal, each command that needs logins asks for it; a script pipes it in and says --vault-passphrase-stdin.";
  expect(steps([script, "The window of Codex Lab asks for it once."])).toEqual(["Give it once, on the Accounts page."]);
});
