//! How strings are written, per family. Comments come from the language registry.

use crate::family::Family;

/// One way to write a string (or a character literal, which hides brackets just as well).
#[derive(Debug)]
pub(crate) struct StringRule {
    /// Opening delimiter.
    pub(crate) open: &'static str,
    /// Closing delimiter.
    pub(crate) close: &'static str,
    /// It may contain line ends.
    pub(crate) multiline: bool,
    /// A backslash takes the next character's meaning away.
    pub(crate) escapes: bool,
    /// Delimiters between which the string holds code.
    pub(crate) interpolations: &'static [(&'static str, u8)],
}

const fn line(quote: &'static str) -> StringRule {
    StringRule { open: quote, close: quote, multiline: false, escapes: true, interpolations: &[] }
}

const fn multiline(quote: &'static str) -> StringRule {
    StringRule { open: quote, close: quote, multiline: true, escapes: true, interpolations: &[] }
}

const fn raw(quote: &'static str) -> StringRule {
    StringRule { open: quote, close: quote, multiline: true, escapes: false, interpolations: &[] }
}

const SINGLE: StringRule = line("'");
const DOUBLE: StringRule = line("\"");

/// The placeholder rule of strings whose closing delimiter is known only once they are opened.
pub(crate) const CUSTOM: StringRule = raw("");

// Longer delimiters stand before their own prefixes.
const PYTHON: &[StringRule] = &[multiline("\"\"\""), multiline("'''"), DOUBLE, SINGLE];
/// The rules of `PYTHON`, for f-strings.
pub(crate) const PYTHON_FORMAT: &[StringRule] = &[
    StringRule { interpolations: BRACES, ..multiline("\"\"\"") },
    StringRule { interpolations: BRACES, ..multiline("'''") },
    StringRule { interpolations: BRACES, ..DOUBLE },
    StringRule { interpolations: BRACES, ..SINGLE },
];
const BRACES: &[(&str, u8)] = &[("{", b'}')];
const SCRIPT: &[StringRule] = &[DOUBLE, SINGLE, StringRule { interpolations: &[("${", b'}')], ..multiline("`") }];
// The apostrophe is not here: it also begins a lifetime.
const RUST: &[StringRule] = &[multiline("\"")];
const GO: &[StringRule] = &[DOUBLE, SINGLE, raw("`")];
const JAVA: &[StringRule] = &[multiline("\"\"\""), DOUBLE, SINGLE];
const QUOTES: &[StringRule] = &[DOUBLE, SINGLE];
const JSON: &[StringRule] = &[DOUBLE];
const HTML: &[StringRule] = &[raw("\""), raw("'")];
const BASH: &[StringRule] =
    &[StringRule { interpolations: &[("$(", b')'), ("${", b'}')], ..multiline("\"") }, raw("'")];
/// `$'…'` of the shell.
pub(crate) const BASH_ANSI: StringRule = multiline("'");

/// The strings of `family`. `Other` knows only the double quote: in many languages the
/// apostrophe is part of names or of prose.
pub(crate) fn string_rules(family: Family) -> &'static [StringRule] {
    match family {
        Family::Python => PYTHON,
        Family::Script | Family::ScriptJsx => SCRIPT,
        Family::Rust => RUST,
        Family::Go => GO,
        Family::Java => JAVA,
        Family::C | Family::Cpp | Family::Css => QUOTES,
        Family::Json | Family::Other => JSON,
        Family::Html => HTML,
        Family::Bash => BASH,
    }
}

/// Words of JavaScript after which an expression begins, so that `/` starts a regular
/// expression and a quote a string.
pub(crate) const SCRIPT_PREFIX_WORDS: &[&str] = &[
    "as",
    "await",
    "case",
    "default",
    "delete",
    "do",
    "else",
    "export",
    "extends",
    "from",
    "import",
    "in",
    "instanceof",
    "keyof",
    "new",
    "of",
    "return",
    "throw",
    "typeof",
    "void",
    "yield",
];
