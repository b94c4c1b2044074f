//! The client against hosts on this machine that say a few bytes, and against proxies.

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;

use super::*;

/// A host that answers each connection's first request with these bytes and ends it. What it was asked comes back.
async fn host(answer: &'static str, more: usize) -> (u16, mpsc::UnboundedReceiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let (asked, heard) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let Some(head) = head(&mut stream).await else { continue };
            asked.send(head).ok();
            stream.write_all(answer.as_bytes()).await.ok();
            stream.write_all(&vec![b'x'; more]).await.ok();
        }
    });
    (port, heard)
}

/// A request's head, as it came.
async fn head(stream: &mut TcpStream) -> Option<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.ok()?);
    }
    String::from_utf8(head).ok()
}

fn client(variables: &[(&'static str, &str)]) -> Result<Https, HttpsSetupError> {
    Https::new(&Environment::of("/nowhere", variables.iter().map(|(name, value)| (*name, value.into()))))
}

async fn ask(client: &Https, address: &str) -> Result<http::Response<Vec<u8>>, HttpError> {
    client.send(http::Request::get(address).body(Vec::new()).unwrap()).await
}

#[tokio::test]
async fn a_redirect_is_an_answer_and_is_not_followed() {
    let (port, mut asked) = host("HTTP/1.1 302 Found\r\nlocation: /elsewhere\r\ncontent-length: 2\r\n\r\nno", 0).await;
    let answer = ask(&client(&[]).unwrap(), &format!("http://127.0.0.1:{port}/here?x")).await.unwrap();
    assert_eq!(
        (answer.status().as_u16(), answer.headers()["location"].as_bytes(), answer.body().as_slice()),
        (302, &b"/elsewhere"[..], &b"no"[..])
    );
    let request = asked.recv().await.unwrap();
    assert_eq!(request, format!("GET /here?x HTTP/1.1\r\naccept: */*\r\nhost: 127.0.0.1:{port}\r\n\r\n"));
    assert!(asked.try_recv().is_err());
}

#[tokio::test]
async fn an_answer_is_bounded_and_has_to_be_whole() {
    let client = client(&[]).unwrap();
    for (answer, more, check) in [
        ("HTTP/1.1 200 OK\r\n\r\n", BODY_LIMIT + 1, (|e| matches!(e, HttpError::TooLarge { .. })) as fn(&HttpError) -> bool),
        ("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n", 9, |e| matches!(e, HttpError::Broken { .. })),
        ("HTTP/1.1 200", 0, |e| matches!(e, HttpError::Broken { .. })),
        ("SSH-2.0-OpenSSH_9.2\r\n", 0, |e| matches!(e, HttpError::Broken { .. })),
    ] {
        let (port, _asked) = host(answer, more).await;
        let error = ask(&client, &format!("http://127.0.0.1:{port}/")).await.unwrap_err();
        assert!(check(&error), "{error:?} for {answer}");
    }
    let (port, _asked) = host("HTTP/1.1 200 OK\r\n\r\n", BODY_LIMIT).await;
    assert_eq!(ask(&client, &format!("http://127.0.0.1:{port}/")).await.unwrap().body().len(), BODY_LIMIT);
}

#[tokio::test(start_paused = true)]
async fn a_host_that_says_nothing_is_given_up() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}/", listener.local_addr().unwrap());
    let begun = tokio::time::Instant::now();
    let error = ask(&client(&[]).unwrap(), &address).await.unwrap_err();
    assert!(matches!(error, HttpError::Timeout { .. }), "{error:?}");
    assert_eq!(begun.elapsed().as_secs(), TIMEOUT.as_secs());
}

#[tokio::test]
async fn nobody_is_there_or_no_host_is_named() {
    let client = client(&[]).unwrap();
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let error = ask(&client, &format!("http://{closed}/")).await.unwrap_err();
    assert!(matches!(&error, HttpError::Connect { host, .. } if host == "127.0.0.1"), "{error:?}");
    assert!(matches!(ask(&client, "/path/alone").await, Err(HttpError::Request)));
}

#[tokio::test]
async fn a_proxy_is_asked_for_a_tunnel_with_its_credentials() {
    for (answer, check) in [
        ("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n", (|e| matches!(e, HttpError::Connect { .. })) as fn(&HttpError) -> bool),
        ("HTTP/1.1 502 Bad Gateway\r\n\r\n", |e| matches!(e, HttpError::Connect { .. })),
    ] {
        let (port, mut asked) = host(answer, 0).await;
        let proxy = format!("http://us%40er:pass@127.0.0.1:{port}");
        let error = ask(&client(&[("HTTPS_PROXY", &proxy)]).unwrap(), "https://auth.openai.com/").await.unwrap_err();
        assert!(check(&error) && !format!("{error:?}").contains("pass"), "{error:?}");
        let request = asked.recv().await.unwrap();
        assert!(request.starts_with("CONNECT auth.openai.com:443 HTTP/1.1\r\n"), "{request}");
        assert!(request.contains("Proxy-Authorization: Basic dXNAZXI6cGFzcw==\r\n"), "{request}");
    }
}

#[tokio::test]
async fn what_no_proxy_names_is_reached_straight() {
    let (port, mut asked) = host("HTTP/1.1 204 No Content\r\n\r\n", 0).await;
    let client = client(&[("ALL_PROXY", "http://127.0.0.1:9"), ("NO_PROXY", "corp.example,127.0.0.1")]).unwrap();
    assert_eq!(ask(&client, &format!("http://127.0.0.1:{port}/")).await.unwrap().status(), 204);
    assert!(asked.recv().await.unwrap().starts_with("GET / "));
}

#[tokio::test]
async fn a_proxy_without_a_scheme_is_one() {
    let (port, mut asked) = host("HTTP/1.1 403 Forbidden\r\n\r\n", 0).await;
    for address in [format!("127.0.0.1:{port}"), format!("localhost:{port}/")] {
        ask(&client(&[("https_proxy", &address), ("HTTPS_PROXY", "http://127.0.0.1:9")]).unwrap(), "https://auth.openai.com/")
            .await
            .unwrap_err();
        assert!(asked.recv().await.unwrap().starts_with("CONNECT auth.openai.com:443 "), "{address}");
    }
}

#[test]
fn what_is_no_proxy_is_refused_and_named() {
    for (variable, address) in [
        ("HTTPS_PROXY", "http://"),
        ("HTTP_PROXY", "http://a b"),
        ("ALL_PROXY", "ftp://host:1"),
        ("HTTPS_PROXY", "http://[::1"),
        ("ALL_PROXY", "http://bücher.example"),
    ] {
        let error = client(&[(variable, address)]).unwrap_err();
        assert!(matches!(error, HttpsSetupError::Proxy { variable: named } if named == variable), "{error:?}");
        assert!(error.to_string().contains(variable) && !error.to_string().contains(address));
    }
    assert!(client(&[("NO_PROXY", "any thing, at [all")]).is_ok());
}
