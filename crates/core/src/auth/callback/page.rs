//! What the browser shows at the end: static, self-contained, nothing to follow.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::StatusCode;
use sha2::{Digest as _, Sha256};

use crate::failure::Failure;

const STYLE: &str = "\
:root{color-scheme:light dark}\
body{font:1.125rem/1.6 system-ui,sans-serif;max-width:34rem;margin:18vh auto 0;padding:0 1.5rem}\
h1{font-size:1.5rem;line-height:1.3;margin:0 0 .75rem}p{margin:0 0 .75rem}";

/// A page for the tab that the provider sent back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Page {
    /// There is a login.
    SignedIn,
    /// There is none.
    Failed(Failure),
    /// The callback is not ours; our sign-in still waits.
    WrongState,
    /// The callback came once more.
    AlreadyUsed,
    /// Not for people.
    Plain(StatusCode),
}

impl Page {
    /// The status it goes out with.
    pub(super) fn status(&self) -> StatusCode {
        match self {
            Self::SignedIn => StatusCode::OK,
            Self::Failed(_) | Self::WrongState => StatusCode::BAD_REQUEST,
            Self::AlreadyUsed => StatusCode::CONFLICT,
            Self::Plain(status) => *status,
        }
    }

    /// The whole HTTP/1.1 answer.
    pub(super) fn response(&self) -> Vec<u8> {
        let status = self.status();
        let (kind, body) = match self {
            Self::SignedIn => html("You are signed in", &["You can close this tab and go back to Codex Lab."]),
            Self::Failed(failure) => {
                let lines: Vec<&str> = [failure.message.as_str()].into_iter().chain(failure.hints.iter().map(String::as_str)).collect();
                html("You are not signed in", &lines)
            }
            Self::WrongState => html(
                "This page is from another sign-in",
                &["It was not used. The sign-in in Codex Lab still waits: use the page that it opened, or start again there."],
            ),
            Self::AlreadyUsed => html("This sign-in was used already", &["You can close this tab and go back to Codex Lab."]),
            Self::Plain(status) => ("text/plain; charset=utf-8", format!("{status}\n")),
        };
        let allow = if status == StatusCode::METHOD_NOT_ALLOWED { "Allow: GET\r\n" } else { "" };
        let style = STANDARD.encode(Sha256::digest(STYLE));
        format!(
            "HTTP/1.1 {status}\r\n\
             Content-Type: {kind}\r\n\
             Content-Length: {}\r\n\
             Cache-Control: no-store\r\n\
             Content-Security-Policy: default-src 'none'; style-src 'sha256-{style}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'\r\n\
             Referrer-Policy: no-referrer\r\n\
             X-Content-Type-Options: nosniff\r\n\
             {allow}Connection: close\r\n\r\n{body}",
            body.len()
        )
        .into_bytes()
    }
}

fn html(title: &str, lines: &[&str]) -> (&'static str, String) {
    let title = escape(title);
    let lines: Vec<String> = lines.iter().map(|line| format!("<p>{}</p>", escape(line))).collect();
    let lines = lines.join("\n");
    let body = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{title} - Codex Lab</title>\n<style>{STYLE}</style>\n</head>\n\
         <body>\n<main>\n<h1>{title}</h1>\n{lines}\n</main>\n</body>\n</html>\n"
    );
    ("text/html; charset=utf-8", body)
}

fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::Code;

    fn text(page: &Page) -> String {
        String::from_utf8(page.response()).unwrap()
    }

    #[test]
    fn pages_are_sealed_off() {
        let failed = Page::Failed(Failure::new(Code::Provider, "It failed.").hint("Try again."));
        for page in [Page::SignedIn, failed, Page::WrongState, Page::AlreadyUsed, Page::Plain(StatusCode::NOT_FOUND)] {
            let text = text(&page);
            let (head, body) = text.split_once("\r\n\r\n").unwrap();
            assert!(head.contains("Content-Security-Policy: default-src 'none';") && head.contains("Cache-Control: no-store"));
            assert!(head.contains(&format!("Content-Length: {}", body.len())));
            for outside in ["http:", "https:", "src=", "href=", "<script", "url("] {
                assert!(!body.contains(outside), "{outside} in {body}");
            }
        }
    }

    #[test]
    fn the_style_is_the_one_the_policy_allows() {
        let text = text(&Page::SignedIn);
        let style = text.split_once("<style>").unwrap().1.split_once("</style>").unwrap().0;
        assert!(text.contains(&format!("'sha256-{}'", STANDARD.encode(Sha256::digest(style)))));
    }

    #[test]
    fn a_failure_is_shown_as_text() {
        let text = text(&Page::Failed(Failure::new(Code::Provider, "<b>&\"'").hint("<i>")));
        assert!(text.contains("<p>&lt;b&gt;&amp;&quot;&#39;</p>\n<p>&lt;i&gt;</p>"));
        assert!(text.starts_with("HTTP/1.1 400 Bad Request\r\n"));
    }
}
