//! Constrained text: a JSON schema, a regular expression or a grammar that the answer follows, whatever the model would
//! have written. Grammars are compiled by llguidance (an Earley parser over a lexer of regular expressions, MIT), which
//! says for each token of the vocabulary whether it may come next; a token that may not gets no probability in any
//! sampling mode.
//!
//! [`Grammars`] belongs to a loaded model and compiles; a [`Guide`] follows one answer. Neither chooses tokens.

use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread;

use llguidance::api::{GrammarWithLexer, ParserLimits, TopLevelGrammar};
use llguidance::{JsonCompileOptions, Matcher, ParserFactory};

use crate::EngineError;
use crate::tokenizer::Tokenizer;

mod guide;
mod vocabulary;

pub(crate) use guide::Guide;

/// What an answer has to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Constraint {
    /// A JSON object.
    JsonObject,
    /// JSON that satisfies a schema, given as JSON text. The usual part of JSON Schema 2020-12; what is not supported
    /// is an error and not ignored.
    JsonSchema(String),
    /// Text that a regular expression matches as a whole, in the syntax of Rust's `regex` without anchors and word
    /// boundaries.
    Regex(String),
    /// Text of a grammar in llguidance's variant of Lark; the rule `start` is the whole.
    Lark(String),
}

/// Most bytes of a schema, an expression or a grammar.
const MAX_BYTES: usize = 256 * 1024;
/// Deepest nesting of brackets in one: deeper ones are no use, and parsers recur.
const MAX_DEPTH: usize = 100;
/// Stack of the thread that compiles: a chain of thousands of rules recurs as deep as it is long.
const STACK_BYTES: usize = 256 * 1024 * 1024;
/// Compiled grammars that are kept.
const KEPT: usize = 8;
/// Longest white space between two parts of JSON: a small model may otherwise write blanks without end.
const WHITE_SPACE: &str = r"[ \n\r\t]{1,64}";
/// Longest message of the compiler that is passed on, in characters.
const MAX_MESSAGE: usize = 400;
/// Name of the request's grammar where it stands behind text that was taken back.
const INNER: &str = "constraint";

impl Constraint {
    /// The text that was given; empty for a constraint without one.
    fn text(&self) -> &str {
        match self {
            Self::JsonObject => "",
            Self::JsonSchema(text) | Self::Regex(text) | Self::Lark(text) => text,
        }
    }

    /// Refuses what is too large or too deep before anything looks at it.
    ///
    /// # Errors
    /// `InvalidRequest`.
    pub(crate) fn check(&self) -> Result<(), EngineError> {
        let text = self.text();
        if text.len() > MAX_BYTES {
            return Err(invalid(format!("must be at most {MAX_BYTES} bytes long, got {}", text.len())));
        }
        let mut depth = 0_usize;
        for byte in text.bytes() {
            match byte {
                b'(' | b'[' | b'{' => depth += 1,
                b')' | b']' | b'}' => depth = depth.saturating_sub(1),
                _ => {}
            }
            if depth > MAX_DEPTH {
                return Err(invalid(format!("must not nest brackets deeper than {MAX_DEPTH}")));
            }
        }
        Ok(())
    }

    /// The grammar, in llguidance's terms.
    fn grammar(&self) -> Result<GrammarWithLexer, EngineError> {
        let parsed = match self {
            Self::JsonObject => TopLevelGrammar::from_tagged_str("json_object", ""),
            Self::JsonSchema(schema) => TopLevelGrammar::from_tagged_str("json_schema", schema),
            Self::Regex(regex) => TopLevelGrammar::from_tagged_str("regex", regex),
            Self::Lark(grammar) => TopLevelGrammar::from_tagged_str("lark", grammar),
        };
        let mut parsed = parsed.map_err(|error| invalid(explain(&error.to_string())))?;
        let mut grammar = parsed.grammars.pop().ok_or_else(|| invalid("the grammar is empty".to_owned()))?;
        if let Some(schema) = grammar.json_schema.as_mut().filter(|schema| schema.is_object()) {
            let bounded = JsonCompileOptions {
                whitespace_pattern: Some(WHITE_SPACE.to_owned()),
                ..JsonCompileOptions::default()
            };
            // A schema may bring options of its own.
            if schema.get("x-guidance").is_none() {
                bounded.apply_to(schema);
            }
        }
        Ok(grammar)
    }
}

/// Compiles constraints for one vocabulary. What they have in common, a tree of all tokens, is built for the first one.
pub(crate) struct Grammars {
    tokenizer: Arc<Tokenizer>,
    /// Tokens that end an answer; at least one.
    ends: Vec<u32>,
    factory: OnceLock<Result<ParserFactory, String>>,
    /// The last ones, oldest first.
    compiled: Mutex<Vec<Compiled>>,
}

struct Compiled {
    constraint: Constraint,
    healed: Vec<u8>,
    matcher: Matcher,
}

impl Grammars {
    /// For a model with this vocabulary, whose answers end with one of `ends`.
    pub(crate) fn new(tokenizer: Arc<Tokenizer>, ends: Vec<u32>) -> Self {
        Self { tokenizer, ends, factory: OnceLock::new(), compiled: Mutex::default() }
    }

    /// A guide for an answer that begins with `healed`, text taken back from the prompt, and then follows `constraint`.
    /// Takes milliseconds; for the first constraint of a model up to a second.
    ///
    /// # Errors
    /// `InvalidRequest` with the reason when the constraint is too large or not one, or when this vocabulary cannot
    /// write anything that follows it.
    pub(crate) fn guide(&self, constraint: &Constraint, healed: &[u8]) -> Result<Guide, EngineError> {
        if let Some(guide) = self.known(constraint, healed) {
            return guide;
        }
        constraint.check()?;
        // Without the lock: the worker does not wait for somebody else's grammar.
        let matcher = self.compile(constraint, healed)?;
        let guide = Guide::new(matcher.deep_clone());
        let mut compiled = self.compiled();
        if compiled.len() >= KEPT {
            compiled.remove(0);
        }
        compiled.push(Compiled { constraint: constraint.clone(), healed: healed.to_vec(), matcher });
        guide
    }

    fn known(&self, constraint: &Constraint, healed: &[u8]) -> Option<Result<Guide, EngineError>> {
        let mut compiled = self.compiled();
        let index = compiled.iter().position(|it| it.constraint == *constraint && it.healed == healed)?;
        let entry = compiled.remove(index);
        // Apart from each other, so that no answer's lexer states count towards another's limit.
        let guide = Guide::new(entry.matcher.deep_clone());
        compiled.push(entry);
        Some(guide)
    }

    fn compiled(&self) -> MutexGuard<'_, Vec<Compiled>> {
        self.compiled.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// On a thread with room for recursion.
    fn compile(&self, constraint: &Constraint, healed: &[u8]) -> Result<Matcher, EngineError> {
        let compile = || {
            let factory = self.factory.get_or_init(|| vocabulary::factory(&self.tokenizer, &self.ends, limits()));
            let factory = factory.as_ref().map_err(|reason| invalid(reason.clone()))?;
            let grammar = behind(constraint.grammar()?, healed)?;
            let parser = factory.create_parser(grammar).map_err(|error| invalid(explain(&error.to_string())))?;
            let matcher = Matcher::new(Ok(parser));
            // The first step takes the most work; what fails there is refused before anything runs.
            let mut guide = Guide::new(matcher.deep_clone())?;
            guide.forced()?;
            guide.allowed()?;
            Ok(matcher)
        };
        thread::scope(|scope| {
            let named = thread::Builder::new().name("engine-grammar".to_owned()).stack_size(STACK_BYTES);
            let compiling = named
                .spawn_scoped(scope, compile)
                .map_err(|error| EngineError::Unavailable(format!("no thread for compiling a constraint: {error}")))?;
            compiling.join().unwrap_or_else(|panic| Err(invalid(explain(&crate::worker::message(&*panic)))))
        })
    }
}

impl std::fmt::Debug for Grammars {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Grammars").field("ends", &self.ends).finish_non_exhaustive()
    }
}

/// A grammar behind a fixed text.
fn behind(grammar: GrammarWithLexer, text: &[u8]) -> Result<TopLevelGrammar, EngineError> {
    if text.is_empty() {
        return Ok(TopLevelGrammar::from_grammar(grammar));
    }
    let text = std::str::from_utf8(text).map_err(|_| invalid("the prompt ends inside a character".to_owned()))?;
    // A regular expression of nothing but code points needs no quoting.
    let literal: String = text.chars().map(|char| format!(r"\u{{{:x}}}", u32::from(char))).collect();
    let mut whole = TopLevelGrammar::from_lark(format!("start: /{literal}/ @{INNER}"));
    whole.grammars.push(GrammarWithLexer { name: Some(INNER.to_owned()), ..grammar });
    Ok(whole)
}

/// How much work and memory one grammar may take; a tenth of llguidance's own limits where memory is concerned.
fn limits() -> ParserLimits {
    ParserLimits {
        max_lexer_states: 25_000,
        max_grammar_size: 50_000,
        verbose_errors: false,
        ..ParserLimits::default()
    }
}

/// The compiler's message without the state and the backtrace that it appends.
fn explain(message: &str) -> String {
    let end = ["\n<", "<non-verbose/>"].iter().filter_map(|mark| message.find(mark)).min();
    message[..end.unwrap_or(message.len())].trim().chars().take(MAX_MESSAGE).collect()
}

fn invalid(message: String) -> EngineError {
    EngineError::InvalidRequest { field: "constraint", message }
}

#[cfg(test)]
mod tests;
