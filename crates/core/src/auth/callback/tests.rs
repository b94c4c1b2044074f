//! The listener on real sockets.

use std::future::Future;

use super::*;

const STATE: &str = "our-state";

async fn listener() -> Listener {
    Listener::bind(&[0], Secret::new(STATE)).await.unwrap()
}

async fn connect(port: u16) -> TcpStream {
    TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.unwrap()
}

/// Sends these bytes and reads the answer to its end.
async fn send(port: u16, bytes: &str) -> String {
    let mut stream = connect(port).await;
    stream.write_all(bytes.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

async fn get(port: u16, target: &str) -> String {
    send(port, &format!("GET {target} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUser-Agent: browser\r\n\r\n")).await
}

/// Runs a browser that must not get as far as a visit.
async fn turned_away(listener: &mut Listener, browser: impl Future<Output = String>) -> String {
    tokio::select! {
        answer = browser => answer,
        visit = listener.next() => panic!("{visit:?}"),
    }
}

#[tokio::test]
async fn a_callback_waits_for_its_page() {
    let mut listener = listener().await;
    let port = listener.port();
    let browser = tokio::spawn(async move { get(port, "/auth/callback?code=ac_1&state=our-state").await });
    let visit = listener.next().await;
    assert_eq!(visit.callback, Callback::Code(Secret::new("ac_1")));
    visit.answer(Page::SignedIn);
    listener.close().await;
    let answer = browser.await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n") && answer.contains("You are signed in"));
    assert!(!answer.contains("ac_1") && !answer.contains(STATE));
}

#[tokio::test]
async fn a_wrong_state_is_seen_as_one() {
    let mut listener = listener().await;
    let port = listener.port();
    let browser = tokio::spawn(async move { get(port, "/auth/callback?code=ac_1&state=theirs").await });
    let visit = listener.next().await;
    assert_eq!(visit.callback, Callback::WrongState);
    visit.answer(Page::WrongState);
    let answer = tokio::select! { answer = browser => answer.unwrap(), _ = listener.next() => panic!() };
    assert!(answer.starts_with("HTTP/1.1 400 "));
}

#[tokio::test]
async fn everything_else_is_turned_away_at_the_door() {
    let mut listener = listener().await;
    let port = listener.port();
    for (request, status) in [
        (format!("GET /favicon.ico HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n"), 404),
        (format!("GET /cancel HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n"), 404),
        (format!("POST /auth/callback?code=a&state=our-state HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Length: 3\r\n\r\nabc"), 405),
        (format!("GET /auth/callback?code=a&state=our-state HTTP/1.1\r\nHost: rebound.example:{port}\r\n\r\n"), 421),
        ("GET /auth/callback?code=a&state=our-state HTTP/1.1\r\n\r\n".to_owned(), 421),
        ("\u{16}\u{3}\u{1}\r\n\r\n".to_owned(), 400),
        (format!("GET /{} HTTP/1.1\r\n\r\n", "a".repeat(HEAD_LIMIT * 2)), 431),
    ] {
        let answer = turned_away(&mut listener, send(port, &request)).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{answer:.60} for {request:.60}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_slow_visitor_is_not_waited_for() {
    let mut listener = listener().await;
    let port = listener.port();
    let answer = turned_away(&mut listener, send(port, "GET /auth/callback?code=a")).await;
    assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
}

#[tokio::test]
async fn many_visitors_do_not_keep_the_right_one_out() {
    let mut listener = listener().await;
    let port = listener.port();
    let mut idle = Vec::new();
    for _ in 0..CONNECTION_LIMIT - 1 {
        idle.push(connect(port).await);
    }
    let browser = tokio::spawn(async move { get(port, "/auth/callback?code=ac_1&state=our-state").await });
    let visit = listener.next().await;
    visit.answer(Page::SignedIn);
    // Idle connections do not hold up the end either.
    tokio::time::timeout(READ_PATIENCE / 2, listener.close()).await.unwrap();
    assert!(browser.await.unwrap().contains("You are signed in"));
}

#[tokio::test]
async fn the_listener_is_on_loopback_alone_and_leaves_with_its_port() {
    let listener = listener().await;
    let port = listener.port();
    assert_eq!(listener.socket.local_addr().unwrap().ip(), std::net::IpAddr::V4(Ipv4Addr::LOCALHOST));
    drop(listener);
    assert!(TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.is_err());
}

#[tokio::test]
async fn the_next_port_is_taken_if_the_first_is_busy_and_nobody_is_disturbed() {
    let foreign = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let busy = foreign.local_addr().unwrap().port();
    let listener = Listener::bind(&[busy, 0], Secret::new(STATE)).await.unwrap();
    assert_ne!(listener.port(), busy);
    assert!(matches!(Listener::bind(&[busy, listener.port()], Secret::new(STATE)).await.unwrap_err(), BindError::AllBusy));
    // What the foreign listener accepts first is our own probe: nobody came before it.
    let probe = connect(busy).await;
    let (_, from) = foreign.accept().await.unwrap();
    assert_eq!(from, probe.local_addr().unwrap());
}
