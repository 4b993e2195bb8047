//! Formatting: a document's text as its language's formatter lays it out.
//!
//! One published formatter for each language ([`formatter_of`]) behind a boundary that keeps promises for it: text that
//! does not parse is left alone, a panic is an error, and nothing leaves this module before it was compared with the
//! original (`check`) and formatted again without a change. What fails there is a [`FormatError`], never damaged code.
//!
//! Not here: programs of the user's (their output goes through [`check_formatted`]), reading configuration files, and
//! which line a problem is on, which is the front-ends' to say.

mod check;
mod css;
mod edits;
mod embedded;
mod error;
mod html;
mod json;
mod markdown;
mod nesting;
mod on_type;
mod options;
mod python;
mod range;
mod script;
mod sql;
mod style;
mod toml;
mod yaml;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use syntax::{Document, Language, TextEdit, TextRange};

use crate::{Diagnostic, Severity, syntax_diagnostics};
use check::Check;
pub use error::{FormatDefect, FormatError};
use nesting::Depth;
pub use on_type::{ON_TYPE_KEYS, format_on_type};
pub use options::{EndOfLine, FormatOptions};
pub use range::format_range;
use style::{Envelope, Style};

/// Longer texts are not formatted: no person wrote them, and the formatters take seconds for a megabyte of code.
const MAX_BYTES: usize = 8 << 20;

/// Stack that formatters get: they recurse as deeply as code is nested. See [`Depth`].
const STACK_BYTES: usize = 256 << 20;

/// How often a text is formatted before its layout has to stand still. Twice is the rule; a comment that moves may take
/// one more.
const MAX_PASSES: usize = 4;

/// A formatted text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Formatted {
    /// The whole text, with the byte order mark and the line ends that the document has.
    pub text: String,
    /// Whether it differs from the document's.
    pub changed: bool,
    /// Name of the formatter.
    pub formatter: &'static str,
}

impl Formatted {
    /// Small edits that make the document's text this one, in ascending order.
    pub fn edits(&self, document: &Document) -> Vec<TextEdit> {
        if self.changed { edits::small_edits(&document.text().to_string(), &self.text) } else { Vec::new() }
    }
}

/// A formatter for some languages.
struct Formatter {
    /// What it is called.
    name: &'static str,
    /// Ids of its languages.
    languages: &'static [&'static str],
    /// Lays a text out. It need not keep any promise.
    run: fn(&Request<'_>) -> Result<String, Refusal>,
    /// What a result is compared by.
    check: Check,
    /// How deeply nested text it is given.
    depth: Depth,
}

/// Every formatter there is.
const FORMATTERS: &[Formatter] = &[
    Formatter {
        name: "ruff",
        languages: &["python"],
        run: python::format,
        check: Check::Python,
        depth: Depth { brackets: 1000, levels: 2000, ..Depth::USUAL },
    },
    Formatter {
        name: "dprint-plugin-typescript",
        languages: &["javascript", "javascriptreact", "typescript", "typescriptreact"],
        run: script::format,
        check: Check::Script(&script::TREE_RULES, &script::TEXT_RULES),
        depth: Depth { levels: 2000, groups: 13, ..Depth::USUAL },
    },
    Formatter {
        name: "dprint-plugin-json",
        languages: &["json", "jsonc", "json5"],
        run: json::format,
        check: Check::Tree(&json::TREE_RULES, &json::TEXT_RULES),
        depth: Depth { brackets: 20, ..Depth::USUAL },
    },
    Formatter {
        name: "dprint-plugin-markdown",
        languages: &["markdown"],
        run: markdown::format,
        check: Check::Markdown,
        depth: Depth::USUAL,
    },
    Formatter {
        name: "dprint-plugin-toml",
        languages: &["toml"],
        run: toml::format,
        check: Check::Text(&toml::TEXT_RULES),
        depth: Depth { brackets: 20, ..Depth::USUAL },
    },
    Formatter {
        name: "malva",
        languages: &["css", "scss", "less"],
        run: css::format,
        check: Check::Tree(&css::TREE_RULES, &css::TEXT_RULES),
        depth: Depth::USUAL,
    },
    Formatter {
        name: "markup_fmt",
        languages: &["html", "vue", "svelte", "astro", "jinja"],
        run: html::format,
        check: Check::Text(&html::TEXT_RULES),
        depth: Depth::USUAL,
    },
    Formatter { name: "pretty_yaml", languages: &["yaml"], run: yaml::format, check: Check::Yaml, depth: Depth::USUAL },
    Formatter {
        name: "sqlformat",
        languages: &["sql"],
        run: sql::format,
        check: Check::Text(&sql::TEXT_RULES),
        depth: Depth::USUAL,
    },
];

/// What a formatter is given: text with `\n` alone and without a byte order mark.
struct Request<'a> {
    text: &'a str,
    language: Language,
    path: Option<&'a Path>,
    style: Style,
    options: &'a FormatOptions,
    /// How many documents this one lies in: code in Markdown, a style in HTML.
    embedding: u8,
}

impl<'a> Request<'a> {
    fn new(text: &'a str, language: Language, path: Option<&'a Path>, options: &'a FormatOptions) -> Self {
        Self { text, language, path, style: Style::new(text, language, options), options, embedding: 0 }
    }

    /// The same request for another text.
    fn with_text<'b>(&self, text: &'b str) -> Request<'b>
    where
        'a: 'b,
    {
        Request { text, ..*self }
    }
}

/// Why a formatter gave no text.
#[derive(Debug, PartialEq, Eq)]
enum Refusal {
    /// It could not read the text: what it said, and the byte where it stopped, where it tells.
    Syntax(String, Option<usize>),
    /// Anything else.
    Other(String),
}

/// The name of the formatter for a language; `None` where there is none.
pub fn formatter_of(language: Language) -> Option<&'static str> {
    Formatter::of(language).map(|it| it.name)
}

/// The document's text as its formatter lays it out.
///
/// The path decides between dialects (`.pyi`, `.d.ts`, `.component.html`); nothing is read from it.
///
/// # Errors
/// When there is no formatter, the text does not parse, or the formatter's result cannot be trusted.
pub fn format(document: &Document, path: Option<&Path>, options: &FormatOptions) -> Result<Formatted, FormatError> {
    let formatter = Formatter::of(document.language()).ok_or(FormatError::NoFormatter(document.language()))?;
    let original = document.text().to_string();
    formatter.accepts(document, &original)?;
    let (envelope, text) = Envelope::open(&original);
    let request = Request::new(&text, document.language(), path, options);
    let result =
        formatter.format(&request).map_err(|failure| formatter.error(failure, document, &original, envelope))?;
    let text = envelope.close(&result, &original, options);
    Ok(Formatted { changed: text != original, text, formatter: formatter.name })
}

/// Whether `text`, which `formatter` made of the document, says what the document says.
///
/// # Errors
/// When it does not parse where the document did, or has other words in it.
pub fn check_formatted(document: &Document, text: &str, formatter: &str) -> Result<(), FormatError> {
    let (_, before) = Envelope::open(&document.text().to_string());
    let (_, after) = Envelope::open(text);
    let check = Formatter::of(document.language()).map_or(Check::ANY, |it| it.check);
    let defect = match guarded(|| check.compare(&before, &after, document.language(), None)) {
        None => FormatDefect::Panicked,
        Some(Err(difference)) => FormatDefect::ChangedMeaning(difference),
        Some(Ok(())) => return Ok(()),
    };
    Err(FormatError::Defect { formatter: formatter.to_owned(), defect })
}

/// Why there is no result, before it is said where in the document.
enum Failure {
    Syntax(String, Option<usize>),
    Defect(FormatDefect),
}

impl Formatter {
    fn of(language: Language) -> Option<&'static Formatter> {
        FORMATTERS.iter().find(|it| it.languages.contains(&language.id()))
    }

    /// Refuses what would take too long or too deep a stack.
    fn accepts(&self, document: &Document, text: &str) -> Result<(), FormatError> {
        if text.len() > MAX_BYTES {
            return Err(FormatError::TooLong { bytes: text.len(), limit: MAX_BYTES });
        }
        if nesting::is_too_deep(document, text, self.depth) {
            return Err(FormatError::TooDeep { limit: self.depth.brackets });
        }
        Ok(())
    }

    /// The layout that stands still, compared with the original.
    fn format(&self, request: &Request<'_>) -> Result<String, Failure> {
        let mut text = self.once(request)?;
        if text == request.text {
            return Ok(text);
        }
        for _ in 1..MAX_PASSES {
            let again = self.once(&request.with_text(&text)).map_err(|failure| match failure {
                Failure::Syntax(message, _) => Failure::Defect(FormatDefect::DoesNotParse(message)),
                defect => defect,
            })?;
            if again == text {
                return match guarded(|| self.check.compare(request.text, &text, request.language, Some(request))) {
                    None => Err(Failure::Defect(FormatDefect::Panicked)),
                    Some(Err(difference)) => Err(Failure::Defect(FormatDefect::ChangedMeaning(difference))),
                    Some(Ok(())) => Ok(text),
                };
            }
            text = again;
        }
        Err(Failure::Defect(FormatDefect::Unstable))
    }

    /// One pass.
    fn once(&self, request: &Request<'_>) -> Result<String, Failure> {
        match guarded(|| (self.run)(request)) {
            None => Err(Failure::Defect(FormatDefect::Panicked)),
            Some(result) => result.map_err(Failure::from),
        }
    }

    fn error(&self, failure: Failure, document: &Document, original: &str, envelope: Envelope) -> FormatError {
        match failure {
            Failure::Syntax(message, at) => {
                let at = at.map_or(0, |at| envelope.offset_in(original, at));
                FormatError::Syntax(syntax_problems(document, message, at))
            }
            Failure::Defect(defect) => FormatError::Defect { formatter: self.name.to_owned(), defect },
        }
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Syntax(message, at) => Self::Syntax(message, at),
            Refusal::Other(message) => Self::Defect(FormatDefect::Failed(message)),
        }
    }
}

/// Runs third-party code with room for deep recursion; `None` when it panicked.
fn guarded<T>(work: impl FnOnce() -> T) -> Option<T> {
    catch_unwind(AssertUnwindSafe(|| stacker::maybe_grow(STACK_BYTES / 2, STACK_BYTES, work))).ok()
}

/// The problems of a text that its formatter could not read: ours, which say more, else what it said itself.
fn syntax_problems(document: &Document, message: String, at: usize) -> Vec<Diagnostic> {
    let mut found = syntax_diagnostics(document);
    found.retain(|it| it.severity == Severity::Error);
    if found.is_empty() {
        let at = TextRange::empty(document.text().snap(at));
        found.push(Diagnostic::new(Severity::Error, "syntax-error", at, message));
    }
    found
}

#[cfg(test)]
mod tests;
