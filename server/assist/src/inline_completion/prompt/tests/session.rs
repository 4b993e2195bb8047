//! What typing costs: a session, and how much of each prompt is not the beginning of an earlier one. Counted in bytes of
//! the text that the engine makes a prompt of, for both orders; that tokens follow is tested in `engine`.

use engine::{FimOrder, FimPrompt, Prompt};
use syntax::{Document, Language};

use super::{LARGE, TOKENS, model, prompt};
use crate::Snapshot;
use crate::context::ContextStore;
use crate::inline_completion::prompt::Place;

/// The parts of a prompt in the order in which the model reads them.
fn read(prompt: &FimPrompt, order: FimOrder) -> String {
    let FimPrompt { prefix, suffix, primer, .. } = prompt;
    let (before, written) = prefix.split_at(prefix.len() - primer);
    match order {
        FimOrder::Spm => format!("\0{suffix}\0{prefix}"),
        FimOrder::Psm => format!("\0{before}\0{suffix}\0{written}"),
    }
}

/// Somebody who types.
struct Session {
    order: FimOrder,
    text: String,
    cursor: usize,
    previous: String,
    /// Bytes of all prompts, and of what was new in each.
    prompted: usize,
    evaluated: usize,
    /// Where more was new than was typed: the end of the text before the cursor, and how much.
    surprises: Vec<(String, usize)>,
}

impl Session {
    fn new(order: FimOrder) -> Self {
        let function = |n| format!("def function_{n}(a, b):\n    c = a + b\n    return c * {n}\n\n\n");
        let before: String = (0..60).map(function).collect();
        let after: String = (60..120).map(function).collect();
        let text = format!("import os\n\n\n{before}\n\n\n{after}");
        let cursor = "import os\n\n\n".len() + before.len();
        let mut session =
            Self { order, text, cursor, previous: String::new(), prompted: 0, evaluated: 0, surprises: Vec::new() };
        // The first prompt is new.
        session.ask(0);
        (session.prompted, session.evaluated) = (0, 0);
        session.surprises.clear();
        session
    }

    fn ask(&mut self, typed: usize) {
        let document = Document::new(&self.text, Language::from_name("python").expect("known"), 1);
        let snapshot = Snapshot::of_text("", document.language(), None);
        let context = analysis::completion_context(&document, self.cursor);
        let store = ContextStore::default();
        let place = Place::new(&document, self.cursor, &context);
        let Some(Prompt::Fim(prompt)) = prompt(&snapshot, place, &model(LARGE, Some(self.order)), TOKENS, &store)
        else {
            panic!("a hole to be filled");
        };
        let read = read(&prompt, self.order);
        let same = read.bytes().zip(self.previous.bytes()).take_while(|(a, b)| a == b).count();
        self.prompted += read.len();
        self.evaluated += read.len() - same;
        if read.len() - same > typed {
            let before = &self.text[..self.cursor];
            self.surprises.push((before[before.len().saturating_sub(20)..].to_owned(), read.len() - same));
        }
        self.previous = read;
    }

    /// The text comes to stand before the cursor, with `behind` after it, as editors close brackets.
    fn write(&mut self, typed: &str, behind: &str) {
        self.text.insert_str(self.cursor, &format!("{typed}{behind}"));
        self.cursor += typed.len();
        self.ask(typed.len());
    }

    /// Types a line key by key, and Enter with the next line's indentation.
    fn type_line(&mut self, line: &str) {
        for c in line.chars() {
            let closer = match c {
                '(' => ")",
                '[' => "]",
                _ => "",
            };
            if matches!(c, ')' | ']') && self.text[self.cursor..].starts_with(c) {
                // Typed over.
                self.cursor += 1;
                self.ask(1);
            } else {
                self.write(&c.to_string(), closer);
            }
        }
        self.write("\n    ", "");
    }
}

/// Types some lines: how many keystrokes cost more than themselves.
fn type_on(order: FimOrder) -> Session {
    let mut session = Session::new(order);
    for line in 0..24 {
        session.type_line(&format!("value_{line} = call(first[{line}], other(a))"));
    }
    session
}

#[test]
fn a_typed_character_costs_itself() {
    for order in [FimOrder::Spm, FimOrder::Psm] {
        let session = type_on(order);
        // The start of the window moves every 4096 bytes; the primer's, behind which the suffix stands, every 16 lines.
        let most = if order == FimOrder::Psm { 4 } else { 1 };
        assert!(session.surprises.len() <= most, "{order:?}: {:?}", session.surprises);
    }
}

#[test]
fn a_session_reuses_95_percent() {
    for order in [FimOrder::Spm, FimOrder::Psm] {
        let mut session = type_on(order);
        // Suggestions are accepted,
        for line in 0..12 {
            session.write(&format!("accepted_{line} = [item for item in items if item]\n    "), "");
        }
        // a line far above is changed, and one near the cursor,
        let edits = [session.text.find("return c * 3\n").expect("a line"), session.cursor - 300];
        for at in edits {
            let at = session.text[..at].rfind('\n').map_or(0, |end| end + 1);
            let edit = "# a remark\n";
            session.text.insert_str(at, edit);
            session.cursor += edit.len();
            session.ask(0);
            for _ in 0..5 {
                session.type_line("more = typed(here)");
            }
        }
        let share = 1.0 - session.evaluated as f64 / session.prompted as f64;
        assert!(share >= 0.95, "{order:?}: {share:.4}");
    }
}
