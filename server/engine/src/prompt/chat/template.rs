//! Rendering of chat templates: Jinja as `transformers` runs it.
//!
//! A template is part of a model file, so it comes from outside: it reads no file, its steps and its text are limited,
//! and what it fails with is an error of the request. Not limited is what its expressions build on the way: minijinja
//! bounds repetition of a text, not its concatenation.

use std::io;
use std::time::{SystemTime, UNIX_EPOCH};

use minijinja::syntax::SyntaxConfig;
use minijinja::value::Kwargs;
use minijinja::{AutoEscape, Environment, Error, ErrorKind, Output, State, Value};
use regex::Regex;

use crate::{ChatMessage, ChatRole};

use super::{json, strftime};

/// Steps of a rendering. A message takes a few hundred in the longest templates that are in use.
const FUEL: u64 = 2_000_000;
/// Longest template, in bytes. The longest in use have 30 KB.
pub(super) const LONGEST_TEMPLATE: usize = 1 << 20;
/// Longest text, in bytes: more than any context holds.
pub(super) const LONGEST_TEXT: usize = 64 << 20;

/// A template that parses.
#[derive(Debug)]
pub(super) struct Template(String);

/// Texts of the tokens that templates ask for.
#[derive(Debug, Default)]
pub(super) struct Names {
    pub(super) bos: Option<String>,
    pub(super) eos: Option<String>,
}

impl Template {
    /// Checks a template.
    pub(super) fn new(source: &str) -> Result<Self, String> {
        if source.len() > LONGEST_TEMPLATE {
            return Err(format!("the model's chat template is too long: {} bytes", source.len()));
        }
        // `transformers` marks answers for training with a tag of its own.
        let tag = |name: &str| Regex::new(&format!(r"\{{%(-?)\s*{name}\s*(-?)%\}}")).expect("a valid expression");
        let source = tag("generation").replace_all(source, "{%$1 if true $2%}");
        let source = tag("endgeneration").replace_all(&source, "{%$1 endif $2%}").into_owned();
        match environment().template_from_str(&source) {
            Ok(_) => Ok(Self(source)),
            Err(error) => Err(format!("the model's chat template cannot be read: {error}")),
        }
    }

    /// The template's own text.
    pub(super) fn source(&self) -> &str {
        &self.0
    }

    /// The text of a conversation, if it has at most `longest` bytes.
    pub(super) fn render(
        &self,
        messages: &[ChatMessage],
        add_generation_prompt: bool,
        names: &Names,
        longest: usize,
    ) -> Result<String, String> {
        let environment = environment();
        let template = environment.template_from_str(&self.0).map_err(|error| error.to_string())?;
        let message = |message: &ChatMessage| {
            let role = match message.role {
                ChatRole::System => "system",
                ChatRole::User => "user",
                ChatRole::Assistant => "assistant",
                ChatRole::Tool => "tool",
            };
            Value::from_pairs([("role", role), ("content", message.content.as_str())])
        };
        let mut context = vec![
            ("messages", Value::from(messages.iter().map(message).collect::<Vec<_>>())),
            ("add_generation_prompt", Value::from(add_generation_prompt)),
            ("tools", Value::from(())),
            ("documents", Value::from(())),
        ];
        context.extend(names.bos.as_deref().map(|bos| ("bos_token", Value::from(bos))));
        context.extend(names.eos.as_deref().map(|eos| ("eos_token", Value::from(eos))));
        let mut text = Bounded { text: Vec::new(), longest };
        template.render_captured_to(Value::from_pairs(context), &mut text).map_err(|error| explain(&error))?;
        String::from_utf8(text.text).map_err(|error| error.to_string())
    }
}

/// Jinja with what `transformers` adds to it.
fn environment() -> Environment<'static> {
    let mut environment = Environment::new();
    let syntax = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build();
    environment.set_syntax(syntax.expect("the usual delimiters are distinct"));
    environment.set_auto_escape_callback(|_| AutoEscape::None);
    environment.set_unknown_method_callback(minijinja_contrib::pycompat::unknown_method_callback);
    environment.set_formatter(format_as_python);
    environment.set_fuel(Some(FUEL));
    environment.add_function("raise_exception", |message: String| -> Result<Value, Error> {
        Err(Error::new(ErrorKind::InvalidOperation, message))
    });
    environment.add_function("strftime_now", |format: String| {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |now| now.as_secs());
        strftime::format(now, &format)
    });
    environment.add_filter("tojson", |value: Value, indent: Option<usize>, options: Kwargs| {
        let indent = options.get::<Option<usize>>("indent")?.or(indent);
        // What else Python's has is the default.
        for option in ["ensure_ascii", "sort_keys", "separators"] {
            options.get::<Option<Value>>(option)?;
        }
        options.assert_all_used()?;
        json::write(&value, indent)
    });
    // Nothing is no sequence, and what is not there has no length, as in Jinja itself.
    environment.add_test("iterable", |value: &Value| {
        !value.is_none() && (value.as_str().is_some() || value.try_iter().is_ok())
    });
    for name in ["length", "count"] {
        environment.add_filter(name, |value: &Value| match value.len() {
            Some(len) => Ok(len),
            None if value.is_undefined() => Ok(0),
            None => Err(Error::new(ErrorKind::InvalidOperation, format!("a {} has no length", value.kind()))),
        });
    }
    environment
}

/// Writes truth values and nothing as Python does.
fn format_as_python(output: &mut Output<'_>, state: &mut State<'_, '_>, value: &Value) -> Result<(), Error> {
    if value.is_none() {
        return output.write_str("None").map_err(Error::from);
    }
    match value.is_true() {
        truth if value.kind() == minijinja::value::ValueKind::Bool => {
            output.write_str(if truth { "True" } else { "False" }).map_err(Error::from)
        }
        _ => minijinja::escape_formatter(output, state, value),
    }
}

/// What a template's own check says, or what went wrong, without the template's text.
fn explain(error: &Error) -> String {
    match error.kind() {
        ErrorKind::OutOfFuel => format!("it takes more than {FUEL} steps"),
        _ => error.detail().map_or_else(|| error.to_string(), |detail| detail.chars().take(LONGEST_REASON).collect()),
    }
}

/// Longest message of a failed template, in characters.
const LONGEST_REASON: usize = 400;

/// A text of limited length.
struct Bounded {
    text: Vec<u8>,
    longest: usize,
}

impl io::Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.text.len() + bytes.len() > self.longest {
            return Err(io::Error::other("the text is too long"));
        }
        self.text.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
