//! The support bundle: shown first, then written.

use codex_lab_core::base::clock::{Clock as _, SystemClock};
use codex_lab_core::base::environment::Environment;
use codex_lab_core::engine::Engine;
use codex_lab_core::engine::support::Bundle;
use codex_lab_core::failure::{Code, Failure};
use serde_json::json;

use crate::args::SupportBundle;
use crate::output::{self, Output};
use crate::prompt::{self, Input};

/// Where the home does not even open there is all the more to tell.
pub(crate) async fn run(
    wanted: &SupportBundle,
    environment: &Environment,
    opened: Result<Engine, Failure>,
    output: &Output,
) -> Result<(), Failure> {
    let bundle = Bundle::gather(opened.as_ref(), environment, env!("CARGO_PKG_VERSION"), wanted.keep_names).await;
    let parts = bundle.parts();
    let list: Vec<_> = parts.iter().map(|part| format!("{:>8}  {}", part.bytes, part.name)).collect();
    let list = format!("   bytes  part\n{}", list.join("\n"));
    if wanted.dry_run {
        output.result(&list, &json!({ "path": null, "parts": parts, "dry_run": true }));
        output.note("Nothing was written.");
        return Ok(());
    }
    if !wanted.yes {
        if !output::can_ask() {
            return Err(Failure::new(Code::InvalidInput, "A bundle is to be shown to others, and there is nobody to ask.")
                .hint("See what goes into it with --dry-run, then say --yes."));
        }
        output::must(&list);
        if !Input::new().agrees("Write this into a file?").await? {
            return Err(prompt::cancelled());
        }
    }
    let name = || format!("codex-lab-support-{}.txt", SystemClock.now().strftime("%Y%m%d-%H%M%S")).into();
    let path = bundle.write(wanted.output.clone().unwrap_or_else(name)).await?;
    output.result(&path, &json!({ "path": path, "parts": parts, "dry_run": false }));
    output.hint("It is plain text: read it before you show it to anybody.");
    Ok(())
}
