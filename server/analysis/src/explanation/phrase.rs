//! Sentences, and lists of them as Markdown.

/// Longest code that is quoted whole, in characters.
const MAX_CODE: usize = 72;

/// A step of an explanation, with what happens in it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Step {
    pub(super) kind: StepKind,
    /// A sentence without a full stop; with steps below it, their head.
    pub(super) text: String,
    pub(super) steps: Vec<Step>,
}

/// What a step is, as far as a summary cares.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum StepKind {
    /// Brings in names.
    Import(String),
    /// Gives a value to what is quoted.
    Assign(String),
    /// Defines what is quoted.
    Function(Definition),
    Class(Definition),
    /// Repeats: `over x`, `while x`.
    Loop(String),
    /// Decides by what is quoted.
    Branch(String),
    /// A part of the step before it: an `else`, a handler.
    Part,
    Handling,
    Return(Option<String>),
    Yield,
    Raise,
    /// Quotes the documentation of the definition around.
    Doc,
    /// Nothing a summary tells.
    Silent,
    Other,
}

/// Facts about a definition.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Definition {
    /// Quoted.
    pub(super) name: String,
    /// Quoted parameters, without `self`.
    pub(super) parameters: Vec<String>,
    /// First sentence of its documentation.
    pub(super) doc: Option<String>,
    /// What it is, such as "asynchronous function", and what it inherits from.
    pub(super) what: String,
}

impl Step {
    pub(super) fn new(kind: StepKind, text: impl Into<String>) -> Self {
        Self { kind, text: text.into(), steps: Vec::new() }
    }

    pub(super) fn with(self, steps: Vec<Step>) -> Self {
        Self { steps, ..self }
    }
}

/// Code on one line between backticks, cut where it is long.
pub(super) fn code(text: &str) -> String {
    let mut line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() > MAX_CODE {
        line = line.chars().take(MAX_CODE - 1).collect::<String>().trim_end().to_owned() + "…";
    }
    if line.contains('`') { format!("`` {line} ``") } else { format!("`{line}`") }
}

/// What a definition says of itself, as its first step.
pub(super) fn documented(doc: Option<&str>) -> Vec<Step> {
    let sentence = doc.map(|doc| format!("Is documented as “{}”", doc.trim_end_matches('.')));
    sentence.map(|sentence| Step::new(StepKind::Doc, sentence)).into_iter().collect()
}

/// `a`, `a and b`, `a, b and c`.
pub(super) fn list(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// The same, of many only the first ones and how many more there are.
pub(super) fn short_list(items: &[String], most: usize) -> String {
    if items.len() <= most + 1 {
        return list(items);
    }
    format!("{} and {} more", items[..most].join(", "), items.len() - most)
}

/// The steps as nested lists, numbered at the top, `most` items at most.
pub(super) fn outline(steps: &[Step], most: usize) -> String {
    let mut lines = Vec::new();
    // (steps left, depth, number of the next one)
    let mut open: Vec<(&[Step], usize)> = vec![(steps, 0)];
    while let Some((rest, number)) = open.pop() {
        let Some((step, after)) = rest.split_first() else { continue };
        let depth = open.len();
        if lines.len() == most {
            lines.push("\n…and further steps; select less code to see them.".to_owned());
            break;
        }
        let end = if step.steps.is_empty() { "." } else { ":" };
        let mark = if depth == 0 { format!("{}.", number + 1) } else { "-".to_owned() };
        lines.push(format!("{}{mark} {}{end}", "   ".repeat(depth), step.text));
        open.push((after, number + 1));
        if !step.steps.is_empty() {
            open.push((&step.steps, 0));
        }
    }
    lines.join("\n")
}

/// The first sentence of a documentation text, on one line.
pub(super) fn first_sentence(doc: &str) -> Option<String> {
    let paragraph = doc.split("\n\n").next()?.split_whitespace().collect::<Vec<_>>().join(" ");
    let end = paragraph.find(". ").map_or(paragraph.len(), |dot| dot + 1);
    let sentence = paragraph[..end].trim();
    (!sentence.is_empty() && sentence.chars().count() <= 200).then(|| sentence.to_owned())
}
