//! Code inside other documents: blocks of Markdown, scripts and styles of HTML. And the comments that keep code as it is.

use syntax::{Document, Language};

use super::style::Style;
use super::{Formatter, Request};

/// Documents in documents in documents.
const MAX_EMBEDDING: u8 = 3;

/// The code as its own formatter lays it out, checked as a document of its own would be; `None` where there is none for
/// it or it is no sound code by itself, and it stays as it is.
pub(super) fn format(code: &str, language: Language, line_width: usize, around: &Request<'_>) -> Option<String> {
    let formatter = Formatter::of(language)?;
    if around.embedding >= MAX_EMBEDDING {
        return None;
    }
    formatter.accepts(&Document::new(code, language, 0), code).ok()?;
    let style = Style {
        line_width: u16::try_from(line_width).unwrap_or(u16::MAX).clamp(20, around.style.line_width.max(20)),
        ..Style::new(code, language, around.options)
    };
    let request =
        Request { text: code, language, path: None, style, options: around.options, embedding: around.embedding + 1 };
    formatter.format(&request).ok()
}

/// The words of the comment that keeps what follows it: Prettier's or dprint's where the text uses one, else the
/// formatter's own.
pub(super) fn ignore_directive(text: &str, own: &'static str) -> &'static str {
    ["prettier-ignore", "dprint-ignore"].into_iter().find(|it| text.contains(it)).unwrap_or(own)
}
