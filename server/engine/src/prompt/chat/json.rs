//! `tojson` as templates expect it: Python's `json.dumps(value, ensure_ascii=False)`, with its spaces.

use std::fmt::Write;

use minijinja::value::ValueKind;
use minijinja::{Error, ErrorKind, Value};

/// Deepest nesting: templates only see what requests are made of.
const DEEPEST: usize = 64;

/// A value as JSON; with `indent`, a line for each entry.
pub(super) fn write(value: &Value, indent: Option<usize>) -> Result<String, Error> {
    let mut out = String::new();
    append(&mut out, value, indent, 0)?;
    Ok(out)
}

fn append(out: &mut String, value: &Value, indent: Option<usize>, depth: usize) -> Result<(), Error> {
    if depth > DEEPEST {
        return Err(Error::new(ErrorKind::InvalidOperation, "tojson: the value is nested too deeply"));
    }
    match value.kind() {
        ValueKind::Undefined | ValueKind::None => out.push_str("null"),
        ValueKind::Bool => out.push_str(if value.is_true() { "true" } else { "false" }),
        ValueKind::Number => out.push_str(&value.to_string()),
        ValueKind::String => quote(out, value.as_str().unwrap_or_default()),
        ValueKind::Seq | ValueKind::Iterable => {
            let items = value.try_iter()?.map(|item| (None, item));
            list(out, ['[', ']'], items, indent, depth)?;
        }
        ValueKind::Map => {
            let entries: Vec<(Option<String>, Value)> = value
                .try_iter()?
                .map(|key| Ok((Some(key.to_string()), value.get_item(&key)?)))
                .collect::<Result<_, Error>>()?;
            list(out, ['{', '}'], entries.into_iter(), indent, depth)?;
        }
        other => {
            return Err(Error::new(ErrorKind::InvalidOperation, format!("tojson: a {other} cannot be written")));
        }
    }
    Ok(())
}

fn list(
    out: &mut String,
    brackets: [char; 2],
    entries: impl Iterator<Item = (Option<String>, Value)>,
    indent: Option<usize>,
    depth: usize,
) -> Result<(), Error> {
    let line = |out: &mut String, depth: usize| {
        if let Some(indent) = indent {
            out.push('\n');
            out.extend(std::iter::repeat_n(' ', indent.min(DEEPEST) * depth));
        }
    };
    out.push(brackets[0]);
    let mut is_empty = true;
    for (key, value) in entries {
        if !is_empty {
            out.push_str(if indent.is_some() { "," } else { ", " });
        }
        is_empty = false;
        line(out, depth + 1);
        if let Some(key) = key {
            quote(out, &key);
            out.push_str(": ");
        }
        append(out, &value, indent, depth + 1)?;
    }
    if !is_empty {
        line(out, depth);
    }
    out.push(brackets[1]);
    Ok(())
}

fn quote(out: &mut String, text: &str) {
    out.push('"');
    for char in text.chars() {
        match char {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '\0'..' ' => write!(out, "\\u{:04x}", u32::from(char)).expect("a string takes any text"),
            other => out.push(other),
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use minijinja::Value;

    use super::write;

    #[test]
    fn values_are_written_as_python_does() {
        let check = |value: Value, indent: Option<usize>, expected: &str| {
            assert_eq!(write(&value, indent).unwrap(), expected);
        };
        check(Value::from(()), None, "null");
        check(Value::from("a\"\\\n\u{1}é<"), None, "\"a\\\"\\\\\\n\\u0001é<\"");
        let list = Value::from(vec![Value::from(1), Value::from(true), Value::from(Vec::<Value>::new())]);
        check(list.clone(), None, "[1, true, []]");
        let map = Value::from_pairs([("a", list), ("b", Value::from(2.5))]);
        check(map.clone(), None, "{\"a\": [1, true, []], \"b\": 2.5}");
        check(map, Some(2), "{\n  \"a\": [\n    1,\n    true,\n    []\n  ],\n  \"b\": 2.5\n}");
        let deep = (0..100).fold(Value::from(1), |inner, _| Value::from(vec![inner]));
        assert!(write(&deep, None).unwrap_err().to_string().contains("nested too deeply"));
    }
}
