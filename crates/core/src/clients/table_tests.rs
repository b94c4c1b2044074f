//! Connecting and disconnecting over originals of every sort: what comes back is what was there, to the byte.

use serde_json::Value;

use super::connection::{Before, Connected, ConnectionError, Made, Setting, Standing, Touched, connect, disconnect, standing};
use super::syntax::{EditError, Syntax};
use super::{codex, opencode};

const KEY: &str = "{file:/home/ada/.codex-lab/gateway.key}";
const URL: &str = "openai_base_url = \"http://127.0.0.1:4517/v1\"";

fn for_codex() -> (Syntax, Vec<Setting>) {
    (Syntax::Toml, codex::settings(4517))
}

fn for_opencode() -> (Syntax, Vec<Setting>) {
    (Syntax::Jsonc, opencode::settings(4517, KEY, false))
}

fn connected(client: &(Syntax, Vec<Setting>), text: Option<&str>) -> Connected {
    connect(client.0, text, &client.1, None, false).unwrap_or_else(|error| panic!("{text:?}: {error}"))
}

fn undone(client: &(Syntax, Vec<Setting>), text: &str, made: &Made, touched: &[Touched]) -> (Option<String>, Vec<Touched>) {
    let undone = disconnect(client.0, Some(text), made, touched).unwrap();
    (undone.edited.text, undone.left)
}

/// Connects, connects again to another port, disconnects: nothing is left of it.
fn there_and_back(client: &(Syntax, Vec<Setting>), text: Option<&str>, moved: &[Setting]) {
    let there = connected(client, text);
    let now = there.edited.text.clone().unwrap();
    assert_eq!(standing(client.0, Some(&now), &client.1, &there.touched), Standing::Connected, "{now}");
    let again = connect(client.0, Some(&now), &client.1, Some((&there.made, &there.touched)), false).unwrap();
    assert_eq!(again.edited.text.as_ref(), Some(&now), "twice is once");
    let (back, left) = undone(client, &now, &there.made, &there.touched);
    assert_eq!((back.as_deref(), left), (text, vec![]), "by way of {now}");
    let other = connect(client.0, Some(&now), moved, Some((&there.made, &there.touched)), false).unwrap();
    let now = other.edited.text.unwrap();
    assert!(now.contains("127.0.0.1:9/v1") && !now.contains("4517"), "{now}");
    let (back, _) = undone(client, &now, &other.made, &other.touched);
    assert_eq!(back.as_deref(), text, "by way of {now}");
}

#[test]
fn codex_is_connected_and_back() {
    for original in [
        None,
        Some(""),
        Some("\n"),
        Some("\r\n\r\n"),
        Some("   \t"),
        Some("# a comment alone"),
        Some("# a comment alone\n"),
        Some("model = \"x\""),
        Some("model = \"x\"\n"),
        Some("model = \"x\" # the best"),
        Some("model = \"x\" # the best\r\n# more\r\n\r\n[features]\r\napps = false\r\n"),
        Some("[features]\napps = false"),
        Some("# header\n\n[features]\napps = false # mine\n"),
        Some("features.apps = false\n\n# about the tools\n[mcp_servers.x]\ncommand = 'y'\n"),
        Some("a.b.c = 1\n[a.d]\ne = 2\n"),
        Some("tools = { web = true, \"x y\" = [1,\n 2] }\n[[list]]\nn = 1\n[[list]]\n"),
        Some("text = '''\nopenai_base_url = \"no\"\n[no]\n'''\n\t[a] # tab\n\t\tb\t=\t1\n"),
        Some("numbers = [\n  1, # one\n  2,\n] # end\n\n\n[x]\n"),
        Some("\"ä\" = \"ö\" # ü\n[\"ß\"]"),
        Some("model_provider = 'openai'\n[model_providers.mine]\nopenai_base_url = 'inner'\n"),
    ] {
        there_and_back(&for_codex(), original, &codex::settings(9));
    }
}

#[test]
fn opencode_is_connected_and_back() {
    for original in [
        None,
        Some(""),
        Some(" \r\n"),
        Some("{}"),
        Some("{ }\n"),
        Some("{\n}\n"),
        Some("{\r\n}"),
        Some("{ /* nothing */ }"),
        Some("{ // nothing\n}"),
        Some("// before\n{} // after"),
        Some("{\"theme\":\"x\"}"),
        Some("{ \"theme\": \"x\", }"),
        Some("{ /* a */ \"theme\": \"x\" /* b */ , /* c */ }"),
        Some("{ /* a\n b */ \"theme\": \"x\" }"),
        Some("{ // a\n  \"theme\": \"x\" // b\n}\n"),
        Some("{\n\t\"theme\": \"x\", // tab\n\t\"mcp\": {\n\t\t\"y\": {} } }"),
        Some("{\r\n    \"theme\": \"x\",\r\n    \"list\": [\r\n        1, // one\r\n        2,\r\n    ],\r\n}\r\n"),
        Some("{\n  \"$schema\": \"https://opencode.ai/config.json\"\n}"),
        Some("{\n  \"$schema\": \"https://opencode.ai/config.json\" // c\n}"),
        Some("{\n  \"$schema\": \"https://opencode.ai/config.json\",\n}"),
        Some("{\n  \"$schema\": \"https://opencode.ai/config.json\", // c\n  \"theme\": \"x\"\n}"),
        Some("{\"$schema\":\"https://opencode.ai/config.json\"}"),
        Some("{\"$schema\":\"https://opencode.ai/config.json\",}"),
        Some("{\"$schema\":\"https://opencode.ai/config.json\",\"theme\":\"x\"}"),
        Some("{\n  \"theme\": \"x\",\n  \"$schema\": \"late\"\n}"),
        Some("{ \"provider\": {} }"),
        Some("{\n  \"provider\": {\n  },\n}"),
        Some("{\n  \"provider\": {\n    // theirs\n    \"openai\": { \"options\": {} }\n  },\n  \"model\": \"openai/x\"\n}\n"),
        Some("{\n  \"provider\": { \"openai\": {} },\n  \"small_model\": \"openai/small\" // theirs\n}"),
        Some("{ \"provider\": 1, \"provider\": { \"a\": {} } }"),
        Some("{ \"pro\\u0076ider\": { \"a\": {} } }"),
        Some("{ \"ä\": \"{file:x}\", \"y\": \"// no comment\" }"),
    ] {
        there_and_back(&for_opencode(), original, &opencode::settings(9, KEY, false));
    }
}

#[test]
fn what_is_written_looks_like_the_file_around_it() {
    let codex = |text| connected(&for_codex(), Some(text)).edited.text.unwrap();
    let mark = "# Set by Codex Lab; `codex-lab disconnect codex` takes it out again.";
    assert_eq!(codex(""), format!("{mark}\n{URL}\n"));
    assert_eq!(codex("a = 1 # x\r\n\r\n[b]\r\n"), format!("a = 1 # x\r\n{mark}\r\n{URL}\r\n\r\n[b]\r\n"));
    assert_eq!(codex("a = 1"), format!("a = 1\n{mark}\n{URL}"));
    assert_eq!(codex("[b]\n"), format!("{mark}\n{URL}\n\n[b]\n"));

    let value = serde_json::json!({ "x": { "y": [{}] }, "z": [1] });
    let provider = vec![Setting { value, ..opencode::settings(1, KEY, true).remove(0) }];
    let opencode = |text| connected(&(Syntax::Jsonc, provider.clone()), text).edited.text.unwrap();
    for (original, expected) in [
        (
            None,
            "{\n  \"$schema\": \"https://opencode.ai/config.json\",\n  \"provider\": {\n    \"codex-lab\": {\n      \"x\": { \"y\": [{}] },\n      \"z\": [1]\n    }\n  }\n}\n",
        ),
        (Some("{}"), "{\n  \"provider\": {\n    \"codex-lab\": {\n      \"x\": { \"y\": [{}] },\n      \"z\": [1]\n    }\n  }\n}"),
        (Some("{ \"a\": 1 }"), "{ \"provider\": { \"codex-lab\": { \"x\": { \"y\": [{}] }, \"z\": [1] } }, \"a\": 1 }"),
        (
            Some("{ // c\r\n\t\"a\": 1\r\n}"),
            "{ // c\r\n\t\"provider\": {\r\n\t\t\"codex-lab\": {\r\n\t\t\t\"x\": { \"y\": [{}] },\r\n\t\t\t\"z\": [1]\r\n\t\t}\r\n\t},\r\n\t\"a\": 1\r\n}",
        ),
        (
            Some("{\n  \"provider\": {\n    \"b\": {}\n  }\n}"),
            "{\n  \"provider\": {\n    \"codex-lab\": {\n      \"x\": { \"y\": [{}] },\n      \"z\": [1]\n    },\n    \"b\": {}\n  }\n}",
        ),
        (
            Some("{\n  \"provider\": {}\n}"),
            "{\n  \"provider\": {\n    \"codex-lab\": {\n      \"x\": { \"y\": [{}] },\n      \"z\": [1]\n    }\n  }\n}",
        ),
    ] {
        assert_eq!(opencode(original), expected, "{original:?}");
    }
}

#[test]
fn another_value_is_replaced_only_on_request_and_put_back() {
    for (client, original) in [
        (for_codex(), "openai_base_url\t= 'https://eu.example/v1' # mine\nmodel = 'x'\n"),
        (for_opencode(), "{\n  \"provider\": { \"codex-lab\": { \"name\": \"mine\" /* old */ } }\n}"),
    ] {
        let (syntax, settings) = &client;
        assert!(matches!(connect(*syntax, Some(original), settings, None, false), Err(ConnectionError::Taken { .. })));
        assert_eq!(standing(*syntax, Some(original), settings, &[]), Standing::Apart);
        let there = connect(*syntax, Some(original), settings, None, true).unwrap();
        let now = there.edited.text.unwrap();
        assert!(!there.edited.taken_out.is_empty() && now.contains("4517"), "{now}");
        let (back, _) = undone(&client, &now, &there.made, &there.touched);
        assert_eq!(back.as_deref(), Some(original));
        assert_eq!(standing(*syntax, Some(original), settings, &there.touched), Standing::Apart, "a note without a change");
    }
}

#[test]
fn what_may_be_a_secret_is_never_noted() {
    for (client, original) in [
        (for_codex(), "openai_base_url = 'https://user:planted@eu.example/v1'"),
        (for_codex(), "openai_base_url = 7"),
        (for_opencode(), "{ \"provider\": { \"codex-lab\": { \"options\": { \"apiKey\": \"sk-planted\" } } } }"),
    ] {
        let refused = connect(client.0, Some(original), &client.1, None, true);
        assert!(matches!(refused, Err(ConnectionError::HidesSecret { .. })), "{refused:?}");
    }
}

#[test]
fn the_same_value_of_the_users_own_stays_theirs() {
    let original = format!("model = 'x'\n{URL} # by hand\n");
    let there = connected(&for_codex(), Some(&original));
    assert_eq!(there.edited.text.as_ref(), Some(&original));
    assert_eq!(undone(&for_codex(), &original, &there.made, &there.touched).0.as_ref(), Some(&original));
}

#[test]
fn without_notes_ours_is_known_by_its_looks() {
    for client in [for_codex(), for_opencode()] {
        let now = connected(&client, None).edited.text.unwrap();
        assert_eq!(standing(client.0, Some(&now), &client.1, &[]), Standing::Connected);
        let again = connect(client.0, Some(&now), &client.1, None, false).unwrap();
        let (back, left) = undone(&client, &now, &again.made, &again.touched);
        assert!(left.is_empty() && !back.as_ref().unwrap().contains("4517"), "{back:?}");
        assert!(!back.unwrap().contains("Codex Lab"));
    }
}

#[test]
fn what_others_change_meanwhile_is_kept() {
    let mark = "# Set by Codex Lab; `codex-lab disconnect codex` takes it out again.";
    for (original, changed, expected) in [
        ("a = 1\n", format!("a = 2\n{mark}\n{URL}\nb = 3\n\n[c]\n"), "a = 2\nb = 3\n\n[c]\n"),
        ("a = 1", format!("a = 1\n{mark}\n{URL}\n[c]\n"), "a = 1\n[c]\n"),
        ("a = 1\n", format!("a = 1\n{mark}\n{URL} # mine\n"), "a = 1\n # mine\n"),
        // As Codex writes it when it changes a file with other line breaks.
        ("a = 1\r\n", format!("a = 1\n{mark}\n{URL}\n[c]\n"), "a = 1\n[c]\n"),
        ("a = 1\n", format!("{URL}\na = 1\n"), "a = 1\n"),
        ("a = 1\n", "  openai_base_url   =   'http://127.0.0.1:4517/v1'\na = 1".to_owned(), "a = 1"),
        ("a = 1\n", "a = 1\n".to_owned(), "a = 1\n"),
    ] {
        let there = connected(&for_codex(), Some(original));
        let (back, left) = undone(&for_codex(), &changed, &there.made, &there.touched);
        assert_eq!((back.as_deref(), left), (Some(expected), vec![]), "{changed}");
    }
    let provider = || vec![Setting { value: serde_json::json!({ "x": 1 }), ..opencode::settings(1, KEY, true).remove(0) }];
    let ours = "\"provider\": {\n    \"codex-lab\": {\n      \"x\": 1\n    }\n  }";
    for (original, changed, expected) in [
        ("{}", format!("{{\n  {ours},\n  \"a\": 1\n}}"), "{\n  \"a\": 1\n}"),
        ("{}", format!("{{\n  \"a\": 1,\n  {ours}\n}}"), "{\n  \"a\": 1\n}"),
        ("{}", "{ \"provider\":{\"codex-lab\":{\"x\":1},\"b\":{}}}".to_owned(), "{ \"provider\":{\"b\":{}}}"),
        ("{}", "{ \"provider\":{\"b\":{},\"codex-lab\":{\"x\":1}}}".to_owned(), "{ \"provider\":{\"b\":{}}}"),
        ("{}", "{ \"provider\":{\"codex-lab\":{ /* c */ \"x\" : 1 } } }".to_owned(), "{  }"),
        ("{ \"a\": 1 }", format!("{{\n  \"a\": 1,\n  {ours}, // why\n  \"b\": 2\n}}"), "{\n  \"a\": 1,\n  // why\n  \"b\": 2\n}"),
        ("{ \"a\": 1 }", format!("{{\n  \"a\": 1,\n  {ours} /* why */ , \"b\": 2\n}}"), "{\n  \"a\": 1,\n   /* why */  \"b\": 2\n}"),
        ("{ \"a\": 1 }", "{}".to_owned(), "{}"),
        ("{ \"a\": 1 }", " ".to_owned(), " "),
    ] {
        let client = (Syntax::Jsonc, provider());
        let there = connected(&client, Some(original));
        let (back, left) = undone(&client, &changed, &there.made, &there.touched);
        assert_eq!((back.as_deref(), left), (Some(expected), vec![]), "{changed}");
        assert!(expected == " " || Syntax::Jsonc.find(expected, &[]).is_ok(), "{expected}");
    }
}

#[test]
fn a_value_that_somebody_changed_is_left() {
    for (client, from, to) in [(for_codex(), "4517", "4518"), (for_opencode(), "\"Codex Lab\"", "\"Mine\"")] {
        let there = connected(&client, None);
        let changed = there.edited.text.unwrap().replace(from, to);
        assert_eq!(standing(client.0, Some(&changed), &client.1, &there.touched), Standing::Changed);
        let undone = disconnect(client.0, Some(&changed), &there.made, &there.touched).unwrap();
        assert_eq!(undone.left.len(), 1);
        assert!(undone.edited.text.unwrap().contains(to));
    }
    // Beside it, what is still ours goes all the same.
    let there = connected(&for_opencode(), Some("{}"));
    let changed = there.edited.text.unwrap().replace("Codex Lab", "Mine");
    let undone = disconnect(Syntax::Jsonc, Some(&changed), &there.made, &there.touched).unwrap();
    assert!(!undone.edited.text.unwrap().contains("small_model"));
    // Somebody else's value takes a word to be replaced, and is then what comes back.
    let there = connected(&for_codex(), Some("a = 1\n"));
    let changed = there.edited.text.unwrap().replace("http://127.0.0.1:4517", "https://eu.example");
    let noted = Some((&there.made, there.touched.as_slice()));
    assert!(matches!(connect(Syntax::Toml, Some(&changed), &codex::settings(1), noted, false), Err(ConnectionError::Taken { .. })));
    let again = connect(Syntax::Toml, Some(&changed), &codex::settings(1), noted, true).unwrap();
    assert!(matches!(&again.touched[0].before, Before::Text(text) if text == "\"https://eu.example/v1\""));
}

#[test]
fn what_cannot_be_edited_is_refused() {
    for (client, text, expected) in [
        (for_codex(), "a = 1\nb = [", EditError::Syntax { line: 2 }),
        (for_codex(), "ä = 1", EditError::Syntax { line: 1 }),
        (for_codex(), "a = 1\na = 2", EditError::Syntax { line: 2 }),
        (for_codex(), "openai_base_url.x = 1", EditError::Blocked { key: "openai_base_url".into() }),
        (for_codex(), "[openai_base_url]", EditError::Blocked { key: "openai_base_url".into() }),
        (for_opencode(), "{", EditError::Syntax { line: 1 }),
        (for_opencode(), "{\n  \"a\": 'x'\n}", EditError::Syntax { line: 2 }),
        (for_opencode(), "{\n  a: 1\n}", EditError::Syntax { line: 2 }),
        (for_opencode(), "{ \"a\": 1 \"b\": 2 }", EditError::Syntax { line: 1 }),
        (for_opencode(), "{} {}", EditError::Syntax { line: 1 }),
        (for_opencode(), "[]", EditError::Blocked { key: String::new() }),
        (for_opencode(), "// nothing", EditError::Blocked { key: String::new() }),
        (for_opencode(), "{ \"provider\": null }", EditError::Blocked { key: "provider".into() }),
    ] {
        assert_eq!(connect(client.0, Some(text), &client.1, None, true), Err(ConnectionError::Edit(expected)), "{text}");
    }
    let deep = format!("{{\"a\": {}", "[".repeat(100_000));
    assert!(connect(Syntax::Jsonc, Some(&deep), &for_opencode().1, None, true).is_err());
    let deep = format!("a = {}", "[".repeat(100_000));
    assert!(connect(Syntax::Toml, Some(&deep), &for_codex().1, None, true).is_err());
}

#[test]
fn notes_survive_being_written_down() {
    let there = connected(&for_opencode(), Some("{ \"a\": 1 }"));
    let text = serde_json::to_string(&there.touched).unwrap();
    assert_eq!(serde_json::from_str::<Vec<Touched>>(&text).unwrap(), there.touched);
    assert!(matches!(&there.touched[0].ours[0], Value::Object(provider) if provider.contains_key("npm")));
}
