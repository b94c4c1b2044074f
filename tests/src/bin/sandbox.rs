//! `codex-lab-sandbox`: the sandbox provider as a program, and the browser that signs in to it.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{env, fs};

use clap::{Args, Parser, Subcommand};
use codex_lab_tests::sandbox::{
    Browser, BrowserError, CANCEL_WORD, Choice, Reach, Sandbox, SandboxAccount, SandboxError, SandboxOptions, Visit,
};
use tokio::sync::oneshot;

/// The sandbox provider of Codex Lab: answers for the upstream servers, forwards nothing.
#[derive(Parser)]
#[command(name = "codex-lab-sandbox", version)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    serve: Serve,
}

#[derive(Subcommand)]
enum Command {
    /// Play the user's browser: open a sign-in page, pick an account, follow the redirect.
    Browse(Browse),
}

#[derive(Args)]
struct Serve {
    /// Accounts to start with, as NAME or NAME:PLAN [default: main, work:business, backup].
    #[arg(long, value_delimiter = ',')]
    accounts: Vec<String>,
    /// Port of the plain HTTP listener; 0 = any free one.
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// Write the addresses, the certificate path and the control key to this file when ready.
    #[arg(long)]
    ready_file: Option<PathBuf>,
    /// Sign this account in without asking.
    #[arg(long, value_name = "NAME")]
    auto_approve: Option<String>,
    /// Allow redirects to any loopback port, not only 1455 and 1457.
    #[arg(long)]
    any_redirect_port: bool,
    /// End when standard input is closed, so that the sandbox never outlives its parent.
    #[arg(long)]
    until_stdin_closes: bool,
}

#[derive(Args)]
struct Browse {
    /// The page to open.
    url: String,
    /// Pick this account.
    #[arg(long, value_name = "NAME")]
    account: Option<String>,
    /// Pick the account named in this file; `--cancel` in the file cancels.
    #[arg(long, value_name = "FILE", conflicts_with = "account")]
    account_file: Option<PathBuf>,
    /// Click Cancel.
    #[arg(long, conflicts_with_all = ["account", "account_file"])]
    cancel: bool,
    /// Pick the account even if the page does not offer it.
    #[arg(long)]
    any_workspace: bool,
    /// The page is a device page: type this code.
    #[arg(long, value_name = "CODE")]
    user_code: Option<String>,
    /// Reach the sandbox that wrote this file [default: `HTTPS_PROXY` and `SSL_CERT_FILE`].
    #[arg(long)]
    ready_file: Option<PathBuf>,
    /// Also append the result to this file.
    #[arg(long)]
    log: Option<PathBuf>,
}

/// Why the program ends with an error.
#[derive(Debug, thiserror::Error)]
enum Failed {
    #[error("{0}")]
    Sandbox(#[from] SandboxError),
    #[error("{0}")]
    Browser(#[from] BrowserError),
    #[error("{path}: {source}")]
    File { path: PathBuf, source: io::Error },
    #[error("say what to pick: --account, --account-file or --cancel")]
    NoChoice,
    #[error("set HTTPS_PROXY and SSL_CERT_FILE, or name the --ready-file")]
    NoProxy,
    #[error("{0}")]
    Io(#[from] io::Error),
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let cli = Cli::parse();
    let outcome = match cli.command {
        Some(Command::Browse(browse)) => run_browser(browse).await,
        None => run_sandbox(cli.serve).await,
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(io::stderr(), "codex-lab-sandbox: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run_sandbox(serve: Serve) -> Result<(), Failed> {
    let mut options = SandboxOptions { port: serve.port, auto_approve: serve.auto_approve, ..Default::default() };
    if !serve.accounts.is_empty() {
        options.accounts = serve.accounts.iter().map(|text| account(text)).collect();
    }
    if serve.any_redirect_port {
        options.redirect_ports = None;
    }
    let sandbox = Sandbox::start(options).await?;
    if let Some(path) = &serve.ready_file {
        sandbox.reach().write(path).map_err(|source| Failed::File { path: path.clone(), source })?;
    }
    writeln!(io::stdout(), "ready {}", sandbox.reach().url)?;
    tokio::select! {
        () = asked_to_end() => {}
        () = stdin_closed(), if serve.until_stdin_closes => {}
    }
    Ok(())
}

async fn run_browser(browse: Browse) -> Result<(), Failed> {
    let choice = choice(&browse)?;
    let browser = browser(browse.ready_file.as_deref())?;
    let outcome = match &browse.user_code {
        Some(code) => browser.approve_device(&browse.url, code, &choice).await,
        None => browser.sign_in(&browse.url, &choice).await,
    };
    let line = match &outcome {
        Ok(Visit { status, title, url }) => format!("{status} {title} ({url})"),
        Err(error) => format!("failed: {error}"),
    };
    if let Some(path) = browse.log {
        append(&path, &line).map_err(|source| Failed::File { path, source })?;
    }
    outcome?;
    writeln!(io::stdout(), "{line}")?;
    Ok(())
}

fn choice(browse: &Browse) -> Result<Choice, Failed> {
    if browse.cancel {
        return Ok(Choice::Cancel);
    }
    let name = match (&browse.account, &browse.account_file) {
        (Some(name), _) => name.clone(),
        (None, Some(path)) => fs::read_to_string(path).map_err(|source| Failed::File { path: path.clone(), source })?.trim().to_owned(),
        (None, None) => return Err(Failed::NoChoice),
    };
    Ok(match name.as_str() {
        "" => return Err(Failed::NoChoice),
        CANCEL_WORD => Choice::Cancel,
        _ if browse.any_workspace => Choice::AnyWorkspace(name),
        _ => Choice::Account(name),
    })
}

fn browser(ready_file: Option<&Path>) -> Result<Browser, Failed> {
    let (proxy, ca) = if let Some(path) = ready_file {
        let reach = Reach::read(path).map_err(|source| Failed::File { path: path.to_owned(), source })?;
        (reach.proxy, reach.ca)
    } else {
        reach_from_env().ok_or(Failed::NoProxy)?
    };
    Ok(Browser::new(&proxy, &ca)?)
}

/// The proxy and the certificate file that the sandbox's clients are started with.
#[expect(clippy::disallowed_methods, reason = "a program of its own, which has no ports")]
fn reach_from_env() -> Option<(String, PathBuf)> {
    Some((env::var("HTTPS_PROXY").ok()?, env::var_os("SSL_CERT_FILE")?.into()))
}

fn account(text: &str) -> SandboxAccount {
    match text.split_once(':') {
        Some((name, plan)) => SandboxAccount::new(name).with_plan(plan),
        None => SandboxAccount::new(text),
    }
}

fn append(path: &Path, line: &str) -> io::Result<()> {
    let mut file = fs::OpenOptions::new().create(true).append(true).open(path)?;
    writeln!(file, "{line}")
}

/// Reads on a thread of its own: the program can end while the read is still waiting.
async fn stdin_closed() {
    let (closed, end) = oneshot::channel();
    std::thread::spawn(move || {
        let _ = io::copy(&mut io::stdin().lock(), &mut io::sink());
        closed.send(())
    });
    let _ = end.await;
}

#[cfg(unix)]
async fn asked_to_end() {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut terminate) = signal(SignalKind::terminate()) else {
        return;
    };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = tokio::signal::ctrl_c() => {}
    }
}

#[cfg(not(unix))]
async fn asked_to_end() {
    let _ = tokio::signal::ctrl_c().await;
}
