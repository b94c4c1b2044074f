// Everything the window says, in English.
import type { AfterSwitch } from "../generated/AfterSwitch";
import type { LiveState } from "../generated/LiveState";
import type { ProfileState } from "../generated/ProfileState";
import type { SessionChoice } from "../generated/SessionChoice";
import type { SessionKind } from "../generated/SessionKind";
import type { SignInPhase } from "../generated/SignInPhase";
import type { Theme } from "../generated/Theme";
import { activity } from "./en/activity";
import { clients } from "./en/clients";
import { copies } from "./en/copies";
import { background } from "./en/background";
import { details } from "./en/details";
import { failure } from "./en/failures";
import { importing, importOutcome, importSource, importWould, leftovers, paste } from "./en/imports";
import { link } from "./en/link";
import { prime } from "./en/prime";
import { quota } from "./en/quota";
import { routing } from "./en/routing";
import { language, setting } from "./en/setting";
import { firstRun } from "./en/first-run";
import { locale, times } from "./en/times";
import { usage } from "./en/usage";
import { moment, passphrase, vault } from "./en/vault";

const profileState: Record<ProfileState, string> = {
  ready: "Ready",
  paused: "Paused",
  needs_sign_in: "Needs sign-in",
  unreadable: "Login unreadable",
  locked: "Locked",
};

const live: Record<LiveState, { title: string; text: string }> = {
  profile: { title: "Codex is using", text: "" },
  none: { title: "Codex is signed out", text: "No login is live on this computer. Choose an account below to use it." },
  unknown: {
    title: "A login Codex Lab does not know yet",
    text: "Codex keeps using it and it stays as it is. Keep it as a profile to be able to switch back to it.",
  },
  unreadable: { title: "Live login", text: "" },
  elsewhere: { title: "Live login", text: "" },
};

const phase: Record<SignInPhase, string> = {
  starting: "Getting ready…",
  waiting: "Waiting for you to sign in",
  finishing: "Almost there: saving the login…",
  other_account: "This is another account",
  done: "Signed in",
  failed: "The sign-in did not work",
};

const sessionKind: Record<SessionKind, string> = {
  interactive: "Codex conversation",
  standalone: "Codex conversation without a daemon",
  exec: "codex exec",
  daemon: "Codex daemon",
  app_server: "Editor or other app",
};

const sessionChoice: Record<SessionChoice, string> = {
  leave: "Leave",
  when_idle: "When idle",
  restart: "Restart now",
};

const sessionChosen: Record<SessionChoice, string> = {
  leave: "Goes on with the account it started with.",
  when_idle: "Follows as soon as it is not working on anything.",
  restart: "Restarting. Open conversations are kept.",
};

const afterSwitch: Record<AfterSwitch, { title: string; text: string }> = {
  ask: { title: "Ask me", text: "Codex goes on as it is until you choose on the Accounts page." },
  when_idle: { title: "Restart Codex when it is idle", text: "Waits until nothing is running. Open conversations are kept." },
  restart: { title: "Restart Codex at once", text: "What is running is interrupted. Open conversations are kept." },
  leave: { title: "Leave Codex alone", text: "Nothing is restarted. What goes through a running daemon stays on the old account, new conversations too." },
};

const theme: Record<Theme, string> = { system: "As the system", light: "Light", dark: "Dark" };

const numbers = new Intl.NumberFormat(locale);
const count = (n: number) => numbers.format(n);

export const words = {
  /** How numbers and dates are written. */
  locale,
  times,
  app: "Codex Lab",
  nav: { label: "Pages", accounts: "Accounts", usage: "Usage", routing: "Routing", activity: "Activity", settings: "Settings" },
  copied: "Copied.",
  dismiss: "Dismiss",
  cancel: "Cancel",
  close: "Close",
  undo: "Undo",
  loading: "Opening Codex Lab…",
  tryAgain: "Try again",
  checkAgain: "Check again",
  apiKey: "API key",
  failure,
  profileState,
  importOutcome,
  theme,
  afterSwitch,
  importWould,
  importSource,
  leftovers,
  paste,
  background,
  link,
  prime,
  details,
  vault,
  passphrase,
  clients,
  copies,
  quota,
  routing,
  setting,
  language,
  activity,
  usage,
  import: importing,

  hidden: {
    profile: (place: number) => `Profile ${place}`,
    other: "Another profile",
    name: "Its name is hidden",
    show: "Show the name",
    remarks: "Its label and its note are hidden.",
    showRemarks: "Show them",
  },

  firstRun,

  accounts: {
    title: "Accounts",
    live: {
      region: "Live login",
      states: live,
      home: "Codex home",
      keep: "Keep as a profile",
      kept: "Kept as a profile.",
      signOut: "Sign out locally",
      signOutText: "Sets this login aside so that Codex has none. Nothing is revoked; undo brings it back.",
      undoSwitch: "Undo last switch",
      noEmail: "No e-mail known",
    },
    list: "Profiles",
    count: (n: number) => (n === 1 ? "1 account" : `${count(n)} accounts`),
    orderHint: "Drag to reorder, or press Alt with the up or down arrow.",
    orderOff: "To move an account, choose “My order” and clear the search.",
    find: {
      label: "Search accounts",
      placeholder: "Name, e-mail, plan, note or label",
      hits: (n: number, of: number) => `${count(n)} of ${count(of)} accounts`,
      none: "No account has all of these words.",
      sort: "Sort by",
      sorts: { own: "My order", name: "Name", state: "State", left: "What is left", reset: "Next reset" },
    },
    renameHint: "F2 renames.",
    empty: {
      title: "No accounts yet",
      text: "Add your first one. Your browser opens, you sign in with ChatGPT, and the account appears here.",
      keep: "Or keep the login that Codex uses now, above.",
    },
  },

  profile: {
    live: "In use",
    use: "Use",
    useName: (name: string) => `Use ${name}`,
    resume: "Resume",
    resumeName: (name: string) => `Resume ${name}`,
    signIn: "Sign in again",
    signInName: (name: string) => `Sign in to ${name} again`,
    more: (name: string) => `More for ${name}`,
    unlock: "Unlock…",
    unlockName: (name: string) => `Unlock the logins, to use ${name}`,
    rename: "Rename",
    edit: "Edit details…",
    renew: "Renew now",
    renewed: (name: string) => `Renewed the login of ${name}.`,
    drain: "Drain",
    drainStop: "Take new sessions again",
    drains: "Draining",
    drainsText: "Finishes what runs and takes nothing new.",
    personal: "Personal",
    workspace: (id: string) => `Workspace ${id}`,
    workspaceText: (id: string) => `The provider’s id of the workspace: ${id}`,
    colour: (colour: string) => `Marked ${colour.toLowerCase()}`,
    resting: (until: string) => `Could not be renewed just now; next try ${moment(until)}.`,
    unsaved: "Renewed login is not saved yet: it is in use from memory, and saved as soon as that is possible. Leave Codex Lab running until then.",
    alsoIn: (places: string) => `This login is also in ${places}. Whichever of the two renews it first takes it from the other.`,
    alsoInStep: "Stop using it there without signing out, which may end it for both; or sign in again here for a login of its own.",
    pause: "Pause",
    up: "Move up",
    down: "Move down",
    remove: "Remove…",
    handle: (name: string, at: number, of: number) => `Move ${name}, position ${at} of ${of}`,
    moved: (name: string, at: number, of: number) => `${name} is now at position ${at} of ${of}.`,
    nowLive: (name: string) => `Codex now uses ${name}.`,
    nameOf: (name: string) => `New name for ${name}`,
    save: "Save name",
    cancelRename: "Keep the old name",
    renamed: (name: string) => `Renamed to ${name}.`,
  },

  add: {
    button: "Add account",
    other: "Other ways to add an account",
    device: "With a device code",
    key: "With an API key…",
    import: "Import logins…",
    paste: "Paste an auth.json…",
  },

  key: {
    title: "Add an API key",
    text: "It is checked once with OpenAI. Use of an API key is paid for by use, apart from any ChatGPT plan.",
    field: "API key",
    show: "Show the key",
    hide: "Hide the key",
    save: "Check and add",
    busy: "Checking…",
  },

  remove: {
    title: (name: string) => `Remove ${name}?`,
    live: "Codex uses this account now. It gets the next one that can be used, or no login where there is none.",
    forget: "Forget here",
    forgetText: "The profile leaves this list. Its login stays valid at OpenAI, and you can undo this.",
    signOut: "Sign out on the server",
    signOutText: "The login also ends at OpenAI, wherever this copy of it is used. A copy of it in another tool stops working too. This cannot be undone; you would sign in again.",
    keyText: "The key is only forgotten here. To end it, delete it on OpenAI’s platform page.",
    confirm: { forget: "Forget here", signOut: "Sign out and remove" },
    done: (name: string) => `Removed ${name}.`,
  },

  undoBar: {
    region: "Undo",
    switched: (name: string) => `Switched to ${name}`,
    signedOut: "Signed out locally",
    back: (name: string | null) => (name === null ? "Undo, back to no login" : `Undo, back to ${name}`),
    removed: (name: string) => `Removed ${name}`,
    bringBack: (name: string) => `Undo, bring ${name} back`,
  },

  problems: { title: "Needs your attention" },

  sessions: {
    title: "Still on the old account",
    text: "These were running when you switched. Restarting keeps open conversations.",
    kind: sessionKind,
    choice: sessionChoice,
    chosen: sessionChosen,
    onlyLeave: "Goes on with its account until it ends.",
    choose: (what: string) => `What happens to ${what}`,
    old: (n: number) => (n === 1 ? "1 session on the old account" : `${n} sessions on the old account`),
    on: (profile: string) => `on ${profile}`,
    pid: (pid: number) => `process ${pid}`,
    count: (n: number) => (n === 1 ? "1 session" : `${count(n)} sessions`),
    countOf: (n: number, name: string) => (n === 1 ? `1 session runs on ${name}` : `${count(n)} sessions run on ${name}`),
    of: (name: string) => `Sessions on ${name}`,
    ofOld: "Those that started before the last switch still use this account. Restarting keeps open conversations.",
    ofNone: "No session runs on this account any more.",
    since: (when: string) => `Since ${when}.`,
    fine: (n: number) => (n === 1 ? "1 other running session already uses the live login." : `${n} other running sessions already use the live login.`),
    running: (n: number) => (n === 1 ? "1 Codex session is running on the live login." : `${n} Codex sessions are running on the live login.`),
  },

  signIn: {
    back: "Back to accounts",
    add: "Add account",
    again: (name: string) => `Sign in to ${name} again`,
    phase,
    running: "A sign-in is waiting for you.",
    show: "Show",
    waiting: "Sign in with ChatGPT on the page that opened in your browser. This window notices by itself.",
    noBrowser: "No browser could be started. Copy the link below and open it in a browser yourself; this window notices when you have signed in.",
    link: "Sign-in link",
    copy: "Copy link",
    open: "Open again",
    second: "Your browser may still be signed in to another account. To sign in with a different one, copy the link into a private window.",
    expect: (email: string) => `Sign in as ${email}.`,
    left: "Time left",
    device: "Use a device code instead",
    browser: "Use the browser instead",
    elsewhere: "Signing in on another computer?",
    elsewhereText: "Open the link there. After signing in, that browser ends at a page it cannot show. Copy its whole address and paste it here.",
    elsewhereField: "Address it ended at",
    elsewherePlaceholder: "http://127.0.0.1:1455/auth/callback?…",
    elsewhereGo: "Continue",
    code: "Your code",
    codeText: "Open this page on any device, sign in with ChatGPT and type the code.",
    codeWarning: "Never type a code somebody else sent you.",
    copyCode: "Copy code",
    picture: (url: string) => `QR code: a phone’s camera opens ${url}`,
    pictureHint: "Or point a phone’s camera at this.",
    openPage: "Open the page",
    page: "Page for the code",
    otherRunning: "Another sign-in is still open, shown below.",
    replace: "Start the new one instead",
    other: {
      text: (email: string, name: string) => `You signed in as ${email}, which is not the account of ${name}. Nothing has been changed yet.`,
      unknown: "another account",
      add: "Add as a new profile",
      discard: "Discard",
    },
    done: {
      title: (email: string | null) => (email === null ? "Signed in" : `Signed in as ${email}`),
      created: "New profile",
      renewed: "Signed in again",
      close: "Done",
      rename: "Rename",
    },
    retry: "Try again",
  },

  settings: {
    title: "Settings",
    afterSwitch: "After a switch",
    afterSwitchText: "A Codex that is running keeps its account until it is restarted.",
    appearance: "Appearance",
    desktop: "Desktop",
    notifications: "Notifications",
    notificationsText: "When an account is low or out of quota, when another one goes on for it, and when one needs to sign in.",
    privateNotifications: "Without names",
    privateNotificationsText: "This window, the tray’s menu and notifications show no names and no e-mails: “Profile 2 is out of quota.”",
    quietHours: "Quiet hours",
    quietHoursText: "What can wait comes in one notification when they are over. That every account is out, or that one needs you, is told all the same.",
    quietFrom: "From",
    quietTo: "To",
    hooks: "Programs that are run on an event",
    hooksText: "Set with codex-lab settings, or in config.toml.",
    autostart: "Start with the computer",
    autostartText: "Codex Lab waits in the tray; no window opens.",
    shortcut: "A key that opens this window",
    shortcutText: "Your desktop is asked for one, whatever is in front, and may ask you which it is to be.",
    shortcutAsking: "Your desktop was asked.",
    shortcutBound: (trigger: string) => `On this desktop: ${trigger}`,
    shortcutOn: "On. Which key it is stands in your desktop’s settings.",
    background: "In the background",
    keepAlive: "Keep idle logins alive",
    keepAliveText: "A login that nobody uses is renewed now and then, so that it does not run out; never one that another tool uses too.",
    conservative: "Send nothing in the background",
    conservativeText: "No question for quota, no idle login kept alive, no week started. What is left is read only from the answers that Codex gets and from its logs.",
    httpOnly: "Plain HTTP only",
    httpOnlyText: "The gateway offers Codex no WebSockets. For networks that break them.",
    language: "Language",
    languageText: "This window speaks it at once. The tray’s menu, notifications and what went wrong are English.",
    about: "About",
    home: "Codex Lab keeps everything in",
    codexHome: "Codex home",
    terms: "About using several accounts",
    saved: "Saved.",
  },

  time: {
    left: (minutes: number, seconds: number) => `${minutes}:${String(seconds).padStart(2, "0")}`,
    leftSpoken: (minutes: number) => (minutes === 1 ? "One minute left to sign in." : `${minutes} minutes left to sign in.`),
    over: "0:00",
  },
};
