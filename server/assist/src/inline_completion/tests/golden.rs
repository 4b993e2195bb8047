//! Golden cases: document, model text, and what is offered where. `tests/golden/*.txt` hold them; each file says of what
//! it is. `UPDATE_EXPECT=1` writes the results anew; what it writes is to be judged, not trusted.
//!
//! ```text
//! === name
//! --- a.py invoked          the file's name, then options (see `Case`)
//! print(max(<CURSOR>))
//! --- reply
//! values))
//! --- result
//! print(max(⟦values))⟧‹))›  the cursor's line: what is inserted, and what of the line it replaces
//! ```

use std::fmt::Write;

use expect_test::{ExpectFile, expect_file};

use super::{InlineCompletion, Snapshot, Trigger, assist_with, inline_completion, open, request};
use crate::AssistConfig;
use crate::inline_completion::SilenceReason;
use crate::inline_completion::postprocess::fit;
use crate::inline_completion::site::Site;
use crate::inline_completion::syntax_check::sound_variant;

struct Case<'a> {
    name: &'a str,
    /// File name and options: `invoked` (the user asked), `length` (the model was stopped at the end of its reply),
    /// `crlf` (the document's lines end so), `escaped` (the reply is written as in a Rust string).
    file: &'a str,
    fixture: &'a str,
    reply: &'a str,
}

impl Case<'_> {
    fn is(&self, option: &str) -> bool {
        self.file.split(' ').skip(1).any(|it| it == option)
    }

    fn file_name(&self) -> &str {
        self.file.split(' ').next().expect("a file name")
    }

    fn document(&self) -> String {
        let text = format!("{}\n", self.fixture);
        if self.is("crlf") { text.replace('\n', "\r\n") } else { text }
    }

    fn model_text(&self) -> String {
        if self.is("escaped") { unescape(self.reply) } else { self.reply.to_owned() }
    }
}

/// The sections of a file; a section's text ends before the line end that precedes the next mark.
fn parse(data: &str) -> Vec<Case<'_>> {
    let case = |section| {
        let (name, rest) = str::split_once(section, "\n--- ").expect("a name");
        let (file, rest) = rest.split_once('\n').expect("a file name");
        let (fixture, rest) = rest.split_once("\n--- reply\n").expect("a reply");
        let (reply, _) = rest.split_once("\n--- result\n").expect("a result");
        Case { name, file, fixture, reply }
    };
    let data = data.strip_prefix("=== ").expect("a first case");
    data.split("\n=== ").map(case).collect()
}

fn unescape(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("\\u{") {
        let (code, after) = after.split_once('}').expect("the end of an escape");
        out.push_str(before);
        out.push(u32::from_str_radix(code, 16).ok().and_then(char::from_u32).expect("a character"));
        rest = after;
    }
    out + rest
}

/// The cursor's line with what is inserted between `⟦` and `⟧`, and what it replaces behind that between `‹` and `›`.
fn picture(snapshot: &Snapshot, offset: usize, answer: &InlineCompletion) -> String {
    let Some(item) = answer.items.first() else {
        return format!("silence: {}", answer.silence.map_or("no reason given", SilenceReason::code));
    };
    assert_eq!(answer.silence, None);
    assert!(item.range.touches(offset), "the range holds the cursor");
    let text = snapshot.document().text();
    let line = text.line_range(text.line_of(offset));
    assert!(line.start <= item.range.start && item.range.end <= line.end, "the range is within one line");
    assert_eq!(item.range.start, offset, "what the user wrote stays");
    let insert = match text.to_string().contains("\r\n") {
        true => {
            assert!(!item.insert_text.replace("\r\n", "").contains('\n'), "lines end as the document's");
            item.insert_text.replace("\r\n", "\n")
        }
        false => item.insert_text.clone(),
    };
    draw(&text.to_string(), (line.start, offset, item.range.end, line.end), &insert)
}

fn draw(text: &str, (start, offset, replaced, end): (usize, usize, usize, usize), insert: &str) -> String {
    let over = &text[offset..replaced];
    let over = if over.is_empty() { String::new() } else { format!("‹{over}›") };
    format!("{}⟦{insert}⟧{over}{}", &text[start..offset], &text[replaced..end])
}

/// What is offered when the model was stopped behind the reply: the scripted one ends its texts by itself.
fn cut_short(snapshot: &Snapshot, offset: usize, reply: &str) -> String {
    let document = snapshot.document();
    let site = Site::new(document, &analysis::completion_context(document, offset));
    let fitted = fit(reply, true, document, offset, &site)
        .and_then(|fitted| sound_variant(document, offset, &site, fitted).ok_or(SilenceReason::SyntaxError));
    match fitted {
        Ok(fitted) => {
            let text = document.text();
            let line = text.line_range(text.line_of(offset));
            draw(&text.to_string(), (line.start, offset, offset + fitted.overtyped, line.end), &fitted.text)
        }
        Err(reason) => format!("silence: {}", reason.code()),
    }
}

async fn check(data: &str, expect: ExpectFile) {
    let mut actual = String::new();
    for case in parse(data) {
        let reply = case.model_text();
        let assist = assist_with(&[&reply], None).await;
        let mut config = AssistConfig::default();
        // A token of the scripted model may be a byte.
        config.inline_completion.max_tokens = 4096;
        config.inline_completion.max_tokens_invoked = 4096;
        // The model's texts are what is looked at.
        config.inline_completion.copies = false;
        // Whether a text is worth showing is another matter.
        config.inline_completion.min_gain = 0.0;
        assist.set_config(config);
        let (snapshot, offset) = open(&assist, case.file_name(), 1, &case.document());
        let result = if case.is("length") {
            cut_short(&snapshot, offset, &reply)
        } else {
            let trigger = if case.is("invoked") { Trigger::Invoked } else { Trigger::Automatic };
            let answer = inline_completion(&assist, &snapshot, request(offset, trigger)).await.expect("not cancelled");
            picture(&snapshot, offset, &answer)
        };
        let Case { name, file, fixture, reply } = case;
        let between = if actual.is_empty() { "" } else { "\n" };
        writeln!(actual, "{between}=== {name}\n--- {file}\n{fixture}\n--- reply\n{reply}\n--- result\n{result}")
            .expect("a string");
    }
    expect.assert_eq(&actual);
}

/// One test a file, and the number of all cases.
macro_rules! golden {
    ($($name:ident)*) => {
        $(
            #[tokio::test]
            async fn $name() {
                let data = include_str!(concat!("golden/", stringify!($name), ".txt"));
                check(data, expect_file![concat!("golden/", stringify!($name), ".txt")]).await;
            }
        )*

        #[test]
        fn there_are_five_hundred_with_names_of_their_own() {
            let files = [$(include_str!(concat!("golden/", stringify!($name), ".txt")),)*];
            let cases: Vec<_> = files.into_iter().flat_map(parse).collect();
            let inputs: std::collections::HashSet<_> =
                cases.iter().map(|case| (case.file, case.fixture, case.reply)).collect();
            assert_eq!(inputs.len(), cases.len(), "no case stands there twice");
            assert!(cases.len() >= 500, "{} cases", cases.len());
        }
    };
}

golden! { blocks brackets c data go indent java javascript limits markers markup python repeats rust shell text typescript }
