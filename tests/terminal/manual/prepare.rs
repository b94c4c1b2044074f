//! The world in which a page's commands run.

use codex_lab_tests::codex_cli::QUIET;
use codex_lab_tests::foreign_stores;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::Child;

use super::pages::Page;
use crate::world::World;

/// Where pages say that the gateway is.
const USUAL: &str = "127.0.0.1:4517";

/// A world, and the gateway where the page needs one.
pub(super) struct Prepared {
    pub(super) world: World,
    serving: Option<(Child, String)>,
}

impl Prepared {
    /// The line with the gateway's real address.
    pub(super) fn addressed(&self, line: &str) -> String {
        self.serving.as_ref().map_or_else(|| line.to_owned(), |(_, address)| line.replace(USUAL, address))
    }
}

/// A world with `main`, `work` and `backup`, of which `main` is live, with readings, Codex, opencode, a browser in which `backup`
/// signs in, and what else the page tells of.
pub(super) async fn prepared(page: &Page) -> Prepared {
    let world = World::with_trio().await;
    world.install();
    world.browser.pick("backup").unwrap();
    world.file(".codex/config.toml", QUIET);
    world.file(".config/opencode/opencode.jsonc", "{}\n");
    // The folder in which everything is typed; Codex works in a repository alone.
    std::fs::create_dir(world.home().join("project")).unwrap();
    assert_eq!(world.typed("git init --quiet", "").await.status, 0);
    world.good(&["use", "main"]).await;
    world.reading("main", &[(300, 38.0, 80), (10_080, 82.0, 5 * 1440)], |_| {}).await;
    let mut serving = None;
    match page.path.as_str() {
        "docs/clients.md" => serving = Some(serve(&world).await),
        // What the app has put there, as the page says before.
        "docs/deep-links.md" => std::fs::create_dir_all(world.home().join(".local/share/applications")).unwrap(),
        "docs/hooks.md" => drop(world.file("bin/out-of-quota", "#!/bin/sh\n")),
        "docs/importing.md" => foreign_stores::lay_out(world.home()).unwrap(),
        // A session that can be tied.
        "docs/routing.md" => {
            let ended = world.typed("codex-lab run -- codex exec hi", "").await;
            assert_eq!(ended.status, 0, "{ended:?}");
        }
        // As the account is called before it is given another name.
        "docs/signing-in.md" => drop(world.good(&["rename", "main", "main-plus"]).await),
        _ => {}
    }
    Prepared { world, serving }
}

async fn serve(world: &World) -> (Child, String) {
    let mut serving = world.start(&["serve"]);
    let mut line = String::new();
    BufReader::new(serving.stdout.as_mut().unwrap()).read_line(&mut line).await.unwrap();
    let address = line.trim().strip_prefix("serving on http://").and_then(|rest| rest.strip_suffix("/v1")).expect(&line).to_owned();
    (serving, address)
}
