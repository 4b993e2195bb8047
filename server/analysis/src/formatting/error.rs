//! Why a text was not formatted.

use std::fmt;

use syntax::Language;

use crate::Diagnostic;

/// Why a text was not formatted; it is left as it was. Messages say what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FormatError {
    /// No formatter is built in for the language.
    NoFormatter(Language),
    /// The text does not parse: at least one problem, the first of them first.
    Syntax(Vec<Diagnostic>),
    /// The text is longer than formatters take in reasonable time.
    TooLong {
        /// Its length in bytes.
        bytes: usize,
        /// The longest there may be.
        limit: usize,
    },
    /// The text is nested too deeply for formatters, which recurse.
    TooDeep {
        /// The deepest there may be, in brackets.
        limit: usize,
    },
    /// A formatter's result cannot be used: the formatter is at fault, not the text.
    Defect {
        /// Whose result.
        formatter: String,
        /// What is wrong with it.
        defect: FormatDefect,
    },
}

/// What is wrong with a formatter's result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FormatDefect {
    /// There is none: it panicked.
    Panicked,
    /// There is none: what it said.
    Failed(String),
    /// It does not parse: what the parser said.
    DoesNotParse(String),
    /// It says something else than the original: how.
    ChangedMeaning(String),
    /// Formatted again it becomes another text, and so on.
    Unstable,
}

/// What the users of a language format it with.
const KNOWN_PROGRAMS: &[(&str, &str)] = &[
    ("c", "clang-format"),
    ("cpp", "clang-format"),
    ("csharp", "csharpier"),
    ("dart", "dart"),
    ("elixir", "mix"),
    ("go", "gofmt"),
    ("haskell", "ormolu"),
    ("java", "google-java-format"),
    ("kotlin", "ktfmt"),
    ("lua", "stylua"),
    ("nix", "nixfmt"),
    ("rust", "rustfmt"),
    ("scala", "scalafmt"),
    ("shellscript", "shfmt"),
    ("terraform", "terraform"),
    ("zig", "zig"),
];

impl fmt::Display for FormatError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoFormatter(language) => {
                let known = KNOWN_PROGRAMS.iter().find(|(id, _)| *id == language.id());
                write!(f, "no formatter for {} is built in", language.name())?;
                known.map_or(Ok(()), |(_, program)| write!(f, "; its users run {program}"))
            }
            Self::Syntax(problems) => {
                let first = problems.first().map_or("it cannot be read", |it| it.message.as_str());
                write!(f, "not formatted, it does not parse: {first}")
            }
            Self::TooLong { bytes, limit } => {
                write!(f, "not formatted: {bytes} bytes, and at most {limit} are formatted")
            }
            Self::TooDeep { limit } => {
                write!(
                    f,
                    "not formatted: nested too deeply (at most {limit} brackets in each other, fewer where they take \
                     several lines)"
                )
            }
            Self::Defect { formatter, defect } => write!(f, "not formatted: {formatter} {defect}"),
        }
    }
}

impl std::error::Error for FormatError {}

impl fmt::Display for FormatDefect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Panicked => write!(f, "failed on it (an error in the formatter)"),
            Self::Failed(message) => write!(f, "failed: {message}"),
            Self::DoesNotParse(message) => write!(f, "made text of it that does not parse: {message}"),
            Self::ChangedMeaning(difference) => write!(f, "would have changed what it says: {difference}"),
            Self::Unstable => write!(f, "finds no layout that stays"),
        }
    }
}
