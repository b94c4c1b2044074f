//! The manual, that is README, SECURITY, CONTRIBUTING and docs/: every command in it is run, every option, variable and snippet is
//! real. A new command runs as it stands and has to end with 0; where it needs something, `ways` says what.

mod pages;
mod prepare;
mod run;
mod snippets;
mod ways;

use futures_util::stream::{self, StreamExt as _};
use pages::pages;

/// Worlds at a time.
const AT_ONCE: usize = 3;

#[tokio::test(flavor = "multi_thread")]
async fn every_command_of_every_page_does_what_the_page_says() {
    let pages = pages();
    let runs = stream::iter(pages.iter().map(run::whole_page)).buffer_unordered(AT_ONCE);
    let wrong = runs.collect::<Vec<_>>().await.concat();
    assert!(wrong.is_empty(), "give these a way in tests/terminal/manual/ways.rs, or mend the page:\n{}", wrong.join("\n"));
}

#[test]
fn nothing_is_said_of_commands_that_no_page_has() {
    let told = |page: &pages::Page| page.commands().into_iter().map(|told| (told.page, told.text)).collect::<Vec<_>>();
    let needless = ways::needless(&pages().iter().flat_map(told).collect::<Vec<_>>());
    assert!(needless.is_empty(), "take these out of tests/terminal/manual/ways.rs:\n{}", needless.join("\n"));
}
