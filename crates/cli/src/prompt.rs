//! Asking the person at the terminal, and reading what is piped in.

use std::io::{BufRead as _, ErrorKind, Read as _};
use std::time::Duration;

use codex_lab_core::base::secret::Secret;
use codex_lab_core::failure::{Code, Failure};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader, Lines, Stdin, Take};

use crate::output;

/// Nothing that is typed, pasted or piped in is near this size.
const INPUT_LIMIT: u64 = 2 << 20;
/// How long an interrupted prompt may take to give the terminal back its echo.
const TIDYING: Duration = Duration::from_millis(500);

/// Lines of standard input. One for the whole command: what one reader has fetched ahead is lost to another.
pub(crate) struct Input {
    lines: Lines<BufReader<Take<Stdin>>>,
}

impl Input {
    pub(crate) fn new() -> Self {
        Self { lines: BufReader::new(tokio::io::stdin().take(INPUT_LIMIT)).lines() }
    }

    /// The next line; `None` at the end.
    pub(crate) async fn line(&mut self) -> Option<String> {
        self.lines.next_line().await.ok().flatten()
    }

    /// Asks a question; anything but yes is no.
    pub(crate) async fn agrees(&mut self, question: &str) -> Result<bool, Failure> {
        output::must(&format!("{question} [y/N]"));
        tokio::select! {
            answer = self.line() => Ok(answer.is_some_and(|answer| matches!(answer.trim().to_lowercase().as_str(), "y" | "yes"))),
            _ = tokio::signal::ctrl_c() => Err(cancelled()),
        }
    }
}

/// Asks for a secret; what is typed shows as stars.
pub(crate) async fn secret(question: &'static str) -> Result<Secret, Failure> {
    let mut asked = tokio::task::spawn_blocking(move || {
        let config = rpassword::ConfigBuilder::new().password_feedback_mask('*').build();
        rpassword::prompt_password_with_config(question, config)
    });
    let answer = tokio::select! {
        biased;
        // Listening for Ctrl-C keeps it from ending the program before the prompt has given the terminal back.
        _ = tokio::signal::ctrl_c() => tokio::time::timeout(TIDYING, asked).await.map_err(|_| cancelled())?,
        answer = &mut asked => answer,
    };
    match answer.map_err(std::io::Error::other).flatten() {
        Ok(typed) => Ok(Secret::new(typed)),
        Err(error) if matches!(error.kind(), ErrorKind::Interrupted | ErrorKind::UnexpectedEof) => Err(cancelled()),
        Err(_) => Err(Failure::new(Code::InvalidInput, "The terminal cannot be asked for a key.").hint("Pipe the key into this command.")),
    }
}

/// A passphrase that was given before: from standard input if `piped`, else from the person at the terminal.
pub(crate) async fn passphrase(piped: bool) -> Result<Secret, Failure> {
    if piped {
        return line();
    }
    must_ask()?;
    secret("Passphrase: ").await
}

/// A new passphrase, which a person types twice.
pub(crate) async fn new_passphrase(piped: bool) -> Result<Secret, Failure> {
    if piped {
        return passphrase(piped).await;
    }
    must_ask()?;
    let first = secret("New passphrase: ").await?;
    if secret("The same again: ").await? == first {
        return Ok(first);
    }
    Err(Failure::new(Code::InvalidInput, "The two passphrases differ; nothing was changed.").hint("Start again, and type the same twice."))
}

fn must_ask() -> Result<(), Failure> {
    if output::can_ask() {
        return Ok(());
    }
    Err(Failure::new(Code::InvalidInput, "This needs a passphrase, and there is nobody to ask.")
        .hint("Pipe it in and say --passphrase-stdin."))
}

/// The first line that is piped in; what follows is left for the command.
pub(crate) fn first_line() -> Result<Secret, Failure> {
    let mut text = String::new();
    let read = std::io::stdin().lock().take(INPUT_LIMIT).read_line(&mut text);
    read.map_err(|_| Failure::new(Code::InvalidInput, "Standard input is not text.").hint("Pipe the passphrase into this command."))?;
    text.truncate(text.trim_end_matches(['\r', '\n']).len());
    Ok(Secret::new(text))
}

/// All of standard input.
pub(crate) fn all() -> Result<Secret, Failure> {
    let mut text = String::new();
    let read = std::io::stdin().lock().take(INPUT_LIMIT).read_to_string(&mut text);
    read.map_err(|_| Failure::new(Code::InvalidInput, "Standard input is not text.").hint("Pipe the file's text into this command."))?;
    Ok(Secret::new(text))
}

/// A secret that is piped in, without the end of its line.
pub(crate) fn line() -> Result<Secret, Failure> {
    let mut text = String::new();
    let read = std::io::stdin().lock().take(INPUT_LIMIT).read_to_string(&mut text);
    read.map_err(|_| Failure::new(Code::InvalidInput, "Standard input is not text.").hint("Pipe the passphrase into this command."))?;
    text.truncate(text.trim_end_matches(['\r', '\n']).len());
    Ok(Secret::new(text))
}

/// The user called it off before anything was done.
pub(crate) fn cancelled() -> Failure {
    Failure::new(Code::Cancelled, "Called off; nothing was changed.").hint("Start it again whenever you like.")
}
