//! Whole sign-ins, with a scripted network and real sockets; time is paused where waiting is the point.

use std::sync::atomic::Ordering;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use super::*;
use crate::auth::fakes::{self, FakeBrowser, FakeHttp};
use crate::model::subject::Subject;

const DEVICE: &str = r#"{"device_auth_id":"d","user_code":"ABCD-1234","interval":"5"}"#;
const GRANT: &str = r#"{"authorization_code":"ac","code_challenge":"c","code_verifier":"v"}"#;

/// A sign-in that runs.
struct Running {
    commands: mpsc::Sender<Command>,
    progress: watch::Receiver<Progress>,
    end: tokio::task::JoinHandle<Result<AuthDocument, SignInError>>,
}

fn start(setup: FlowSetup) -> Running {
    let (commands, receiver) = mpsc::channel(4);
    let (sender, progress) = watch::channel(Progress::starting());
    let end = tokio::spawn(async move { run(setup, receiver, &sender).await });
    Running { commands, progress, end }
}

fn setup(http: &FakeHttp, method: SignInMethod, browser: &FakeBrowser) -> FlowSetup {
    let mut ports = fakes::ports(http.clone());
    ports.browser = Arc::new(browser.clone());
    FlowSetup { callback_ports: vec![0], ..FlowSetup::new(ports, method) }
}

fn by_browser(http: &FakeHttp) -> FlowSetup {
    setup(http, SignInMethod::Browser, &fakes::browser(true))
}

fn by_code(http: &FakeHttp) -> FlowSetup {
    setup(http, SignInMethod::DeviceCode, &fakes::browser(true))
}

impl Running {
    async fn shown(&mut self, condition: impl FnMut(&Progress) -> bool) -> Progress {
        self.progress.wait_for(condition).await.unwrap().clone()
    }

    /// The address the provider sends the browser back to, with what it adds.
    async fn callback(&mut self, addition: &str) -> url::Url {
        let page = self.shown(|progress| progress.phase == SignInPhase::Waiting).await.url.unwrap();
        let asked: BTreeMap<String, String> = url::Url::parse(&page).unwrap().query_pairs().into_owned().collect();
        url::Url::parse(&format!("{}?{addition}&state={}", asked["redirect_uri"], asked["state"])).unwrap()
    }
}

async fn visit(url: &url::Url) -> String {
    let port = url.port().unwrap();
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    let target = format!("{}?{}", url.path(), url.query().unwrap());
    stream.write_all(format!("GET {target} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n").as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

async fn is_closed(url: &url::Url) -> bool {
    TcpStream::connect(("127.0.0.1", url.port().unwrap())).await.is_err()
}

fn user(login: &AuthDocument) -> String {
    let Some(Subject::ChatGpt { user, .. }) = login.subject() else { panic!() };
    user
}

#[tokio::test]
async fn a_browser_signs_in() {
    let http = FakeHttp::default().answer(200, &fakes::tokens("user-1", "ws-1"));
    let browser = fakes::browser(true);
    let mut running = start(setup(&http, SignInMethod::Browser, &browser));
    let callback = running.callback("code=ac_1").await;
    let answer = visit(&callback).await;
    assert!(answer.contains("You are signed in"), "{answer}");
    assert_eq!(user(&running.end.await.unwrap().unwrap()), "user-1");
    assert_eq!(browser.opened.load(Ordering::SeqCst), 1);
    assert!(is_closed(&callback).await);
    let form: BTreeMap<String, String> = form_urlencoded::parse(http.sent()[0].body.as_bytes()).into_owned().collect();
    assert_eq!(form["redirect_uri"], format!("http://127.0.0.1:{}/auth/callback", callback.port().unwrap()));
    assert_eq!((form["code"].as_str(), form["code_verifier"].len()), ("ac_1", 86));
}

#[tokio::test]
async fn a_wrong_state_is_shown_the_door_and_the_right_one_still_works() {
    let http = FakeHttp::default().answer(200, &fakes::tokens("user-1", "ws-1"));
    let mut running = start(by_browser(&http));
    let callback = running.callback("code=ac_1").await;
    let mut foreign = callback.clone();
    foreign.set_query(Some("code=stolen&state=guessed"));
    assert!(visit(&foreign).await.starts_with("HTTP/1.1 400 "));
    assert!(http.sent().is_empty());
    assert!(visit(&callback).await.starts_with("HTTP/1.1 200 "));
    assert!(running.end.await.unwrap().is_ok());
}

#[tokio::test]
async fn a_refusal_is_told_in_tab_and_app() {
    let mut running = start(by_browser(&FakeHttp::default()));
    let callback = running.callback("error=access_denied&error_description=%3Cscript%3E").await;
    let answer = visit(&callback).await;
    assert!(answer.contains("You are not signed in") && !answer.contains("script"), "{answer}");
    assert!(matches!(running.end.await.unwrap().unwrap_err(), SignInError::Refused(_)));
    assert!(is_closed(&callback).await);
}

#[tokio::test]
async fn a_failed_exchange_is_told_in_tab_and_app() {
    for http in [FakeHttp::default().answer(500, "oops"), FakeHttp::default().answer(200, "<html>"), FakeHttp::default().no_answer()] {
        let mut running = start(by_browser(&http));
        let answer = visit(&running.callback("code=ac_1").await).await;
        assert!(answer.starts_with("HTTP/1.1 400 ") && answer.contains("You are not signed in"), "{answer}");
        assert!(matches!(running.end.await.unwrap().unwrap_err(), SignInError::Exchange(_)));
    }
}

#[tokio::test]
async fn another_workspace_is_not_taken() {
    let http = FakeHttp::default().answer(200, &fakes::tokens("user-1", "ws-1"));
    let mut running = start(FlowSetup { workspaces: vec!["ws-2".into()], ..by_browser(&http) });
    let callback = running.callback("code=ac_1").await;
    assert!(running.progress.borrow().url.as_ref().unwrap().contains("allowed_workspace_id=ws-2"));
    assert!(visit(&callback).await.contains("another workspace"));
    assert!(matches!(running.end.await.unwrap().unwrap_err(), SignInError::WrongWorkspace));
}

#[tokio::test]
async fn a_pasted_address_signs_in() {
    let http = FakeHttp::default().answer(200, &fakes::tokens("user-1", "ws-1"));
    let mut running = start(by_browser(&http));
    let callback = running.callback("code=ac_1").await;
    let paste = async |address: &str| {
        let (reply, told) = oneshot::channel();
        running.commands.send(Command::Paste { address: Secret::new(address), reply }).await.unwrap();
        told.await.unwrap()
    };
    assert_eq!(paste("https://example.com/").await, Err(PasteError::NotACallback));
    assert_eq!(paste(&callback.as_str().replace("state=", "state=x")).await, Err(PasteError::WrongState));
    assert_eq!(paste(&format!(" {callback} ")).await, Ok(()));
    assert_eq!(user(&running.end.await.unwrap().unwrap()), "user-1");
}

#[tokio::test]
async fn cancelling_closes_the_port() {
    let mut running = start(by_browser(&FakeHttp::default()));
    let callback = running.callback("code=ac_1").await;
    running.commands.send(Command::Cancel).await.unwrap();
    assert!(matches!(running.end.await.unwrap().unwrap_err(), SignInError::Cancelled));
    assert!(is_closed(&callback).await);
}

#[tokio::test]
async fn cancelling_during_the_exchange_answers_the_tab() {
    let mut running = start(by_browser(&FakeHttp::default()));
    let callback = running.callback("code=ac_1").await;
    let tab = tokio::spawn(async move { visit(&callback).await });
    running.shown(|progress| progress.phase == SignInPhase::Finishing).await;
    drop(running.commands);
    assert!(matches!(running.end.await.unwrap().unwrap_err(), SignInError::Cancelled));
    assert!(tab.await.unwrap().contains("called off"));
}

#[tokio::test]
async fn a_second_callback_is_told_so() {
    let mut running = start(by_browser(&FakeHttp::default()));
    let callback = running.callback("code=ac_1").await;
    let first = callback.clone();
    let tab = tokio::spawn(async move { visit(&first).await });
    running.shown(|progress| progress.phase == SignInPhase::Finishing).await;
    assert!(visit(&callback).await.starts_with("HTTP/1.1 409 "));
    running.commands.send(Command::Cancel).await.unwrap();
    assert!(running.end.await.unwrap().is_err());
    tab.await.unwrap();
}

#[tokio::test]
async fn busy_ports_are_said_so_and_nothing_is_opened() {
    let foreign = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let busy = foreign.local_addr().unwrap().port();
    let browser = fakes::browser(true);
    let running = start(FlowSetup { callback_ports: vec![busy], ..setup(&FakeHttp::default(), SignInMethod::Browser, &browser) });
    assert!(matches!(running.end.await.unwrap().unwrap_err(), SignInError::PortsBusy));
    assert_eq!(browser.opened.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_browser_that_does_not_start_is_told_and_the_link_works() {
    let http = FakeHttp::default().answer(200, &fakes::tokens("user-1", "ws-1"));
    let browser = fakes::browser(false);
    let mut running = start(setup(&http, SignInMethod::Browser, &browser));
    let shown = running.shown(|progress| progress.browser_failed).await;
    assert!(shown.url.is_some());
    running.commands.send(Command::OpenPage).await.unwrap();
    let callback = running.callback("code=ac_1").await;
    visit(&callback).await;
    assert!(running.end.await.unwrap().is_ok());
}

#[tokio::test(start_paused = true)]
async fn a_browser_is_waited_for_ten_minutes() {
    let began = Instant::now();
    let mut running = start(by_browser(&FakeHttp::default()));
    let shown = running.shown(|progress| progress.deadline.is_some()).await;
    assert_eq!(shown.deadline, Timestamp::from_second(1_795_000_600).ok());
    assert!(matches!(running.end.await.unwrap().unwrap_err(), SignInError::BrowserTimedOut));
    assert_eq!(began.elapsed().as_secs(), 600);
}

#[tokio::test(start_paused = true)]
async fn a_browser_is_waited_for_as_long_as_was_said() {
    let began = Instant::now();
    let running = start(FlowSetup { patience: Duration::from_secs(90), ..by_browser(&FakeHttp::default()) });
    assert!(matches!(running.end.await.unwrap().unwrap_err(), SignInError::BrowserTimedOut));
    assert_eq!(began.elapsed().as_secs(), 90);
    for (said, seconds) in
        [("1", Some(1)), (" 90 ", Some(90)), ("3600", Some(3600)), ("3601", None), ("0", None), ("-1", None), ("1.5", None), ("soon", None)]
    {
        assert_eq!(patience(said), seconds.map(Duration::from_secs), "{said}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_device_signs_in_after_polling() {
    let http = FakeHttp::default()
        .answer(200, DEVICE)
        .answer(403, "")
        .answer(404, "")
        .answer(200, GRANT)
        .answer(200, &fakes::tokens("user-1", "ws-1"));
    let began = Instant::now();
    let mut running = start(by_code(&http));
    let shown = running.shown(|progress| progress.user_code.is_some()).await;
    assert_eq!(shown.user_code.as_deref(), Some("ABCD-1234"));
    assert_eq!(shown.url.as_deref(), Some("https://auth.openai.com/codex/device"));
    assert!(shown.picture.is_some_and(|picture| picture.path.starts_with("M0 0h7v1h-7z")));
    assert_eq!(user(&running.end.await.unwrap().unwrap()), "user-1");
    assert_eq!(began.elapsed().as_secs(), 15, "three polls, five seconds apart");
    assert!(http.sent()[4].body.contains("redirect_uri=https%3A%2F%2Fauth.openai.com%2Fdeviceauth%2Fcallback"));
}

#[tokio::test(start_paused = true)]
async fn a_device_code_runs_out_after_fifteen_minutes() {
    let mut http = FakeHttp::default().answer(200, DEVICE);
    for _ in 0..200 {
        http = http.answer(403, "");
    }
    let began = Instant::now();
    let running = start(by_code(&http));
    assert!(matches!(running.end.await.unwrap().unwrap_err(), SignInError::DeviceTimedOut));
    assert_eq!(began.elapsed().as_secs(), 900);
}

#[tokio::test(start_paused = true)]
async fn a_device_refusal_ends_it() {
    let http = FakeHttp::default().answer(200, DEVICE).answer(400, r#"{"error":"access_denied"}"#);
    let running = start(by_code(&http));
    assert!(matches!(running.end.await.unwrap().unwrap_err(), SignInError::Device(device::DeviceError::Refused)));
    let running = start(by_code(&FakeHttp::default().answer(404, "")));
    assert!(matches!(running.end.await.unwrap().unwrap_err(), SignInError::Device(device::DeviceError::NotOffered)));
}

#[tokio::test(start_paused = true)]
async fn a_device_page_opens_only_when_asked() {
    let browser = fakes::browser(false);
    let mut running = start(setup(&FakeHttp::default().answer(200, DEVICE), SignInMethod::DeviceCode, &browser));
    running.shown(|progress| progress.phase == SignInPhase::Waiting).await;
    assert_eq!(browser.opened.load(Ordering::SeqCst), 0);
    running.commands.send(Command::OpenPage).await.unwrap();
    running.shown(|progress| progress.browser_failed).await;
    drop(running.commands);
    assert!(matches!(running.end.await.unwrap().unwrap_err(), SignInError::Cancelled));
    assert_eq!(browser.opened.load(Ordering::SeqCst), 1);
}
