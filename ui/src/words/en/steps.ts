// The next steps of a failure. The core names commands of the terminal; the window says where it does the same.
// What the core says is English in every language of the window; what is written on a button is as the window has it.
import { words } from "..";

// By what is named and not by code: one code has several next steps, and one step belongs to several codes.
function ways(): [RegExp, string][] {
  const accounts = `the ${words.nav.accounts} page`;
  const settings = `the ${words.nav.settings} page`;
  const signInAgain = `hoose “${words.profile.signIn}” in the menu of $1.`;
  return [
    // Accounts
    [/Sign in again: codex-lab login --again '(.+)'$/, `C${signInAgain}`],
    [/sign in again: codex-lab login --again '(.+)'$/, `c${signInAgain}`],
    [/`codex-lab login --api-key`/, `“${words.add.button}”, “${words.add.key}”`],
    [/`codex-lab login`/, `“${words.add.button}”`],
    [/^`codex-lab (?:list|sessions)`/, `T${accounts.slice(1)}`],

    // Copies
    [/`codex-lab backup list`/, `“${words.copies.show}” on ${settings}`],
    [/say --force; the login there now/, `choose “${words.copies.force}”; the login there now`],
    [/`codex-lab export` and `codex-lab restore`/, `“${words.copies.exportOpen}” and “${words.copies.restoreOpen}” on ${settings}`],
    [/`codex-lab export`/, `“${words.copies.exportOpen}” on ${settings}`],
    [/say --force to replace it/, `choose “${words.copies.replace}”`],

    // Logins of other tools
    [/: codex-lab import --from \S+ PATH$/, ` under “${words.import.place}”.`],
    [/: codex-lab import --from \S+ --passphrase$/, "."],
    [/`codex-lab import --from codex-lab-fork`/, `“${words.add.import}”`],
    [/`codex-lab import --dry-run`/, `“${words.import.find}”`],

    // Weeks
    [/`codex-lab prime --history`/, `“${words.prime.history}”, in the account’s details,`],
    [/^`codex-lab prime` shows what would be done about every profile\.$/, ""],

    // Being told
    [/: codex-lab settings notifications off$/, ` on ${settings}.`],

    // The vault
    [/\. Then run: codex-lab vault unlock$/, ". Then try again."],
    [/, then run: codex-lab vault unlock$/, ", then try again."],
    [/: codex-lab vault unlock$/, "."],
    [/run `codex-lab vault move keyring` or `codex-lab vault move passphrase`/, `choose “${words.vault.change}” under “${words.vault.title}” on ${settings}`],
    [/^In a terminal, each command .*$/, ""],
    [/^The window of Codex Lab asks for it once\.$/, `Give it once, on ${accounts}.`],
    [/^Unlock it in the window of Codex Lab\. A command .*$/, `Unlock it on ${accounts}.`],
  ];
}

/** The hints of a failure as the window says them. What only a terminal can do stays as it is. */
export function steps(hints: string[]): string[] {
  return hints.map((hint) => ways().reduce((said, [named, way]) => said.replace(named, way), hint)).filter((hint) => hint !== "");
}
