//! Keys of a JSON file that may have comments. The parser says where things are; the text is edited by its bytes.

use jsonc_parser::ast::{Object, ObjectProp, Value as Ast};
use jsonc_parser::common::Ranged as _;
use jsonc_parser::tokens::{Token, TokenAndRange};
use jsonc_parser::{CollectOptions, CommentCollectionStrategy, ParseOptions, ParseResult, parse_to_ast};
use serde_json::Value;

use super::splice::{self, Splice};
use super::syntax::{Added, EditError, Place};

/// As deep as a file is indented that does not say.
const UNIT: &str = "  ";
/// So many objects or lists within each other are still told at a glance.
const SHALLOW: usize = 3;
/// The line that editors look for first; nothing is put before it.
const SCHEMA: &str = "$schema";

/// Where a key is, and what it says. Of a key that is there twice the last one counts, as for everyone who reads such files.
pub(super) fn find(text: &str, key: &[String]) -> Result<Option<Place>, EditError> {
    let parsed = parse(text)?;
    Ok(match walk(root(&parsed)?, key)? {
        Walk::There(path) => path.last().map(|prop| {
            let range = prop.value.range();
            Place { range: range.start..range.end, value: prop.value.clone().into(), marked: true }
        }),
        Walk::Missing { .. } => None,
    })
}

/// Puts a key in, with the objects around it that are not there, as the first of its object.
pub(super) fn put(text: &str, key: &[String], value: &Value) -> Result<(Splice, Added), EditError> {
    let parsed = parse(text)?;
    let Walk::Missing { object, depth } = walk(root(&parsed)?, key)? else { return Err(EditError::Unsafe) };
    let [name, inner @ ..] = key.get(depth..).unwrap_or_default() else { return Err(EditError::Unsafe) };
    let whole = inner.iter().rev().fold(value.clone(), |value, name| Value::Object([(name.clone(), value)].into_iter().collect()));
    let spot = Spot::of(text, &parsed, object);
    let prop = format!("{}: {}", Value::from(name.as_str()), literal(text, &parsed, spot.indent.clone(), &whole));
    let added = Added { lead: spot.lead, trail: spot.trail, made: inner.len() };
    Ok((Splice::insert(spot.at, format!("{}{prop}{}", added.lead, added.trail)), added))
}

/// Takes a key out, with the objects that were made for it and hold nothing else.
pub(super) fn take(text: &str, key: &[String], added: &Added) -> Result<Vec<Splice>, EditError> {
    let parsed = parse(text)?;
    let Walk::There(path) = walk(root(&parsed)?, key)? else { return Ok(Vec::new()) };
    let only = |prop: &&ObjectProp<'_>| matches!(&prop.value, Ast::Object(object) if object.properties.len() == 1);
    let ours = path.iter().rev().skip(1).take(added.made).take_while(|prop| only(prop)).count();
    let Some(prop) = path.iter().rev().nth(ours) else { return Ok(Vec::new()) };
    let piece = prop.range.start..prop.range.end;
    let (before, after) = (text.get(..piece.start).unwrap_or_default(), text.get(piece.end..).unwrap_or_default());
    let (previous, next) = neighbours(&parsed, piece.start, piece.end);
    let alone = previous.is_some_and(|it| it.token == Token::OpenBrace) && next.is_some_and(|it| it.token == Token::CloseBrace);
    // Without a comma of its own it can go like this only if nobody has put anything beside it.
    let whole = alone || format!("{}{}", added.lead, added.trail).contains(',');
    if ours == added.made && whole && before.ends_with(&added.lead) && after.starts_with(&added.trail) {
        return Ok(vec![Splice::remove(piece.start - added.lead.len()..piece.end + added.trail.len())]);
    }
    Ok(take_between(text, &parsed, piece))
}

/// A value as it is written in the place of another.
pub(super) fn literal_at(text: &str, old: &std::ops::Range<usize>, value: &Value) -> Result<String, EditError> {
    let parsed = parse(text)?;
    let indent = text.get(old.clone()).is_some_and(|old| old.contains('\n')).then(|| indent_of_line(text, old.start));
    Ok(literal(text, &parsed, indent, value))
}

fn parse(text: &str) -> Result<ParseResult<'_>, EditError> {
    let collect = CollectOptions { comments: CommentCollectionStrategy::Off, tokens: true };
    let options = ParseOptions {
        allow_comments: true,
        allow_trailing_commas: true,
        allow_loose_object_property_names: false,
        allow_missing_commas: false,
        allow_single_quoted_strings: false,
        allow_hexadecimal_numbers: false,
        allow_unary_plus_numbers: false,
        allow_bare_decimal_point_numbers: false,
        allow_non_finite_numbers: false,
        allow_extended_string_escapes: false,
    };
    parse_to_ast(text, &collect, &options).map_err(|error| EditError::Syntax { line: splice::line_number(text, error.range().start) })
}

fn root<'a, 'b>(parsed: &'b ParseResult<'a>) -> Result<&'b Object<'a>, EditError> {
    parsed.value.as_ref().and_then(Ast::as_object).ok_or_else(|| EditError::Blocked { key: String::new() })
}

/// How far a key is there.
enum Walk<'a, 'b> {
    /// All of it, from the outermost on.
    There(Vec<&'b ObjectProp<'a>>),
    /// This object has no such part of it.
    Missing { object: &'b Object<'a>, depth: usize },
}

fn walk<'a, 'b>(root: &'b Object<'a>, key: &[String]) -> Result<Walk<'a, 'b>, EditError> {
    let (mut object, mut path) = (root, Vec::new());
    for (depth, name) in key.iter().enumerate() {
        let Some(prop) = object.properties.iter().rev().find(|prop| prop.name.as_str() == name) else {
            return Ok(Walk::Missing { object, depth });
        };
        path.push(prop);
        if depth + 1 < key.len() {
            object = prop.value.as_object().ok_or_else(|| EditError::Blocked { key: key.get(..=depth).unwrap_or_default().join(".") })?;
        }
    }
    Ok(Walk::There(path))
}

/// Where in an object a new key goes, and what goes around it.
struct Spot {
    at: usize,
    lead: String,
    trail: String,
    /// The indentation of its line; without one all is in one line.
    indent: Option<String>,
}

impl Spot {
    fn of(text: &str, parsed: &ParseResult<'_>, object: &Object<'_>) -> Self {
        let (newline, outer) = (splice::line_break(text), indent_of_line(text, object.range.start));
        let first = object.properties.first();
        let indent = first.and_then(|prop| own_indent(text, prop.range.start)).unwrap_or_else(|| format!("{outer}{}", unit(text, parsed)));
        let on_new_line = format!("{newline}{indent}");
        // Deep objects are spread over lines wherever the file has more than one.
        let here = text.contains('\n').then(|| outer.clone());
        let schema = first.filter(|prop| prop.name.as_str() == SCHEMA);
        let (after, beside) = match schema.map(|prop| (prop, neighbours(parsed, prop.range.start, prop.range.end).1)) {
            None => (object.range.start + 1, first),
            Some((_, Some(token))) if token.token == Token::Comma => (token.range.end, object.properties.get(1)),
            Some((prop, _)) if own_indent(text, prop.range.start).is_some() => {
                return Self { at: prop.range.end, lead: format!(",{on_new_line}"), trail: String::new(), indent: Some(indent) };
            }
            Some((prop, _)) => return Self { at: prop.range.end, lead: ", ".to_owned(), trail: String::new(), indent: here },
        };
        let end = splice::line_end(text, after);
        let rest = text.get(after..end).unwrap_or_default().trim();
        let comma = if schema.is_some() || beside.is_some() { "," } else { "" };
        if (rest.is_empty() || rest.starts_with("//")) && text.len() > end {
            return Self { at: end, lead: on_new_line, trail: comma.to_owned(), indent: Some(indent) };
        }
        match beside {
            Some(prop) => Self { at: prop.range.start, lead: String::new(), trail: ", ".to_owned(), indent: here },
            None if schema.is_some() => Self { at: after, lead: " ".to_owned(), trail: comma.to_owned(), indent: here },
            None => Self { at: after, lead: on_new_line, trail: format!("{newline}{outer}"), indent: Some(indent) },
        }
    }
}

/// A property's removal, with the comma that is then too many.
fn take_between(text: &str, parsed: &ParseResult<'_>, piece: std::ops::Range<usize>) -> Vec<Splice> {
    let comma = |token: Option<&TokenAndRange<'_>>| {
        token.filter(|token| token.token == Token::Comma).map(|token| token.range.start..token.range.end)
    };
    let (previous, next) = neighbours(parsed, piece.start, piece.end);
    let own = |piece| Splice::remove(splice::alone_on_its_lines(text, piece));
    match (comma(previous), comma(next)) {
        (_, Some(next)) if text.get(piece.end..next.start).is_some_and(|between| between.trim().is_empty()) => {
            vec![own(piece.start..next.end)]
        }
        (_, Some(next)) => vec![Splice::remove(piece), Splice::remove(next)],
        (Some(previous), None) => vec![Splice::remove(previous), own(piece)],
        (None, None) => vec![own(piece)],
    }
}

/// The tokens before and after a piece, comments aside.
fn neighbours<'a, 'b>(
    parsed: &'b ParseResult<'a>,
    start: usize,
    end: usize,
) -> (Option<&'b TokenAndRange<'a>>, Option<&'b TokenAndRange<'a>>) {
    let tokens = parsed.tokens.as_deref().unwrap_or_default();
    let before = tokens.partition_point(|token| token.range.end <= start);
    let after = tokens.partition_point(|token| token.range.start < end);
    (before.checked_sub(1).and_then(|place| tokens.get(place)), tokens.get(after))
}

/// A value over several lines, the later ones indented by `indent` and more, or in one. What is shallow stays in one line.
fn literal(text: &str, parsed: &ParseResult<'_>, indent: Option<String>, value: &Value) -> String {
    match indent {
        Some(indent) => spread(value, &format!("{}{indent}", splice::line_break(text)), &unit(text, parsed)),
        None => in_one_line(value),
    }
}

fn spread(value: &Value, new_line: &str, unit: &str) -> String {
    match value {
        Value::Object(object) if depth(value) > SHALLOW => {
            let deeper = format!("{new_line}{unit}");
            let says =
                |(name, value): (&String, &Value)| format!("{deeper}{}: {}", Value::from(name.as_str()), spread(value, &deeper, unit));
            format!("{{{}{new_line}}}", object.iter().map(says).collect::<Vec<_>>().join(","))
        }
        _ => in_one_line(value),
    }
}

fn in_one_line(value: &Value) -> String {
    match value {
        Value::Object(object) if !object.is_empty() => {
            let says = |(name, value): (&String, &Value)| format!("{}: {}", Value::from(name.as_str()), in_one_line(value));
            format!("{{ {} }}", object.iter().map(says).collect::<Vec<_>>().join(", "))
        }
        Value::Array(list) => format!("[{}]", list.iter().map(in_one_line).collect::<Vec<_>>().join(", ")),
        _ => value.to_string(),
    }
}

/// How many objects and lists are within each other.
fn depth(value: &Value) -> usize {
    match value {
        Value::Object(object) => 1 + object.values().map(depth).max().unwrap_or_default(),
        Value::Array(list) => 1 + list.iter().map(depth).max().unwrap_or_default(),
        _ => 0,
    }
}

/// What the file is indented by.
fn unit(text: &str, parsed: &ParseResult<'_>) -> String {
    let first = root(parsed).ok().and_then(|root| root.properties.first());
    first.and_then(|prop| own_indent(text, prop.range.start)).filter(|unit| !unit.is_empty()).unwrap_or_else(|| UNIT.to_owned())
}

/// The indentation of what begins its line.
fn own_indent(text: &str, at: usize) -> Option<String> {
    text.get(splice::line_start(text, at)..at).filter(|before| before.trim().is_empty()).map(str::to_owned)
}

/// The indentation of the line that `at` is in.
fn indent_of_line(text: &str, at: usize) -> String {
    let line = text.get(splice::line_start(text, at)..at).unwrap_or_default();
    line.chars().take_while(|c| matches!(c, ' ' | '\t')).collect()
}
