//! Python, by `ruff_python_formatter`: byte for byte what `ruff format` of the same version writes.

use ruff_python_ast::PySourceType;
use ruff_python_formatter::{FormatModuleError, PyFormatOptions, format_module_source};
use ruff_workspace::FormatterSettings;

use super::{Refusal, Request};

pub(super) fn format(request: &Request<'_>) -> Result<String, Refusal> {
    format_module_source(request.text, options(request)).map(|it| it.into_code()).map_err(refusal)
}

/// The project's settings, as ruff reads them.
pub(super) fn options(request: &Request<'_>) -> PyFormatOptions {
    FormatterSettings::default().to_format_options(source_type(request), request.text, request.path)
}

pub(super) fn source_type(request: &Request<'_>) -> PySourceType {
    // A text without a path is a module, whatever PySourceType thinks of the empty path.
    request.path.map_or(PySourceType::Python, |path| match PySourceType::from(path) {
        PySourceType::Ipynb => PySourceType::Python,
        of_path => of_path,
    })
}

pub(super) fn refusal(error: FormatModuleError) -> Refusal {
    match error {
        FormatModuleError::ParseError(error) => {
            Refusal::Syntax(error.error.to_string(), Some(error.location.start().to_usize()))
        }
        other => Refusal::Other(other.to_string()),
    }
}
