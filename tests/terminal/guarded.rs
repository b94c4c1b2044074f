//! Who has no business with the gateway gets nothing from it, and the provider hears nothing of it.

use std::collections::BTreeSet;

use reqwest::{Client, Method, StatusCode};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;

use crate::world::World;

#[tokio::test]
async fn nobody_without_business_here_reaches_the_provider() {
    let world = World::with_trio().await;
    world.good(&["use", "main"]).await;
    let mut serving = world.start(&["serve", "--verbose"]);
    let mut lines = BufReader::new(serving.stdout.take().unwrap()).lines();
    let address = lines.next_line().await.unwrap().unwrap().strip_prefix("serving on ").unwrap().to_owned();
    let port = address.rsplit_once(':').unwrap().1.trim_end_matches("/v1").to_owned();
    let key = std::fs::read_to_string(world.lab_home().join("gateway.key")).unwrap();
    let token = |account: &str| {
        let text = world.sandbox.auth_json(account).unwrap();
        serde_json::from_str::<serde_json::Value>(&text).unwrap()["tokens"]["access_token"].as_str().unwrap().to_owned()
    };
    let (near, strange) = (format!("{}x", &key[..key.len() - 1]), token("main"));
    let asked = world.sandbox.requests().len();
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = Client::builder().no_proxy().build().unwrap();

    let ours = format!("127.0.0.1:{port}");
    let bearer = |key: &str| format!("Bearer {key}");
    let right = bearer(&key);
    for (name, method, path, headers, expected) in [
        ("no key", Method::POST, "/v1/responses", vec![("host", ours.as_str())], 401),
        ("a key that is nearly right", Method::POST, "/v1/responses", vec![("host", &ours), ("authorization", &bearer(&near))], 401),
        (
            "a token that was never live here",
            Method::POST,
            "/v1/responses",
            vec![("host", &ours), ("authorization", &bearer(&strange))],
            401,
        ),
        ("the key as a password", Method::POST, "/v1/responses", vec![("host", &ours), ("authorization", &format!("Basic {key}"))], 401),
        (
            "a page's own name for this machine",
            Method::POST,
            "/v1/responses",
            vec![("host", "evil.example"), ("authorization", &right)],
            421,
        ),
        ("another port's name", Method::POST, "/v1/responses", vec![("host", "127.0.0.1:1"), ("authorization", &right)], 421),
        ("a page", Method::POST, "/v1/responses", vec![("host", &ours), ("authorization", &right), ("origin", "http://localhost")], 403),
        ("a page of nowhere", Method::GET, "/v1/models", vec![("host", &ours), ("authorization", &right), ("origin", "null")], 403),
        ("a browser", Method::GET, "/v1/models", vec![("host", &ours), ("authorization", &right), ("sec-fetch-mode", "no-cors")], 403),
        ("a page's question beforehand", Method::OPTIONS, "/v1/responses", vec![("host", &ours), ("origin", "https://evil.example")], 403),
        ("another path", Method::GET, "/v1/files", vec![("host", &ours), ("authorization", &right)], 404),
        ("the provider's other half", Method::GET, "/backend-api/wham/usage", vec![("host", &ours), ("authorization", &right)], 404),
        (
            "a path that climbs",
            Method::GET,
            "/v1/alpha/history/v2/..%2f..%2f..%2fwham%2fusage",
            vec![("host", &ours), ("authorization", &right)],
            404,
        ),
        ("another method", Method::DELETE, "/v1/responses", vec![("host", &ours), ("authorization", &right)], 404),
    ] {
        let mut request = client.request(method, format!("http://127.0.0.1:{port}{path}")).body("{}");
        for (header, value) in headers {
            request = request.header(header, value);
        }
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::from_u16(expected).unwrap(), "{name}");
        assert!(answer.headers().keys().all(|header| !header.as_str().starts_with("access-control")), "{name}: pages may read nothing");
        let said = answer.text().await.unwrap();
        assert!(!said.contains(&key) && !said.contains(&strange), "{name}: {said}");
    }
    // The same for a WebSocket, and for whoever speaks no HTTP at all.
    for request in [
        format!(
            "GET /v1/responses HTTP/1.1\r\nHost: {ours}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nOrigin: http://{ours}\r\nAuthorization: {right}\r\n\r\n"
        ),
        format!("CONNECT chatgpt.com:443 HTTP/1.1\r\nHost: {ours}\r\nAuthorization: {right}\r\n\r\n"),
        format!("GET http://chatgpt.com/backend-api/wham/usage HTTP/1.1\r\nHost: {ours}\r\nAuthorization: {right}\r\n\r\n"),
        "\u{0}\u{1}nonsense\r\n\r\n".to_owned(),
    ] {
        let mut stream = TcpStream::connect(&ours).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut said = [0; 64];
        let length = stream.read(&mut said).await.unwrap();
        let said = String::from_utf8_lossy(&said[..length]);
        assert!(["HTTP/1.1 400", "HTTP/1.1 403", "HTTP/1.1 404"].iter().any(|status| said.starts_with(status)), "{request}: {said}");
    }
    assert_eq!(world.sandbox.requests().len(), asked, "the provider was asked for nothing");

    // Whoever has the live login's own token, or the key, is let in.
    let live = std::fs::read_to_string(world.codex_home().join("auth.json")).unwrap();
    let live = serde_json::from_str::<serde_json::Value>(&live).unwrap()["tokens"]["access_token"].as_str().unwrap().to_owned();
    for secret in [&key, &live] {
        let answer =
            client.get(format!("http://127.0.0.1:{port}/v1/models?client_version=0.169.0")).bearer_auth(secret).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK);
    }
    let seen: BTreeSet<_> = world.sandbox.requests()[asked..].iter().flat_map(|request| request.headers.clone()).collect();
    assert!(seen.iter().all(|(_, value)| !value.contains(&key)), "the key stays here");

    serving.start_kill().unwrap();
    let ended = world.ended(serving).await;
    assert!(ended.stderr.contains("codex_lab") && !ended.stderr.contains(&key) && !ended.stderr.contains(&live), "the log names no secret");
    for log in std::fs::read_dir(world.lab_home().join("logs")).unwrap() {
        assert!(!std::fs::read_to_string(log.unwrap().path()).unwrap().contains(&key));
    }
}
