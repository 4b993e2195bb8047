//! What a literal under the cursor means: numbers, escapes, format codes, colours, regular expressions.
//!
//! Markdown of a few lines. Nothing is told of literals that speak for themselves.

mod format_codes;
mod number;
#[cfg(test)]
mod tests;

use syntax::{Document, Node, TextRange};

use crate::{
    family::Family,
    regex_explanation::{flags, regex_explanation},
    tree::{path_to, range_of},
};

/// A meaning and what has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Meaning {
    /// The literal, or the part of it.
    pub range: TextRange,
    /// Markdown.
    pub markdown: String,
}

/// Lines that a pattern's explanation has at most.
const MAX_PARTS: usize = 15;
/// Longer patterns are data.
const MAX_PATTERN: usize = 2000;

/// What the literal at `offset` means, if that is worth telling.
pub fn literal_meaning(document: &Document, offset: usize) -> Option<Meaning> {
    let tree = document.tree()?;
    let path = path_to(tree, offset);
    let leaf = *path.last()?;
    let text = |node: Node<'_>| document.text().slice(range_of(node));
    let family = Family::of(document.language());
    if number::is_number(leaf.kind()) {
        let markdown = number::meaning(&text(leaf))?;
        return Some(Meaning { range: range_of(leaf), markdown });
    }
    if leaf.kind() == "color_value" {
        let markdown = number::colour(text(leaf).strip_prefix('#')?)?;
        return Some(Meaning { range: range_of(leaf), markdown: format!("`{}`: {markdown}", text(leaf)) });
    }
    if let Some(regex) = path.iter().find(|it| it.kind() == "regex" && family.is_script()) {
        let pattern = text(regex.child_by_field_name("pattern")?);
        let letters = regex.child_by_field_name("flags").map(text);
        return Some(Meaning { range: range_of(*regex), markdown: regex_markdown(&pattern, letters.as_deref())? });
    }
    let string_at = path.iter().rposition(|it| is_string(*it))?;
    let string = path[string_at];
    let call =
        path[..string_at].iter().rev().take(3).find(|it| it.kind().contains("call") || it.kind() == "new_expression");
    let called = call.and_then(|it| {
        let function = it.child_by_field_name("function").or_else(|| it.child_by_field_name("constructor"))?;
        let arguments = it.child_by_field_name("arguments")?;
        let mut cursor = arguments.walk();
        let position = arguments.named_children(&mut cursor).position(|argument| argument == string)?;
        Some((text(function), position))
    });
    if let Some((name, 0)) = &called
        && takes_pattern(family, name)
        && let Some(pattern) = content(&text(string), family)
    {
        return Some(Meaning { range: range_of(string), markdown: regex_markdown(&pattern, None)? });
    }
    if leaf.kind() == "escape_sequence" {
        let markdown = escape(&text(leaf))?;
        return Some(Meaning { range: range_of(leaf), markdown });
    }
    if let Some(spec) = path.iter().find(|it| it.kind() == "format_specifier") {
        let markdown = format_codes::specification(text(*spec).trim_start_matches(':'))?;
        return Some(Meaning { range: range_of(*spec), markdown });
    }
    let is_time = called.as_ref().is_some_and(|(name, _)| name.ends_with("strftime") || name.ends_with("strptime"));
    let is_left_of_percent = path[..string_at].last().is_some_and(|it| {
        it.kind() == "binary_operator"
            && it.child_by_field_name("left") == Some(string)
            && it.child_by_field_name("operator").is_some_and(|operator| operator.kind() == "%")
    });
    let prints = called.as_ref().is_some_and(|(name, _)| {
        let last = name.rsplit(['.', ':', '>']).next().unwrap_or_default();
        matches!(
            last,
            "printf" | "fprintf" | "sprintf" | "snprintf" | "Printf" | "Sprintf" | "Fprintf" | "Errorf" | "format"
        ) && matches!(family, Family::C | Family::Cpp | Family::Go | Family::Java)
    });
    if is_time || is_left_of_percent || prints {
        let literal = text(string);
        let (at, code, meaning) = format_codes::code_at(&literal, offset - string.start_byte(), is_time)?;
        let range = TextRange::new(string.start_byte() + at, string.start_byte() + at + code.len());
        return Some(Meaning { range, markdown: format!("`{code}`: {meaning}") });
    }
    let inner = content(&text(string), family)?;
    let markdown = number::colour(inner.strip_prefix('#')?)?;
    Some(Meaning { range: range_of(string), markdown: format!("`{inner}`: {markdown}") })
}

fn is_string(node: Node<'_>) -> bool {
    matches!(
        node.kind(),
        "string"
            | "string_literal"
            | "raw_string_literal"
            | "interpreted_string_literal"
            | "template_string"
            | "concatenated_string"
    ) && node.is_named()
}

/// Functions whose first argument is a pattern.
fn takes_pattern(family: Family, name: &str) -> bool {
    match family {
        Family::Python => {
            let (module, function) = name.rsplit_once('.').unwrap_or(("", name));
            matches!(module, "re" | "regex")
                && matches!(
                    function,
                    "compile" | "match" | "search" | "fullmatch" | "sub" | "subn" | "findall" | "finditer" | "split"
                )
        }
        Family::Rust => name.ends_with("Regex::new") || name.ends_with("RegexBuilder::new"),
        Family::Go => matches!(name, "regexp.MustCompile" | "regexp.Compile" | "regexp.MatchString"),
        Family::Script | Family::ScriptJsx => name == "RegExp",
        _ => false,
    }
}

/// What stands between the quotes, with escapes of backslash and quotes resolved unless the string is raw.
fn content(literal: &str, family: Family) -> Option<String> {
    let quote = literal.find(['"', '\'', '`'])?;
    let (prefix, rest) = literal.split_at(quote);
    // An f-string's value is not in the text.
    if prefix.contains(['f', 'F', 't', 'T']) && family == Family::Python {
        return None;
    }
    let is_raw = prefix.contains(['r', 'R']) || rest.starts_with('`') && family == Family::Go;
    let delimiter = ["\"\"\"", "'''", "\"", "'", "`"].into_iter().find(|it| rest.starts_with(it))?;
    let hashes = prefix.matches('#').count();
    let inner = rest.strip_prefix(delimiter)?;
    let inner = inner.get(..inner.len().checked_sub(hashes)?)?.strip_suffix(delimiter)?;
    if delimiter == "`" && inner.contains("${") {
        return None;
    }
    if is_raw {
        return Some(inner.to_owned());
    }
    let mut resolved = String::with_capacity(inner.len());
    let mut characters = inner.chars();
    while let Some(c) = characters.next() {
        match c {
            '\\' => match characters.next() {
                Some(next @ ('\\' | '"' | '\'' | '`')) => resolved.push(next),
                // What else a backslash begins means the same to a pattern, or is kept by the language.
                Some(next) => resolved.extend(['\\', next]),
                None => resolved.push('\\'),
            },
            _ => resolved.push(c),
        }
    }
    Some(resolved)
}

fn regex_markdown(pattern: &str, letters: Option<&str>) -> Option<String> {
    if pattern.is_empty() || pattern.len() > MAX_PATTERN {
        return None;
    }
    let explained = regex_explanation(pattern);
    let mut lines = vec!["Regular expression:".to_owned(), String::new()];
    let room = MAX_PARTS.min(explained.parts.len());
    for part in &explained.parts[..room] {
        let source = part.source.replace('\n', "\\n");
        let fence = if source.contains('`') { "``" } else { "`" };
        let pad = if fence.len() > 1 || source.starts_with(' ') && source.trim().is_empty() { " " } else { "" };
        lines.push(format!(
            "{}- {fence}{pad}{source}{pad}{fence}: {}",
            "  ".repeat(part.depth),
            part.meaning.replace('\n', "\\n")
        ));
    }
    if explained.parts.len() > room {
        lines.push(format!("- … and {} more parts", explained.parts.len() - room));
    }
    if let Some(letters) = letters.filter(|it| !it.is_empty()) {
        lines.push(format!("- {}", flags(letters)));
    }
    if let Some(warning) = explained.warning {
        lines.push(format!("\n**Careful**: {warning}."));
    }
    Some(lines.join("\n"))
}

/// The character that an escape stands for.
fn escape(source: &str) -> Option<String> {
    let rest = source.strip_prefix('\\')?;
    let name = match rest {
        "n" => "line feed",
        "r" => "carriage return",
        "t" => "tab",
        "0" => "null character",
        "a" => "bell",
        "b" => "backspace",
        "f" => "form feed",
        "v" => "vertical tab",
        "\\" => "a backslash",
        "\"" => "a double quote",
        "'" => "a single quote",
        "\n" => "the line goes on: the line break is left out",
        _ => "",
    };
    if !name.is_empty() {
        let source = source.replace('\n', "");
        return Some(format!("`{source}`: {name}"));
    }
    let (digits, radix) = match rest.chars().next()? {
        'x' | 'u' | 'U' => (rest[1..].trim_matches(['{', '}']), 16),
        '0'..='7' => (rest, 8),
        _ => return None,
    };
    let code = u32::from_str_radix(digits, radix).ok()?;
    let shown = char::from_u32(code).filter(|c| !c.is_control() && !c.is_whitespace());
    Some(match shown {
        Some(c) => format!("`{source}`: the character {c} (U+{code:04X})"),
        None => format!("`{source}`: the character U+{code:04X}"),
    })
}
