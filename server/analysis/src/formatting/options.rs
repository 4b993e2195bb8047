//! What a caller may say about the layout.

use syntax::Indentation;

use crate::PythonSettings;

/// How lines end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndOfLine {
    /// `\n`.
    Lf,
    /// `\r\n`.
    CrLf,
}

/// Wishes of editor and project. Nothing said is the language's usual layout.
///
/// Indentation comes from the project, else from the text itself, else from the editor: an editor sends what it would
/// indent new lines by, which is no reason to change a whole file. Python takes it from its project alone, as ruff does.
#[derive(Clone, Debug, Default)]
pub struct FormatOptions {
    /// The editor's indentation.
    pub editor_indentation: Option<Indentation>,
    /// The project's indentation.
    pub indentation: Option<Indentation>,
    /// Columns that lines should stay within.
    pub line_width: Option<u16>,
    /// How lines end; as they do where nothing is said.
    pub end_of_line: Option<EndOfLine>,
    /// `Some(false)`: a text that does not end with a line end stays so. Otherwise every text ends with one.
    pub insert_final_newline: Option<bool>,
    /// The project's settings for Python.
    pub python: PythonSettings,
}
