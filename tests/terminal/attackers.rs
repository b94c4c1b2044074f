//! What somebody can try who answers in the provider's place, or whose repository one works in.

use std::os::unix::fs::PermissionsExt;

use codex_lab_tests::login_ports::LoginPorts;
use codex_lab_tests::sandbox::{Behaviour, Endpoint, Script};
use serde_json::json;
use tokio::io::{AsyncBufReadExt as _, BufReader};

use crate::world::World;

/// Where a redirect leads: to somebody who collects what comes. The sandbox answers for every host, and notes it.
const COLLECTOR: &str = "collector.example";

fn redirect(status: u16) -> Behaviour {
    Behaviour::status(status).with_header("location", &format!("https://{COLLECTOR}/take"))
}

#[tokio::test]
async fn no_secret_follows_a_redirect() {
    let world = World::with_trio().await;
    let _ports = LoginPorts::claim().await.unwrap();
    world.browser.pick("main").unwrap();
    for status in [301, 302, 303, 307, 308] {
        for endpoint in [Endpoint::Refresh, Endpoint::Responses, Endpoint::Models, Endpoint::Usage, Endpoint::ExchangeCode] {
            world.sandbox.script(Script::always(endpoint, redirect(status)));
        }
        let renewed = world.run(&["renew", "main"]).await;
        assert_ne!(renewed.status, 0, "{renewed:?}");
        let signed_in = world.run(&["login"]).await;
        assert_ne!(signed_in.status, 0, "{signed_in:?}");

        let mut gateway = world.start(&["serve"]);
        let line = BufReader::new(gateway.stdout.take().unwrap()).lines().next_line().await.unwrap().unwrap();
        let address = line.strip_prefix("serving on ").unwrap();
        let key = std::fs::read_to_string(world.lab_home().join("gateway.key")).unwrap();
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        let turn = json!({"model": "gpt-6.1-sol", "store": false, "stream": true, "input": []});
        for path in ["responses", "models"] {
            let url = format!("{address}/{path}");
            let request = if path == "models" { client.get(url) } else { client.post(url).json(&turn) };
            let answer = request.bearer_auth(&key).send().await.unwrap();
            assert!(!answer.status().is_redirection() && !answer.headers().contains_key("location"), "{answer:?}");
        }
        gateway.kill().await.unwrap();
        world.sandbox.clear_scripts();
    }
    let seen = world.sandbox.requests();
    for endpoint in [Endpoint::Refresh, Endpoint::Responses, Endpoint::ExchangeCode] {
        let led_away = seen.iter().filter(|request| request.endpoint == endpoint && request.status.is_some_and(|status| status / 100 == 3));
        assert!(led_away.count() >= 5, "{endpoint:?} was answered so each time");
    }
    assert!(seen.iter().all(|request| request.host != COLLECTOR), "nothing came to {COLLECTOR}");

    // Whoever does follow is seen there.
    let reach = world.sandbox.reach();
    let trusted = reqwest::Certificate::from_pem(&std::fs::read(&reach.ca).unwrap()).unwrap();
    let follows =
        reqwest::Client::builder().proxy(reqwest::Proxy::all(&reach.proxy).unwrap()).add_root_certificate(trusted).build().unwrap();
    world.sandbox.script(Script::once(Endpoint::Models, redirect(307)));
    follows.get("https://chatgpt.com/backend-api/codex/models").send().await.unwrap();
    assert!(world.sandbox.requests().iter().any(|request| request.host == COLLECTOR));
}

#[tokio::test]
async fn a_repository_sets_nothing_and_runs_nothing() {
    let world = World::with_trio().await;
    let trap = world.file("repository/trap", "#!/bin/sh\ntouch \"$0.sprung\"\n");
    std::fs::set_permissions(&trap, PermissionsExt::from_mode(0o755)).unwrap();
    let settings = format!(
        "theme = 'dark'\n[routing]\nstrategy = 'round-robin'\n[hooks]\nneeds_sign_in = ['{0}']\nexhausted = ['{0}']\nfell_back = ['{0}']\n",
        trap.display()
    );
    for name in ["config.toml", ".codex-lab/config.toml", "codex-lab.toml", ".codex-lab.toml"] {
        world.file(&format!("repository/{name}"), &settings);
    }
    let elsewhere = world.home().join("elsewhere").display().to_string();
    world.file("repository/.env", &format!("CODEX_LAB_HOME={elsewhere}\nCODEX_HOME={elsewhere}\nHTTPS_PROXY=http://127.0.0.1:9\n"));
    for name in ["codex", "systemctl", "xdg-open", "git", "ps"] {
        std::fs::copy(&trap, world.home().join("repository").join(name)).unwrap();
    }
    let repository = world.home().join("repository");
    let before = world.json(&["settings"]).await["result"].clone();
    world.sandbox.script(Script::always(Endpoint::Refresh, Behaviour::error(401, "refresh_token_invalidated")).by("work"));
    for arguments in [&["settings", "--json"][..], &["list"], &["use", "main"], &["renew", "work"], &["why"], &["doctor"], &["status"]] {
        let ended = world.ended(world.start_in(&repository, arguments)).await;
        assert!(!ended.stdout.contains("elsewhere") && !ended.stderr.contains("trap"), "{arguments:?}: {ended:?}");
        if arguments[0] == "settings" {
            let there: serde_json::Value = serde_json::from_str(&ended.stdout).unwrap();
            assert_eq!(there["result"], before);
        }
    }
    let left = std::fs::read_dir(&repository).unwrap().map(|entry| entry.unwrap().file_name());
    let sprung: Vec<_> = left.filter(|name| name.to_string_lossy().ends_with(".sprung")).collect();
    assert!(sprung.is_empty() && !world.home().join("elsewhere").exists(), "{sprung:?}");
    assert!(world.lab_home().join("auth-profiles").is_dir(), "all of it went to the home");
}
