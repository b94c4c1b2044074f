// The names by which tests find things in the window (`data-test`). They stay the same between versions.

export const mark = {
  // Frame
  page: "page", // with data-page="first_run | accounts | sign_in | usage | routing | settings"
  navAccounts: "nav-accounts",
  navUsage: "nav-usage",
  navActivity: "nav-activity",
  navRouting: "nav-routing",
  navSettings: "nav-settings",
  announcer: "announcer",
  refusal: "refusal",
  refusalDismiss: "refusal-dismiss",
  refusalAgain: "refusal-again",
  unreachable: "unreachable",
  unreachableRetry: "unreachable-retry",

  // A link's question
  link: "link",
  linkCancel: "link-cancel",
  linkConfirm: "link-confirm",

  // First run
  firstRunContinue: "first-run-continue",
  firstRunLater: "first-run-later",
  firstRunLooking: "first-run-looking",
  firstRunNothing: "first-run-nothing",
  firstRunWay: "first-run-way", // the value follows: first-run-way-manual, first-run-way-automatic
  policy: "policy", // the value follows: policy-terms, policy-usage

  // Live login
  live: "live", // with data-state
  liveName: "live-name",
  liveEmail: "live-email",
  liveHome: "live-home",
  liveKeep: "live-keep",
  liveSignOut: "live-sign-out",
  liveSessions: "live-sessions",
  liveUndo: "live-undo",
  liveCheckAgain: "live-check-again",

  // Profiles
  profiles: "profiles",
  findField: "find-field",
  findSort: "find-sort",
  findHits: "find-hits",
  empty: "empty",
  profile: "profile", // with data-profile (id), data-name, data-state and data-live
  profileName: "profile-name",
  profileEmail: "profile-email",
  profilePlan: "profile-plan",
  profileWorkspace: "profile-workspace",
  profileSessions: "profile-sessions",
  profileState: "profile-state",
  profileLive: "profile-live",
  quota: "quota", // with data-known
  quotaMore: "quota-more",
  meter: "meter", // with data-minutes and data-note
  profileHandle: "profile-handle",
  profileUse: "profile-use",
  profileResume: "profile-resume",
  profileSignIn: "profile-sign-in",
  profileMenu: "profile-menu",
  profileMenuRename: "profile-menu-rename",
  profileMenuPause: "profile-menu-pause",
  profileMenuResume: "profile-menu-resume",
  profileMenuDrain: "profile-menu-drain", // takes it back as well
  profileMenuSignIn: "profile-menu-sign-in",
  profileMenuUp: "profile-menu-up",
  profileMenuDown: "profile-menu-down",
  profileMenuRemove: "profile-menu-remove",
  nameField: "name-field",
  nameSave: "name-save",
  nameCancel: "name-cancel",
  nameError: "name-error",
  nameShow: "name-show",

  // Add account
  add: "add-account",
  addMenu: "add-account-menu",
  addDevice: "add-account-device",
  addKey: "add-account-key",
  addImport: "add-account-import",
  addPaste: "add-account-paste",
  dialogClose: "dialog-close",
  dialogError: "dialog-error",
  keyField: "key-field",
  keyShow: "key-show",
  keySave: "key-save",
  importPath: "import-path",
  importFile: "import-file",
  importChoose: "import-choose",
  importStart: "import-start",
  pasteText: "paste-text",
  pasteStart: "paste-start",
  importItem: "import-item", // with data-outcome
  importDone: "import-done",

  // Remove
  removeForget: "remove-forget",
  removeSignOut: "remove-sign-out",
  removeConfirm: "remove-confirm",
  removeCancel: "remove-cancel",

  // Undo bars
  undoSwitchBar: "undo-switch-bar",
  undoSwitch: "undo-switch",
  undoSwitchDismiss: "undo-switch-dismiss",
  undoRemoveBar: "undo-remove-bar",
  undoRemove: "undo-remove",
  undoRemoveDismiss: "undo-remove-dismiss",

  // Problems
  problem: "problem", // with data-code
  problemsCheckAgain: "problems-check-again",

  // Sessions
  session: "session", // with data-pid and data-kind
  sessionsOf: "sessions-of", // in a dialog, with data-name
  sessionLeave: "session-leave",
  sessionWhenIdle: "session-when-idle",
  sessionRestart: "session-restart",

  // Sign-in
  signIn: "sign-in", // with data-phase and data-method
  signInBack: "sign-in-back",
  signInNoBrowser: "sign-in-no-browser",
  signInLink: "sign-in-link",
  signInCopy: "sign-in-copy",
  signInOpen: "sign-in-open",
  signInCode: "sign-in-code",
  signInCopyCode: "sign-in-copy-code",
  signInPicture: "sign-in-picture",
  signInCountdown: "sign-in-countdown",
  signInDevice: "sign-in-device",
  signInBrowser: "sign-in-browser",
  signInElsewhere: "sign-in-elsewhere",
  signInPasteField: "sign-in-paste-field",
  signInPaste: "sign-in-paste",
  signInPasteError: "sign-in-paste-error",
  signInCancel: "sign-in-cancel",
  signInReplace: "sign-in-replace",
  signInAdd: "sign-in-add",
  signInDiscard: "sign-in-discard",
  signInFailure: "sign-in-failure", // with data-code
  signInRetry: "sign-in-retry",
  signInDismiss: "sign-in-dismiss",
  signInRunning: "sign-in-running",
  signInShow: "sign-in-show",
  signInDone: "sign-in-done",
  signInDoneName: "sign-in-done-name",
  signInDoneRename: "sign-in-done-rename",
  signInDoneClose: "sign-in-done-close",

  // Settings
  afterSwitch: "after-switch", // the value follows: after-switch-ask, …
  theme: "theme", // the value follows: theme-dark, …
  notifications: "notifications",
  privateNotifications: "private-notifications",
  quietHours: "quiet-hours",
  quietFrom: "quiet-from",
  quietTo: "quiet-to",
  hooks: "hooks",
  autostart: "autostart",
  shortcut: "shortcut",
  shortcutState: "shortcut-state",
  settingsTerms: "settings-terms",
  keepAlive: "keep-alive",
  conservative: "conservative",
  background: "background",
  backgroundUsed: "background-used",
  backgroundBudget: "background-budget",
  primeApart: "prime-apart",
  quietError: "quiet-error",
  httpOnly: "http-only",
  language: "language", // the value follows: language-de, …
  settingNote: "setting-note", // with data-setting and data-source
  settingReset: "setting-reset", // with data-setting
  allSettings: "all-settings",
  settingRow: "setting-row", // with data-setting and data-source
  settingRowReset: "setting-row-reset",

  // Routing
  gateway: "gateway", // with data-state
  weights: "weights",
  weight: "weight", // with data-name
  weightsAlike: "weights-alike",
  share: "share",
  strategy: "strategy", // the value follows: strategy-sticky-best, …
  next: "next",
  nextWho: "next-who",
  verdicts: "verdicts",
  verdict: "verdict", // with data-profile and data-eligible
  force: "force", // with data-on
  forceProfile: "force-profile",
  forceSpan: "force-span",
  forceStrict: "force-strict",
  forceGo: "force-go",
  forceLeft: "force-left",
  forceStop: "force-stop",
  forceBanner: "force-banner",
  forceBannerStop: "force-banner-stop",
  orderRow: "order-row", // with data-profile and data-name
  orderUp: "order-up",
  orderDown: "order-down",
  orderReset: "order-reset",
  low: "threshold-low",
  critical: "threshold-critical",
  thresholdsOrder: "thresholds-order",
  thresholdsError: "thresholds-error",
  thresholdsSave: "thresholds-save",
  waitForReset: "wait-for-reset",
  apiKeyFallback: "api-key-fallback",
  apiKeyBanner: "api-key-banner",
  apiKeyBannerChange: "api-key-banner-change",
  cap: "cap",
  inputPrice: "input-price",
  outputPrice: "output-price",
  spent: "spent",
  capSave: "cap-save",
  capError: "cap-error",
  folders: "folders", // and folders-add, -row with data-name, -remove, -name, -error
  walls: "walls", // likewise
  profileCheck: "profile-check", // with data-name
  setCancel: "set-cancel",
  setAdd: "set-add",
  decision: "decision",
  decisionOpen: "decision-open",
  whyAgain: "why-again",
  whyMore: "why-more",
  sessionPin: "session-pin",
  sessionUnpin: "session-unpin",

  // Usage
  usage: "usage", // with data-known
  usageRefresh: "usage-refresh",
  usageWindow: "usage-window", // the value follows: usage-window-10080, …
  usageSpan: "usage-span", // the value follows: usage-span-24, …
  usageChart: "usage-chart", // with data-lines
  usageTip: "usage-tip",
  usageSome: "usage-some",
  usageRow: "usage-row", // with data-profile (id, or all)
  usageShow: "usage-show",
  usageMore: "usage-more",
  usagePoints: "usage-points",
  usagePoint: "usage-point",
  usagePointsMore: "usage-points-more",
  usageCsv: "usage-csv",
  usageJson: "usage-json",

  // Vault
  vault: "vault", // with data-mode and data-state
  vaultState: "vault-state",
  vaultNotice: "vault-notice", // with data-state
  vaultFailure: "vault-failure", // with data-code
  vaultPassphrase: "vault-passphrase",
  vaultUnlock: "vault-unlock",
  vaultLock: "vault-lock",
  vaultChange: "vault-change",
  vaultMode: "vault-mode", // the value follows: vault-mode-file, …
  vaultNew: "vault-new-passphrase",
  vaultAgain: "vault-passphrase-again",
  vaultCancel: "vault-cancel",
  vaultMove: "vault-move",

  // Details
  profileMenuDetails: "profile-menu-details",
  profileMenuRenew: "profile-menu-renew",
  profileUnlock: "profile-unlock",
  profileColour: "profile-colour",
  profileLabel: "profile-label",
  profileDraining: "profile-draining",
  profileNote: "profile-note", // with data-kind
  detailsLabel: "details-label",
  detailsNote: "details-note",
  detailsShow: "details-show",
  detailsColour: "details-colour", // the value follows: details-colour-blue, …
  detailsWeight: "details-weight",
  detailsLow: "details-low",
  detailsCritical: "details-critical",
  detailsOrder: "details-order",
  detailsDrain: "details-drain",
  detailsPrime: "details-prime",
  primePreview: "prime-preview",
  primeNow: "prime-now",
  primeResult: "prime-result",
  primeRefused: "prime-refused",
  primeRequest: "prime-request",
  primeHistory: "prime-history",
  primeRecord: "prime-record", // with data-state
  detailsMuted: "details-muted",
  detailsCancel: "details-cancel",
  detailsSave: "details-save",

  // Activity
  activity: "activity", // with data-entries
  activityEntry: "activity-entry", // with data-kind and data-what
  activityOpen: "activity-open",
  activitySearch: "activity-search",
  activityProfile: "activity-profile",
  activityKind: "activity-kind", // the value follows: activity-kind-switch, …
  activityMore: "activity-more",
  activityFresh: "activity-fresh",
  activityClear: "activity-clear",
  activityCsv: "activity-csv",
  activityJson: "activity-json",

  // Logins of other tools
  findTool: "find-tool",
  findPlace: "find-place",
  findStart: "find-start",
  findSummary: "find-summary",
  findItem: "find-item", // with data-key and data-outcome
  findItemTake: "find-item-take",
  findPassphrase: "find-passphrase",
  findAgain: "find-again",
  findOwners: "find-owners",
  findBack: "find-back",
  findTake: "find-take",
  importSummary: "import-summary",
  leftover: "leftover",
  leftoverError: "leftover-error",
  leftoverDelete: "leftover-delete",
  leftoverGone: "leftover-gone",
  leftoverKeep: "leftover-keep",
  leftoverConfirm: "leftover-confirm",

  // Copies
  copiesShow: "copies-show",
  client: "client",
  clientSwitch: "client-switch",
  copy: "copy", // with data-copy
  copyRestore: "copy-restore",
  copyOlder: "copy-older",
  copyForce: "copy-force",
  copyBack: "copy-back",
  copyConfirm: "copy-confirm",
  exportOpen: "export-open",
  exportPath: "export-path",
  exportPassphrase: "export-passphrase",
  exportAgain: "export-passphrase-again",
  exportCancel: "export-cancel",
  exportStart: "export-start",
  exportReplace: "export-replace",
  exported: "exported",
  exportDone: "export-done",
  restoreOpen: "restore-open",
  restorePath: "restore-path",
  restorePassphrase: "restore-passphrase",
  restoreCancel: "restore-cancel",
  restoreLook: "restore-look",
  restoreBack: "restore-back",
  restoreTake: "restore-take",
} as const;
