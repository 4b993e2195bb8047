//! A block that begins behind the cursor's line stands as deep as the file's style says, whatever the model took for the
//! opener's indentation or for a step.
//!
//! Lines keep their order of depths; closers of what stands before the cursor go to their openers' indentation. What the
//! lines of a string begin with is part of the program, and stays.

use analysis::{OpenedBlock, Within};
use syntax::Document;

use crate::inline_completion::site::{IndentStyle, Site, indent_of};

/// Columns of a tab where the file has tabs, and the model's spaces are compared with them.
const TAB: usize = 4;

/// Indents the lines behind the first anew when the first one, or the cursor's line, opens a block.
pub(super) fn reindent_block(text: &mut String, document: &Document, offset: usize, site: &Site) {
    if !site.is_code || site.in_string || !text.contains('\n') {
        return;
    }
    let Some(block) = analysis::opened_block(document, offset, text) else { return };
    let lines: Vec<&str> = text.split('\n').collect();
    let mut depths = Depths::new(&block, site.indent_style, document.language().id() == "yaml");
    let Some(first) = lines[1..].iter().find(|line| !line.trim().is_empty()) else { return };
    let must_follow = document.language().id() == "python" && !lines[1].trim().is_empty();
    let width = depths.width(first);
    if !block.in_bracket && (width < depths.base_width || width == depths.base_width && !must_follow) {
        // Not the block's: nothing but indentation could say that it is.
        return;
    }
    if is_case(first) {
        let closer = lines[1..].iter().zip(&block.lines).find(|(_, kind)| kind.closes.is_some());
        let outer = closer.map_or(depths.base_width, |(line, _)| depths.width(line));
        if document.language().id() == "go" || width <= outer {
            // The cases of a `switch` stand as deep as it does in some styles, Go's among them.
            depths.push(width, depths.base.clone());
        }
    }
    depths.text_step = depths.text_step(&lines[1..], &block);
    let mut reindented = lines[0].to_owned();
    for (at, line) in lines[1..].iter().enumerate() {
        reindented.push('\n');
        // A text that ends with a line end has an empty line there that is none of the block's.
        match block.lines.get(at) {
            Some(kind) if !line.trim().is_empty() && kind.within != Within::String => {
                let code = &line[indent_of(line)..];
                let indent = match (kind.within, &kind.closes) {
                    (Within::Comment, _) => depths.of_comment(line),
                    (_, Some(opener)) => depths.of_closer(line, opener),
                    _ => depths.of_code(line),
                };
                reindented.push_str(&indent);
                reindented.push_str(code);
                if kind.within == Within::Code {
                    depths.after_opener = kind.opens;
                }
            }
            _ => reindented.push_str(line),
        }
    }
    *text = reindented;
}

/// A label of a `switch`.
fn is_case(line: &str) -> bool {
    let code = line.trim();
    code.ends_with(':') && (code.starts_with("case ") || code.trim_end_matches(':').trim_end() == "default")
}

/// A depth of the block: how wide the model wrote it, and what is written instead.
#[derive(Clone, Debug)]
struct Depth {
    width: usize,
    indent: String,
}

/// The depths around a line.
struct Depths {
    style: IndentStyle,
    /// What is deeper keeps its distance in columns.
    keeps_columns: bool,
    /// Width of a level as the model wrote it.
    text_step: usize,
    /// The opener's.
    base: String,
    base_width: usize,
    /// Outermost first. Empty before the block's first line.
    open: Vec<Depth>,
    /// The line above opens a block.
    after_opener: bool,
}

impl Depths {
    fn new(block: &OpenedBlock, style: IndentStyle, keeps_columns: bool) -> Self {
        let base = block.indent.clone();
        let mut depths =
            Self { style, keeps_columns, text_step: TAB, base_width: 0, base, open: Vec::new(), after_opener: true };
        depths.base_width = depths.width(&depths.base);
        depths
    }

    /// Columns of a line's indentation.
    fn width(&self, line: &str) -> usize {
        let tab = match self.style {
            IndentStyle::Spaces(step) => step,
            IndentStyle::Tabs => TAB,
        };
        line[..indent_of(line)].chars().map(|c| if c == '\t' { tab } else { 1 }).sum()
    }

    /// How much deeper the model writes the first line of a block than the block's opener.
    fn text_step(&self, lines: &[&str], block: &OpenedBlock) -> usize {
        let code = lines.iter().zip(&block.lines);
        let code: Vec<(usize, bool)> = code
            .filter(|(line, kind)| !line.trim().is_empty() && kind.within == Within::Code)
            .map(|(line, kind)| (self.width(line), kind.opens))
            .collect();
        let inner = code.windows(2).find(|pair| pair[0].1 && pair[1].0 > pair[0].0);
        if let Some(pair) = inner {
            return pair[1].0 - pair[0].0;
        }
        let first = code.first().map_or(0, |line| line.0);
        match first.saturating_sub(self.base_width) {
            0 => TAB,
            step => step,
        }
    }

    /// An indentation so many of the model's columns deeper.
    fn deeper(&self, indent: &str, columns: usize) -> String {
        let steps = columns / self.text_step;
        let is_whole = columns.is_multiple_of(self.text_step);
        match self.style {
            _ if self.keeps_columns => indent.to_owned() + " ".repeat(columns).as_str(),
            IndentStyle::Spaces(step) if is_whole => indent.to_owned() + " ".repeat(steps * step).as_str(),
            IndentStyle::Spaces(_) => indent.to_owned() + " ".repeat(columns).as_str(),
            IndentStyle::Tabs => {
                indent.to_owned() + "\t".repeat(steps).as_str() + " ".repeat(columns % self.text_step).as_str()
            }
        }
    }

    /// A line of code, from the lines above it.
    fn of_code(&mut self, line: &str) -> String {
        let width = self.width(line);
        if self.open.is_empty() {
            return self.push(width, self.base.clone() + self.style.step().as_str());
        }
        while self.open.last().is_some_and(|depth| depth.width > width) && self.open.len() > 1 {
            self.open.pop();
        }
        let top = self.open.last().cloned().expect("the outermost depth is never popped");
        if width == top.width {
            return top.indent;
        }
        if width < top.width {
            // Out of the block; further out the model's columns are the file's.
            return if width < self.base_width { line[..indent_of(line)].to_owned() } else { self.base.clone() };
        }
        let columns = if self.after_opener && !self.keeps_columns { self.text_step } else { width - top.width };
        let indent = self.deeper(&top.indent, columns);
        self.push(width, indent)
    }

    /// A line that closes what was opened before the text.
    fn of_closer(&mut self, line: &str, opener: &str) -> String {
        self.base = opener.to_owned();
        self.base_width = self.width(opener);
        self.open.clear();
        self.push(self.width(line), opener.to_owned())
    }

    /// A line of a comment keeps its distance from the comment's first.
    fn of_comment(&self, line: &str) -> String {
        let width = self.width(line);
        self.open.last().map_or_else(
            || line[..indent_of(line)].to_owned(),
            |top| top.indent.clone() + " ".repeat(width.saturating_sub(top.width)).as_str(),
        )
    }

    fn push(&mut self, width: usize, indent: String) -> String {
        self.open.push(Depth { width, indent: indent.clone() });
        indent
    }
}
