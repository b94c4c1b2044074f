// What the first page says.

/** The page's words. */
export const firstRun = {
  title: "Welcome to Codex Lab",
  lead: "Keep several OpenAI accounts of your own side by side and choose which one Codex uses. Codex itself stays as it is, and so does the login you have now.",
  found: "On this computer",
  looking: "Looking for logins…",
  nothing: "No login was found. You sign in to your first account next.",
  stance: {
    title: "For your own accounts, at your own responsibility",
    text: "OpenAI’s terms allow accounts of your own, but neither sharing them nor getting round rate limits or other restrictions. Using several accounts to get round limits can cost you the accounts; whether your use is allowed is for you to judge.",
    policies: { terms: "Terms of use", usage: "Usage policies" },
  },
  way: {
    title: "Who changes accounts",
    manual: { title: "Only you", text: "Nothing changes accounts by itself: you switch, and you can undo it. Sessions started through Codex Lab use the account that Codex uses." },
    automatic: {
      title: "Codex Lab, for sessions started through it",
      text: "Where an account runs out or fails, such a session goes on with another one. The account that Codex itself uses is still changed by you alone.",
    },
    later: "The Routing page and the tray change this at any time.",
  },
  go: (n: number) => (n === 1 ? "I understand, keep 1 login" : `I understand, keep ${n} logins`),
  goOn: "I understand, continue",
  signIn: "I understand, sign in",
  busy: "Getting ready…",
};
