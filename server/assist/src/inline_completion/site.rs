//! The place a completion is fitted into, in plain values: what post-processing may look at.

use analysis::{CompletionContext, Hole};
use syntax::{Document, Indentation, Text, TextRange};

/// Lines after the cursor's line that a completion is compared with.
const NEXT_LINES: usize = 8;
/// Bytes around the cursor in which those lines, and the file's indentation style, are looked for.
const NEIGHBOURHOOD: usize = 8 << 10;
/// Columns that a level of indentation has at most.
const WIDEST_STEP: usize = 8;

/// How the file indents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum IndentStyle {
    Tabs,
    Spaces(usize),
}

impl IndentStyle {
    /// Around `offset`.
    pub(crate) fn of(document: &Document, offset: usize) -> Self {
        let text = document.text();
        let offset = text.line_range(text.line_of(offset)).start;
        let above = text.slice(TextRange::new(text.snap(offset.saturating_sub(NEIGHBOURHOOD)), offset));
        let below = text.slice(TextRange::new(offset, text.snap((offset + NEIGHBOURHOOD).min(text.len()))));
        indent_style(&[&above, &below], document.language().indentation())
    }

    /// A level.
    pub(crate) fn step(self) -> String {
        match self {
            Self::Tabs => "\t".to_owned(),
            Self::Spaces(width) => " ".repeat(width),
        }
    }
}

/// The surroundings of a cursor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Site {
    /// Text of the line before the cursor.
    pub(crate) line_prefix: String,
    /// Text of the line after the cursor, without its line end.
    pub(crate) line_suffix: String,
    /// The last non-blank line above.
    pub(crate) previous_line: Option<String>,
    /// The first non-blank lines below.
    pub(crate) next_lines: Vec<String>,
    /// How much fits.
    pub(crate) hole: Hole,
    /// Brackets and quotes mean something here: not prose, not a comment.
    pub(crate) is_code: bool,
    /// The cursor is in a comment.
    pub(crate) in_comment: bool,
    /// The cursor is in a string.
    pub(crate) in_string: bool,
    /// How the file indents.
    pub(crate) indent_style: IndentStyle,
}

impl Site {
    pub(crate) fn new(document: &Document, context: &CompletionContext) -> Self {
        let text = document.text();
        let language = document.language();
        let above = text.slice(TextRange::new(context.line.start.saturating_sub(NEIGHBOURHOOD), context.line.start));
        let below = text.slice(TextRange::new(context.line.end, (context.line.end + NEIGHBOURHOOD).min(text.len())));
        let not_blank = |line: &&str| !line.trim().is_empty();
        let mut next_lines: Vec<String> =
            lines(&below).skip(1).filter(not_blank).take(NEXT_LINES).map(|line| line.trim_end().to_owned()).collect();
        if below.len() == NEIGHBOURHOOD && next_lines.len() < NEXT_LINES {
            // The last one may be cut.
            next_lines.pop();
        }
        let real_text_follows = !context.suffix_is_closers && !context.line_suffix.trim().is_empty();
        Self {
            line_prefix: context.line_prefix.clone(),
            line_suffix: context.line_suffix.clone(),
            previous_line: lines(&above).rev().find(not_blank).map(|line| line.trim_end().to_owned()),
            hole: if real_text_follows { Hole::SingleLine } else { context.hole },
            is_code: !context.in_comment && !matches!(language.id(), "plaintext" | "markdown"),
            in_comment: context.in_comment,
            in_string: context.in_string,
            indent_style: indent_style(&[&above, &context.line_prefix, &below], language.indentation()),
            next_lines,
        }
    }

    /// The cursor stands behind code, and the rest of that line is what is wanted.
    pub(crate) fn is_rest_of_line(&self) -> bool {
        let code = self.line_prefix.trim();
        // Behind a bracket the rest may begin on the next line.
        self.hole == Hole::SingleLine && !code.is_empty() && !code.ends_with(['(', '[', '{'])
    }

    /// Width of the cursor line's indentation in bytes.
    pub(crate) fn indent(&self) -> usize {
        indent_of(&self.line_prefix)
    }
}

/// Bytes of white space at the start of a line.
pub(crate) fn indent_of(line: &str) -> usize {
    line.len() - line.trim_start_matches([' ', '\t']).len()
}

/// Lines as the editor counts them: a lone carriage return ends one too. Between CR and LF is an empty one.
pub(crate) fn lines(text: &str) -> impl DoubleEndedIterator<Item = &str> {
    text.split(['\n', '\r'])
}

/// How the first line ends.
pub(crate) fn line_end(text: &Text) -> &'static str {
    let end = text.line_range(0).end;
    match text.slice(TextRange::new(end, (end + 2).min(text.len()))).as_str() {
        "\r\n" => "\r\n",
        end if end.starts_with('\r') => "\r",
        _ => "\n",
    }
}

/// What most indented lines of `parts` begin with; the language's habit where there are none. A part begins and ends with
/// whole lines.
fn indent_style(parts: &[&str], usual: Indentation) -> IndentStyle {
    let (mut tabs, mut spaces) = (0, 0);
    let (mut width, mut aligned) = (usize::MAX, usize::MAX);
    // How often a block's first line is so many columns deeper than the line that opens it.
    let mut steps = [0; WIDEST_STEP + 1];
    let mut opener = None;
    let mut is_continued = false;
    for line in parts.iter().flat_map(|part| lines(part)).filter(|line| !line.trim().is_empty()) {
        let indent = indent_of(line);
        if line.starts_with('\t') {
            tabs += 1;
        } else if indent >= 2 {
            spaces += 1;
            let width = if is_continued { &mut aligned } else { &mut width };
            *width = indent.min(*width);
        }
        let step = opener.and_then(|above| indent.checked_sub(above));
        if let Some(count) = step.filter(|&step| step >= 2).and_then(|step| steps.get_mut(step)) {
            *count += 1;
        }
        let is_opener = !line.starts_with('\t') && line.trim_end().ends_with([':', '{', '(', '[']);
        opener = is_opener.then_some(indent);
        // What stands below may be aligned with something.
        is_continued = line.trim_end().ends_with(',');
    }
    let usual = match usual {
        Indentation::Tabs => IndentStyle::Tabs,
        Indentation::Spaces(width) => IndentStyle::Spaces(usize::from(width).max(1)),
    };
    // The narrowest of those that are seen most often.
    let step = (2..=WIDEST_STEP).rev().max_by_key(|&step| steps[step]).filter(|&step| steps[step] > 0);
    match tabs.cmp(&spaces) {
        std::cmp::Ordering::Greater => IndentStyle::Tabs,
        std::cmp::Ordering::Less => match (step, usual) {
            (Some(step), _) if step < WIDEST_STEP => IndentStyle::Spaces(step),
            (_, IndentStyle::Spaces(_)) if width == usize::MAX => usual,
            // A file may be indented by a multiple of its step only; the language's step divides it then.
            (_, IndentStyle::Spaces(step)) if width.is_multiple_of(step) => IndentStyle::Spaces(step),
            _ => IndentStyle::Spaces(width.min(aligned).clamp(1, WIDEST_STEP)),
        },
        std::cmp::Ordering::Equal => usual,
    }
}
