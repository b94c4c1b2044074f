//! Failures of this room, in the user's words.

use super::config::{ConfigError, Forbidden};
use super::daemon::DaemonError;
use super::home::CodexHomeError;
use super::live::LiveError;
use super::switch::SwitchError;
use crate::base::ports::RunError;
use crate::failure::{Code, Failure, shown};

impl From<CodexHomeError> for Failure {
    fn from(error: CodexHomeError) -> Self {
        match error {
            CodexHomeError::NoUserHome => {
                Self::new(Code::CodexConfig, "Your home folder is not known, so Codex's folder is not known either.")
                    .hint("Set HOME, or set CODEX_HOME to Codex's folder.")
            }
            CodexHomeError::Missing { path } => Self::new(Code::CodexConfig, format!("Codex's folder {} does not exist.", shown(&path)))
                .hint("Create it, or correct or unset CODEX_HOME. Codex itself does not start like this either."),
            CodexHomeError::NotAFolder { path } => Self::new(Code::CodexConfig, format!("{} is not a folder.", shown(&path)))
                .hint("Set CODEX_HOME to Codex's folder, or unset it."),
            CodexHomeError::File(error) => error.into(),
        }
    }
}

impl From<&ConfigError> for Failure {
    fn from(error: &ConfigError) -> Self {
        match error {
            ConfigError::Syntax { path, line } => Self::new(Code::CodexConfig, format!("{} is not valid TOML (line {line}).", shown(path)))
                .hint("Correct that line. Until then nothing is switched: the file may forbid an account."),
            ConfigError::Value { path, key } => {
                Self::new(Code::CodexConfig, format!("{} has a value for {key} that Codex does not know.", shown(path)))
                    .hint(format!("Correct or remove {key}."))
            }
            ConfigError::File(error) => Self { code: Code::CodexConfig, ..error.into() },
        }
    }
}

impl From<&LiveError> for Failure {
    fn from(error: &LiveError) -> Self {
        let (code, message, hint) = match error {
            LiveError::Folder(path) => {
                let message = format!("{} is a folder where Codex's login should be.", shown(path));
                (Code::LiveLoginUnsafe, message, "Move that folder away and try again.")
            }
            LiveError::Special(path) => {
                let message = format!("{} is not a regular file, so it is neither read nor replaced.", shown(path));
                (Code::LiveLoginUnsafe, message, "Move it away and try again.")
            }
            LiveError::TooLarge(path) => {
                let message = format!("{} is far larger than a login can be.", shown(path));
                (Code::LiveLoginUnsafe, message, "Look at what it is, move it away and try again.")
            }
            LiveError::HardLinked(path) => {
                let message = format!("{} has a second name (a hard link), under which the old login would live on.", shown(path));
                (Code::LiveLoginUnsafe, message, "Replace it by a copy of itself: cp auth.json new && mv new auth.json")
            }
            LiveError::ReadOnly(path) => {
                let message = format!("{} is protected against writing.", shown(path));
                (Code::LiveLoginUnsafe, message, "Allow writing: chmod 600 auth.json. Codex, too, loses a login it cannot write.")
            }
            LiveError::LinkOut(path) => {
                let message = format!("{} is a link that leads out of Codex's folder, to a file of another program.", shown(path));
                (Code::LiveLoginUnsafe, message, "Replace the link by a copy of the file it leads to.")
            }
            LiveError::LinkBroken(path) => {
                let message = format!("{} is a link that leads nowhere.", shown(path));
                (Code::LiveLoginUnsafe, message, "Remove the link and try again.")
            }
            LiveError::NotText(path) => (
                Code::BadLoginFile,
                format!("{} is no login: it is not text.", shown(path)),
                "Switch to a profile: the file is set aside, not lost.",
            ),
            LiveError::NoLogin { path, source } => (
                Code::BadLoginFile,
                format!("{} is not a login Codex Lab can use: {source}.", shown(path)),
                "Switch to a profile: the file is set aside, not lost.",
            ),
            LiveError::NoIdentity(path) => (
                Code::BadLoginFile,
                format!("The login in {} does not say which user and workspace it belongs to.", shown(path)),
                "Add the account with `codex-lab login`. If you switch, the file is set aside, not lost.",
            ),
            LiveError::Sealed(error) => return error.into(),
            LiveError::File(error) => return error.into(),
        };
        Self::new(code, message).hint(hint)
    }
}

impl From<LiveError> for Failure {
    fn from(error: LiveError) -> Self {
        Self::from(&error)
    }
}

impl From<SwitchError> for Failure {
    fn from(error: SwitchError) -> Self {
        match error {
            SwitchError::StoreMode(mode) => Self::new(
                Code::CodexStoreMode,
                format!("Codex keeps its login in mode \"{}\", not in a file, so it cannot be switched.", mode.as_str()),
            )
            .hint("Set cli_auth_credentials_store = \"file\" in Codex's config.toml, sign in to Codex once, and try again."),
            SwitchError::Config(error) => Self::from(&error),
            SwitchError::Forbidden { name, source } => {
                let (key, what) = match source {
                    Forbidden::Workspace => ("forced_chatgpt_workspace_id", "another workspace"),
                    Forbidden::Method => ("forced_login_method", "another way to sign in"),
                };
                Self::new(Code::CodexForced, format!("Codex's configuration forces {what}, so Codex would delete the login of {name}."))
                    .hint(format!("Choose a profile that fits, or remove {key} from Codex's config.toml."))
            }
            SwitchError::WrongLogin { name } => {
                Self::new(Code::BadLoginFile, format!("The stored login of {name} belongs to another account."))
                    .hint(format!("Sign in again: codex-lab login --again '{name}'"))
            }
            SwitchError::Live(error) => error.into(),
            SwitchError::Store(error) => error.into(),
            SwitchError::Vault(error) => error.into(),
            SwitchError::Lock(error) => error.into(),
            SwitchError::Restless => Self::new(Code::Locked, "Another program keeps changing Codex's login, so nothing was switched.")
                .hint("Finish what is signing in to Codex, then try again."),
            SwitchError::NotTaken => Self::new(
                Code::LiveLoginUnsafe,
                "Another program wrote over Codex's login during the switch. What it wrote was left as it is.",
            )
            .hint("Close other programs that switch Codex accounts, then try again."),
            SwitchError::File(error) => error.into(),
            SwitchError::Encode(_) => {
                Self::new(Code::Internal, "The switch could not be noted down, so nothing was switched.").hint("Please report this.")
            }
        }
    }
}

impl From<DaemonError> for Failure {
    fn from(error: DaemonError) -> Self {
        match error {
            DaemonError::CodexMissing => Self::new(Code::CodexMissing, "The codex program was not found.")
                .hint("Install it (npm install -g @openai/codex), or add its folder to PATH."),
            DaemonError::Run(RunError::Timeout { .. }) => {
                Self::new(Code::DaemonFailed, "Codex's background server did not restart within a minute; a turn may still be running.")
                    .hint("Wait for the turn to end, then run: codex app-server daemon restart")
            }
            DaemonError::HomePath | DaemonError::Run(_) | DaemonError::Refused | DaemonError::Answer => {
                Self::new(Code::DaemonFailed, "Codex's background server could not be restarted, so it goes on with the old login.")
                    .hint("Restart it yourself: codex app-server daemon restart")
            }
        }
    }
}
