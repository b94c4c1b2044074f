//! The story of the demo, from the first sign-in to the last undo, with the real app, the real tray and the real CLI.

use std::fmt::Write as _;

use codex_lab_tests::artefacts::Artefacts;
use codex_lab_tests::story::main_job;
use codex_lab_tests::story::stage::Stage;

#[tokio::test(flavor = "multi_thread")]
async fn three_sign_ins_a_switch_from_the_tray_and_the_codex_cli_follows() {
    let artefacts = Artefacts::of_this_test().unwrap();
    let stage = Stage::set().await.unwrap();
    let mut heard = String::new();
    let mut listen = |line: &str| writeln!(heard, "{line}").unwrap();
    let told = main_job::tell(&stage, artefacts.folder(), &mut listen).await;

    artefacts.keep("transcript.txt", &heard).unwrap();
    artefacts.keep("app.log", stage.app_log()).unwrap();
    artefacts.keep_home("codex-lab", &stage.lab_home()).unwrap();
    if let Err(error) = told {
        stage.picture(&artefacts.folder().join("failed.png")).await.unwrap();
        panic!("{error}\nso far:\n{heard}\nthe app's log:\n{}", stage.app_log());
    }
    stage.strike().unwrap();
}
