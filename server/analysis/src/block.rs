//! Which line opens a block, and how deep a line is indented.

use syntax::Language;

use crate::family::Family;

/// Words of Python that begin a compound statement.
pub(crate) const PYTHON_COMPOUND: &[&str] = &[
    "async", "case", "class", "def", "elif", "else", "except", "finally", "for", "if", "match", "try", "while", "with",
];

/// White space at the start of `line`.
pub(crate) fn indent_of(line: &str) -> &str {
    let end = line.find(|c: char| c != ' ' && c != '\t').unwrap_or(line.len());
    &line[..end]
}

/// Start of the line that `offset` is in.
pub(crate) fn line_start(text: &str, offset: usize) -> usize {
    text[..offset].rfind('\n').map_or(0, |n| n + 1)
}

/// End of the line that `offset` is in, without the line's end.
pub(crate) fn line_end(text: &str, offset: usize) -> usize {
    match text[offset..].find('\n') {
        Some(len) if text[offset..offset + len].ends_with('\r') => offset + len - 1,
        Some(len) => offset + len,
        None => text.len(),
    }
}

/// Width of an indentation in columns; a tab goes to the next multiple of eight, as in CPython's tokenizer.
pub(crate) fn columns(indent: &str) -> usize {
    indent.bytes().fold(0, |column, byte| if byte == b'\t' { (column / 8 + 1) * 8 } else { column + 1 })
}

/// The identifier that `line` begins with.
pub(crate) fn first_word(line: &str) -> &str {
    let line = line.trim_start();
    let end = line.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(line.len());
    &line[..end]
}

fn last_word(line: &str) -> &str {
    let line = line.trim_end();
    let start = line
        .rfind(|c: char| !c.is_alphanumeric() && c != '_')
        .map_or(0, |n| n + line[n..].chars().next().map_or(1, char::len_utf8));
    &line[start..]
}

/// True when `code` (a line without comments) ends where the lines of a block are to follow.
pub(crate) fn opens_block(language: Language, code: &str) -> bool {
    let code = code.trim();
    let first = first_word(code);
    match Family::of(language) {
        Family::Python => {
            // `x:` waits for a type.
            let is_annotation = code.len() == first.len() + 1 && !PYTHON_COMPOUND.contains(&first);
            code.ends_with(':') && !is_annotation && last_word(&code[..code.len() - 1]) != "lambda"
        }
        Family::Json => code.ends_with(['{', '[']),
        Family::Html => {
            code.starts_with('<')
                && code.ends_with('>')
                && !code.ends_with("/>")
                && !code.contains("</")
                && !code.ends_with("-->")
                && !code.starts_with("<!")
        }
        Family::Bash => code.ends_with('{') || matches!(last_word(code), "then" | "do" | "else"),
        Family::Css | Family::Rust => code.ends_with('{'),
        Family::Script | Family::ScriptJsx | Family::Go | Family::Java | Family::C | Family::Cpp => {
            let is_label = matches!(first, "case" | "default" | "public" | "private" | "protected");
            code.ends_with('{') || (code.ends_with(':') && is_label)
        }
        Family::Other => other_opens_block(language.id(), code, first),
    }
}

fn other_opens_block(id: &str, code: &str, first: &str) -> bool {
    if code.ends_with('{') || matches!(last_word(code), "do" | "then" | "begin") {
        return true;
    }
    let words: &[&str] = match id {
        "ruby" => {
            &["begin", "case", "class", "def", "else", "elsif", "for", "if", "module", "unless", "until", "while"]
        }
        "julia" => &["begin", "else", "elseif", "for", "function", "if", "let", "macro", "module", "struct", "while"],
        "lua" => &["else", "function", "repeat"],
        "yaml" | "nim" | "gdscript" | "coffeescript" => return code.ends_with(':'),
        _ => return false,
    };
    // `def a = 1` and `return x if y` open nothing, but no cheap look at one line tells them all apart.
    words.contains(&first) && !code.ends_with("end")
}
