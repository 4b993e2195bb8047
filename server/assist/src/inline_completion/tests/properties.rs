//! What holds for every completion, on random places of real code and random model texts.
//!
//! A text that a model may write is put together from the true continuation, other parts of the file, what stands below,
//! brackets, markers and control characters; what `fit` and the parser make of it is accepted, and the result is looked
//! at. The invariants are the functions below [`check`]; each says which by its name. `ROPEWALK_PROPERTY_CASES` sets how
//! many cases are tried (the project's checks try 100,000).

use analysis::completion_context;
use engine::FinishReason;
use syntax::{Document, Language};

use crate::inline_completion::postprocess::{Fitted, fit, spelt_marker};
use crate::inline_completion::scene::Scene;
use crate::inline_completion::site::{IndentStyle, Site};
use crate::inline_completion::suggestion_cache::{Suggestion, SuggestionCache};
use crate::inline_completion::syntax_check::{accepted, sound_variant};

/// Cases when nothing else is said.
const CASES: u64 = 4_000;
/// Threads; the cases do not depend on their number.
const THREADS: u64 = 2;

/// Broken cases that are shown.
const SHOWN: usize = 20;

/// Code in many languages, by file name.
pub(super) const FILES: [(&str, &str); 16] = [
    ("a.py", include_str!("properties/a.py")),
    ("a.js", include_str!("properties/a.js")),
    ("a.ts", include_str!("properties/a.ts")),
    ("a.tsx", include_str!("properties/a.tsx")),
    ("a.rs", include_str!("properties/a.rs")),
    ("a.go", include_str!("properties/a.go")),
    ("a.c", include_str!("properties/a.c")),
    ("A.java", include_str!("properties/A.java")),
    ("a.json", include_str!("properties/a.json")),
    ("a.html", include_str!("properties/a.html")),
    ("a.css", include_str!("properties/a.css")),
    ("a.sh", include_str!("properties/a.sh")),
    ("a.yaml", include_str!("properties/a.yaml")),
    ("a.lua", include_str!("properties/a.lua")),
    ("a.md", include_str!("properties/a.md")),
    // Prose in a language that knows no brackets.
    ("a.txt", include_str!("properties/a.md")),
];

/// What a model may spell out, or a broken decoder may leave.
const RUBBISH: [&str; 14] = [
    "<|endoftext|>",
    "<fim_middle>",
    "<｜fim▁end｜>",
    " <EOT>",
    "</s>",
    "<|im_end|>",
    "\u{0}",
    "\u{1b}",
    "\u{7f}",
    "\u{202e}",
    "\u{2066}",
    "\u{feff}",
    "\u{fffd}",
    "\u{2028}",
];
const SIGNS: [&str; 22] = [
    "(", ")", "[", "]", "{", "}", "\"", "'", "`", "\"\"\"", "});", ")]", "\n}", "{\n", ";", ",", ":", "//", "#", "/*",
    "${", "\\",
];

/// xorshift64*: the same cases everywhere.
struct Random(u64);

impl Random {
    fn new(case: u64) -> Self {
        let mut random = Self((case + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
        random.next();
        random
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    fn below(&mut self, limit: usize) -> usize {
        (self.next() >> 11) as usize % limit.max(1)
    }

    fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    fn pick<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.below(of.len())]
    }
}

/// A place, and what a model wrote there.
struct Case {
    document: Document,
    offset: usize,
    raw: String,
    cut_short: bool,
}

impl Case {
    fn random(case: u64) -> Self {
        let random = &mut Random::new(case);
        let (name, text) = FILES[random.below(FILES.len())];
        let language = Language::from_path(std::path::Path::new(name)).expect("in the registry");
        let at = |random: &mut Random, text: &str| text.floor_char_boundary(random.below(text.len() + 1));
        let start = match random.below(4) {
            // A line's indentation, or its end: where suggestions are asked for most.
            0 | 1 => {
                let from = at(random, text);
                let line = text[..from].rfind('\n').map_or(0, |end| end + 1);
                line + text[line..].find(|c| c != ' ' && c != '\t').unwrap_or(0)
            }
            2 => {
                let from = at(random, text);
                from + text[from..].find('\n').unwrap_or(0)
            }
            _ => at(random, text),
        };
        // What is taken out: nothing, the rest of the line, some lines.
        let rest = &text[start..];
        let end = match random.below(4) {
            0 => start,
            1 | 2 => start + rest.find('\n').unwrap_or(rest.len()),
            _ => {
                let lines = random.below(5) + 1;
                start + rest.split_inclusive('\n').take(lines).map(str::len).sum::<usize>().saturating_sub(1)
            }
        };
        let end = text.floor_char_boundary(end.max(start));
        let raw = model_text(random, text, start, end);
        let (mut before, mut after) = (text[..start].to_owned(), text[end..].to_owned());
        if random.one_in(8) {
            // An editor closed what was just typed.
            let (open, close) = [("(", ")"), ("[", "]"), ("{", "}"), ("\"", "\"")][random.below(4)];
            before.push_str(open);
            after.insert_str(0, close);
        }
        if random.one_in(8) {
            (before, after) = (before.replace('\n', "\r\n"), after.replace('\n', "\r\n"));
        }
        let offset = before.len();
        Self {
            document: Document::new(&(before + after.as_str()), language, 1),
            offset,
            raw,
            cut_short: random.one_in(3),
        }
    }
}

fn model_text(random: &mut Random, text: &str, start: usize, end: usize) -> String {
    let mut raw = String::new();
    for _ in 0..random.below(4) + 1 {
        let piece = |random: &mut Random, from: usize| {
            let from = text.floor_char_boundary(from);
            let until = text.floor_char_boundary((from + random.below(160)).min(text.len()));
            text[from..until].to_owned()
        };
        let anywhere = random.below(text.len());
        let line = text[..start].rfind('\n').map_or(0, |end| end + 1);
        let added = match random.below(12) {
            0..4 => piece(random, start),
            4 | 5 => piece(random, end),
            6 => piece(random, anywhere),
            7 => text[line..start].to_owned(),
            8 => piece(random, line),
            9 => random.pick(&RUBBISH).to_owned(),
            10 => random.pick(&["    ", "\t", "\n", "\n\n", "\r\n", "\n    ", " "]).to_owned(),
            _ => random.pick(&SIGNS).to_owned(),
        };
        raw.push_str(&added);
    }
    raw
}

/// The completion after accepting, and everything that invariants are stated about.
struct Accepted<'a> {
    case: &'a Case,
    site: &'a Site,
    fitted: &'a Fitted,
    before: String,
    after: String,
    edited: Document,
}

#[test]
fn every_completion_fits_its_place() {
    let cases = std::env::var("ROPEWALK_PROPERTY_CASES").ok();
    let cases: u64 = cases.map_or(CASES, |cases| cases.parse().expect("ROPEWALK_PROPERTY_CASES is a number"));
    let run = |thread: u64| {
        let broken = (thread..cases).step_by(THREADS as usize).map(check);
        broken.fold((0, Vec::new()), |(shown, mut broken): (u64, Vec<_>), outcome| match outcome {
            Some(found) => {
                broken.extend(found);
                (shown + 1, broken)
            }
            None => (shown, broken),
        })
    };
    let outcomes: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS).map(|thread| scope.spawn(move || run(thread))).collect();
        threads.into_iter().map(|thread| thread.join().expect("no case panics")).collect()
    });
    let mut broken: Vec<_> = outcomes.iter().flat_map(|(_, broken)| broken).collect();
    let number = broken.len();
    broken.sort_by_key(|broken| broken.invariant);
    let shown = broken.iter().take(SHOWN);
    let examples: String = shown.map(|broken| format!("{}: {}\n", broken.invariant, broken.picture)).collect();
    assert!(number == 0, "{number} times broken in {cases} cases:\n{examples}");
    let shown: u64 = outcomes.iter().map(|(shown, _)| shown).sum();
    assert!(shown * 3 > cases, "many texts are of some use: {shown} of {cases}");
}

/// True when it holds.
type Invariant = fn(&Accepted<'_>) -> bool;

/// An invariant that does not hold.
struct Broken {
    invariant: &'static str,
    picture: String,
}

/// What does not hold for a case; `None` when nothing was offered.
fn check(number: u64) -> Option<Vec<Broken>> {
    let case = Case::random(number);
    let site = Site::new(&case.document, &completion_context(&case.document, case.offset));
    let fitted = fit(&case.raw, case.cut_short, &case.document, case.offset, &site);
    let fitted = fitted.ok().and_then(|it| sound_variant(&case.document, case.offset, &site, it))?;
    let text = case.document.text().to_string();
    let (before, after) = text.split_at(case.offset);
    let it = Accepted {
        case: &case,
        site: &site,
        fitted: &fitted,
        before: before.to_owned(),
        after: after.to_owned(),
        edited: accepted(&case.document, case.offset, &fitted),
    };
    let invariants: [(&'static str, Invariant); 11] = [
        ("the last line stands once", the_last_line_stands_once),
        ("the lines below are not repeated", the_lines_below_are_not_repeated),
        ("the rest of the line is not repeated", the_rest_of_the_line_is_not_repeated),
        ("only closers are typed over", only_closers_are_typed_over),
        ("brackets stay balanced", brackets_stay_balanced),
        ("what parsed still parses", what_parsed_still_parses),
        ("indentation is the file's", indentation_is_the_files),
        ("nothing that nobody types", nothing_that_nobody_types),
        ("no half statement", no_half_statement),
        ("the range is within the line", the_range_is_within_the_line),
        ("typing on keeps it", typing_on_keeps_it),
    ];
    let broken = invariants.into_iter().filter(|(_, holds)| !holds(&it)).map(|(invariant, _)| {
        let (language, raw, text) = (case.document.language().id(), &case.raw, &fitted.text);
        let (over, rest) = after.split_at(fitted.overtyped);
        let cut = if case.cut_short { ", cut short" } else { "" };
        Broken {
            invariant,
            picture: format!("case {number}, {language}{cut}: {raw:?}\n{before}⟦{text}⟧‹{over}›{rest}"),
        }
    });
    Some(broken.collect())
}

fn lines(text: &str) -> Vec<&str> {
    text.split(['\n', '\r']).map(str::trim_end).collect()
}

fn full_lines(text: &str) -> Vec<&str> {
    lines(text).into_iter().filter(|line| !line.is_empty()).collect()
}

impl Accepted<'_> {
    /// What follows the completion.
    fn rest(&self) -> &str {
        &self.after[self.fitted.overtyped..]
    }

    /// The line that the completion ends in, the lines above and below it; blank ones are none.
    fn around_last_line(&self) -> (Vec<String>, String, Vec<String>) {
        let head = format!("{}{}", self.before, self.fitted.text);
        let start = head.rfind(['\n', '\r']).map_or(0, |end| end + 1);
        let end = self.rest().find(['\n', '\r']).unwrap_or(self.rest().len());
        let owned = |lines: Vec<&str>| lines.into_iter().map(str::to_owned).collect();
        let line = format!("{}{}", &head[start..], &self.rest()[..end]);
        (owned(full_lines(&head[..start])), line.trim_end().to_owned(), owned(full_lines(&self.rest()[end..])))
    }
}

fn the_last_line_stands_once(it: &Accepted<'_>) -> bool {
    let (above, line, below) = it.around_last_line();
    above.last() != Some(&line) && below.first() != Some(&line)
}

fn the_lines_below_are_not_repeated(it: &Accepted<'_>) -> bool {
    let (above, line, below) = it.around_last_line();
    let inserted = full_lines(&it.fitted.text).len();
    let all: Vec<_> = above.into_iter().chain([line]).collect();
    (1..=inserted.min(3)).all(|count| below.len() < count || all[all.len() - count..] != below[..count])
}

fn the_rest_of_the_line_is_not_repeated(it: &Accepted<'_>) -> bool {
    let rest = it.rest().split(['\n', '\r']).next().unwrap_or_default().trim();
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    // A closer behind a closer may be another bracket's.
    let is_text = rest.chars().any(is_word);
    let before = it.fitted.text.trim_end().strip_suffix(rest);
    let is_token = before.is_some_and(|before| !(before.ends_with(is_word) && rest.starts_with(is_word)));
    !(is_text && is_token)
}

fn only_closers_are_typed_over(it: &Accepted<'_>) -> bool {
    let whole = format!("{}{}{}", it.before, it.fitted.text, it.rest());
    let over = it.after[..it.fitted.overtyped].chars().filter(|c| !c.is_whitespace());
    let mut typed = it.fitted.text.chars();
    it.edited.text().to_string() == whole
        && over.into_iter().all(|c| ")]}>\"'`;,:".contains(c) && typed.any(|typed| typed == c))
}

fn brackets_stay_balanced(it: &Accepted<'_>) -> bool {
    let now = analysis::unbalanced_brackets(&it.edited);
    !it.site.is_code || now <= analysis::unbalanced_brackets(&it.case.document)
}

fn what_parsed_still_parses(it: &Accepted<'_>) -> bool {
    // Parsed anew: an incremental parse must not be the judge of itself.
    let parsed = |text: &str| Document::new(text, it.edited.language(), 1);
    analysis::syntax_error_count(&parsed(&it.edited.text().to_string()))
        <= analysis::syntax_error_count(&parsed(&it.case.document.text().to_string()))
}

fn indentation_is_the_files(it: &Accepted<'_>) -> bool {
    it.fitted.text.split('\n').skip(1).filter(|line| !line.trim().is_empty()).all(|line| {
        let indent: String = line.chars().take_while(|c| *c == ' ' || *c == '\t').collect();
        match it.site.indent_style {
            IndentStyle::Spaces(_) => !indent.contains('\t'),
            IndentStyle::Tabs => !indent.contains(" \t") && indent.trim_start_matches('\t').len() < 8,
        }
    })
}

fn nothing_that_nobody_types(it: &Accepted<'_>) -> bool {
    let text = &it.fitted.text;
    let is_control = |c: char| c.is_control() && c != '\n' && c != '\t';
    let is_invisible = |c: char| {
        "\u{202a}\u{202b}\u{202c}\u{202d}\u{202e}\u{2066}\u{2067}\u{2068}\u{2069}\u{feff}\u{fffd}\u{2028}".contains(c)
    };
    spelt_marker(text).is_none()
        && !text.contains(|c| is_control(c) || is_invisible(c))
        && text.trim_end() == text
        && !text.is_empty()
}

fn no_half_statement(it: &Accepted<'_>) -> bool {
    let raw = it.case.raw.replace("\r\n", "\n").replace('\r', "\n");
    let last = raw.rsplit('\n').next().unwrap_or_default().trim();
    let shown = full_lines(&it.fitted.text);
    let is_half = it.case.cut_short && !last.is_empty() && shown.len() > 1;
    // Closers are no statement, and a line may stand there twice.
    let is_shown = shown.last().is_some_and(|line| line.trim() == last) && raw.matches(last).count() == 1;
    let is_closer = last.chars().all(|c| ")]}>\"'`;,:".contains(c));
    !(is_half && is_shown && !is_closer)
}

fn the_range_is_within_the_line(it: &Accepted<'_>) -> bool {
    it.after.get(..it.fitted.overtyped).is_some_and(|over| !over.contains(['\n', '\r']))
}

/// Who types the beginning of the completion is offered the rest of it.
fn typing_on_keeps_it(it: &Accepted<'_>) -> bool {
    let scene = |document: &Document, offset| Scene::new(document, offset, String::new());
    let mut cache = SuggestionCache::default();
    cache.insert(Suggestion {
        scene: scene(&it.case.document, it.case.offset),
        text: it.fitted.text.clone(),
        overtyped: it.fitted.overtyped,
        invoked: false,
        is_worth_showing: true,
        confidence: 1.0,
        finish: FinishReason::Stop,
    });
    let text = &it.fitted.text;
    let typed = text.floor_char_boundary(it.case.raw.len() % text.len().min(500));
    let (typed, left) = text.split_at(typed);
    let document = Document::new(&format!("{}{typed}{}", it.before, it.after), it.edited.language(), 2);
    let hit = cache.get(&scene(&document, it.before.len() + typed.len()), false, 0.0);
    left.trim().is_empty() || hit.is_some_and(|hit| hit.text == left && hit.overtyped == it.fitted.overtyped)
}
