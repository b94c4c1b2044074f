//! JSON Schemas from the types that are generated for the window: the core's own, so that a schema says what is sent.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Map, Value, json};

/// The schema of a type written in TypeScript, with every type it reaches below `$defs`. A `strict` one allows no other members.
pub(crate) fn schema(written: &str, strict: bool) -> Value {
    let mut reader = Reader { text: written, strict, reached: Vec::new() };
    let mut top = reader.union();
    let (mut open, mut defs) = (reader.reached, BTreeMap::new());
    while let Some(name) = open.pop() {
        if defs.contains_key(&name) {
            continue;
        }
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../ui/src/generated/{name}.ts"));
        let file = std::fs::read_to_string(&path).unwrap_or_else(|_| panic!("no such type: {name}"));
        let declared = format!("export type {name} = ");
        let (before, text) = file.split_once(&declared).unwrap();
        let mut reader = Reader { text, strict, reached: Vec::new() };
        let mut found = reader.union();
        let comment = before.rfind("/**").map(|start| &before[start..]);
        describe(&mut found, comment.map(words));
        open.append(&mut reader.reached);
        defs.insert(name, found);
    }
    top["$defs"] = json!(defs);
    top
}

/// Reads one type of those that are generated: literals, arrays, maps, objects, and unions of them.
struct Reader<'a> {
    text: &'a str,
    strict: bool,
    reached: Vec<String>,
}

impl<'a> Reader<'a> {
    fn union(&mut self) -> Value {
        self.take("|");
        let mut each = vec![self.one()];
        while self.take("|") {
            each.push(self.one());
        }
        if each.len() == 1 {
            return each.remove(0);
        }
        let literals: Option<Vec<Value>> = each.iter().map(|one| one.get("const").cloned()).collect();
        literals.map_or_else(|| json!({ "anyOf": each }), |literals| json!({ "enum": literals }))
    }

    fn one(&mut self) -> Value {
        if self.take("{") {
            return self.object();
        }
        if self.take("(") {
            let inner = self.union();
            assert!(self.take(")"), "{}", self.text);
            return inner;
        }
        if self.text.starts_with('"') {
            return json!({ "const": self.literal() });
        }
        match self.word() {
            "Array" => {
                assert!(self.take("<"), "{}", self.text);
                let items = self.union();
                assert!(self.take(">"), "{}", self.text);
                json!({ "type": "array", "items": items })
            }
            "unknown" => json!({}),
            simple @ ("string" | "number" | "boolean" | "null") => json!({ "type": simple }),
            name => {
                self.reached.push(name.to_owned());
                json!({ "$ref": format!("#/$defs/{name}") })
            }
        }
    }

    fn object(&mut self) -> Value {
        let (mut members, mut required) = (Map::new(), Vec::new());
        loop {
            let comment = self.comment();
            if self.take("}") {
                break;
            }
            if self.take("[key in") {
                // Only names are keys.
                self.union();
                assert!(self.take("]"), "{}", self.text);
                let optional = self.take("?:");
                assert!(optional || self.take(":"), "{}", self.text);
                let values = self.union();
                assert!(self.take("}"), "{}", self.text);
                return json!({ "type": "object", "additionalProperties": values });
            }
            let name = if self.text.starts_with('"') { self.literal() } else { self.word().to_owned() };
            if !self.take("?:") {
                assert!(self.take(":"), "{}", self.text);
                required.push(name.clone());
            }
            let mut of = self.union();
            describe(&mut of, comment);
            members.insert(name, of);
            self.take(",");
        }
        let mut object = json!({ "type": "object", "required": required, "properties": members });
        if self.strict {
            object["additionalProperties"] = false.into();
        }
        object
    }

    /// Goes past a sign, if it is the next thing.
    fn take(&mut self, sign: &str) -> bool {
        self.text = self.text.trim_start();
        let after = self.text.strip_prefix(sign);
        self.text = after.unwrap_or(self.text);
        self.text = self.text.trim_start();
        after.is_some()
    }

    /// The words of a comment that stands here.
    fn comment(&mut self) -> Option<String> {
        self.text = self.text.trim_start();
        let (comment, after) = self.text.strip_prefix("/**")?.split_once("*/")?;
        self.text = after.trim_start();
        Some(words(comment))
    }

    fn literal(&mut self) -> String {
        let (literal, after) = self.text[1..].split_once('"').unwrap();
        self.text = after.trim_start();
        literal.to_owned()
    }

    fn word(&mut self) -> &'a str {
        let end = self.text.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(self.text.len());
        assert!(end > 0, "no type begins with {}", &self.text[..self.text.len().min(40)]);
        let (word, after) = self.text.split_at(end);
        self.text = after.trim_start();
        word
    }
}

fn words(comment: &str) -> String {
    let lines = comment.lines().map(|line| line.trim().trim_start_matches(['/', '*']).trim_end_matches('/').trim_end_matches('*').trim());
    lines.filter(|line| !line.is_empty()).collect::<Vec<_>>().join(" ")
}

fn describe(schema: &mut Value, comment: Option<String>) {
    if let Some(comment) = comment.filter(|comment| !comment.is_empty()) {
        schema["description"] = comment.into();
    }
}
