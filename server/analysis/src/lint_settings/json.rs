//! JSON with comments, as settings files have it, read through oxc's parser: every such text is an expression of
//! JavaScript.
//!
//! Not here: writing JSON, and numbers that a double cannot hold.

use oxc_allocator::Allocator;
use oxc_ast::ast::{ArrayExpressionElement, Expression, ObjectPropertyKind, Statement};
use oxc_parser::Parser;
use oxc_span::{GetSpan, SourceType, Span};

use super::SettingsError;
use crate::diagnostics::guard::guarded;

/// Most brackets that may be open at one place: oxc recurses over them.
const MAX_DEPTH: usize = 100;

/// What a text of JSON says.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Json {
    Null,
    Bool(bool),
    Number(f64),
    Text(String),
    List(Vec<Json>),
    /// Members in the order of the text.
    Table(Vec<(String, Json)>),
}

impl Json {
    /// Reads a text that is one value.
    ///
    /// # Errors
    /// What is no JSON, and on which line.
    pub(crate) fn parse(text: &str) -> Result<Self, SettingsError> {
        let is_nested = text
            .bytes()
            .scan(0_usize, |open, byte| {
                match byte {
                    b'[' | b'{' | b'(' => *open += 1,
                    b']' | b'}' | b')' => *open = open.saturating_sub(1),
                    _ => {}
                }
                Some(*open)
            })
            .any(|open| open > MAX_DEPTH);
        if is_nested {
            return Err(SettingsError { line: None, message: "it is nested too deeply".to_owned() });
        }
        let failed = |_| Err(SettingsError { line: None, message: "it cannot be read".to_owned() });
        guarded(|| Self::read(text)).unwrap_or_else(failed)
    }

    fn read(text: &str) -> Result<Self, SettingsError> {
        let text = text.trim_start_matches('\u{feff}');
        let wrapped = format!("({text}\n)");
        let allocator = Allocator::default();
        let parsed = Parser::new(&allocator, &wrapped, SourceType::cjs()).parse();
        let error = |offset: usize, message: &str| {
            let before = wrapped.get(..offset.min(text.len() + 1)).unwrap_or_default();
            SettingsError { line: Some(before.matches('\n').count()), message: message.to_owned() }
        };
        if let Some(first) = parsed.diagnostics.errors().next() {
            let place = first.labels.first().map_or(0, |label| label.offset() as usize);
            return Err(error(place, &format!("no JSON: {}", first.message.trim_end_matches('.'))));
        }
        let body = parsed.program.body.as_slice();
        let [Statement::ExpressionStatement(statement)] = body else { return Err(error(0, "no JSON")) };
        Self::of(statement.expression.without_parentheses())
            .map_err(|span| error(span.start as usize, "no JSON: only values can stand here"))
    }

    fn of(expression: &Expression<'_>) -> Result<Self, Span> {
        Ok(match expression {
            Expression::NullLiteral(_) => Self::Null,
            Expression::BooleanLiteral(it) => Self::Bool(it.value),
            Expression::NumericLiteral(it) => Self::Number(it.value),
            Expression::StringLiteral(it) => Self::Text(it.value.to_string()),
            Expression::UnaryExpression(it) if it.operator.as_str() == "-" => match Self::of(&it.argument)? {
                Self::Number(number) => Self::Number(-number),
                _ => return Err(it.span),
            },
            Expression::ArrayExpression(it) => {
                let entries = it.elements.iter().map(|element| match element {
                    ArrayExpressionElement::SpreadElement(_) | ArrayExpressionElement::Elision(_) => {
                        Err(element.span())
                    }
                    other => other.as_expression().map_or(Err(element.span()), Self::of),
                });
                Self::List(entries.collect::<Result<_, _>>()?)
            }
            Expression::ObjectExpression(it) => {
                let members = it.properties.iter().map(|property| match property {
                    ObjectPropertyKind::ObjectProperty(it) if !it.method && !it.computed && !it.shorthand => {
                        let name = it.key.static_name().ok_or(it.span)?;
                        Ok((name.to_string(), Self::of(&it.value)?))
                    }
                    other => Err(other.span()),
                });
                Self::Table(members.collect::<Result<_, _>>()?)
            }
            other => return Err(other.span()),
        })
    }

    /// The member of this name.
    pub(crate) fn get(&self, name: &str) -> Option<&Self> {
        self.members()?.iter().rev().find(|(member, _)| member == name).map(|(_, value)| value)
    }

    pub(crate) fn members(&self) -> Option<&[(String, Self)]> {
        match self {
            Self::Table(members) => Some(members),
            _ => None,
        }
    }

    pub(crate) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The entries of a list; what is no list is one entry.
    pub(crate) fn entries(&self) -> &[Self] {
        match self {
            Self::List(entries) => entries,
            other => std::slice::from_ref(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Json;

    #[test]
    fn values_are_read() {
        let text = |text: &str| Json::Text(text.to_owned());
        let list = Json::List(vec![Json::Number(-1.5), Json::Bool(true), Json::Null, text("a\n")]);
        for (json, value) in [
            ("\u{feff}[-1.5, true, null, \"a\\n\"]", list),
            ("// c\n\"a\" /* d */", text("a")),
            ("{ \"a\": \"b\", }", Json::Table(vec![("a".to_owned(), text("b"))])),
        ] {
            assert_eq!(Json::parse(json), Ok(value), "{json}");
        }
    }

    #[test]
    fn what_is_no_json_is_told_with_its_line() {
        let line = |text: &str| Json::parse(text).map_err(|error| error.line);
        assert_eq!(line("{\n  \"a\": f()\n}"), Err(Some(1)));
        assert_eq!(line("{\n\n  \"a\" 1\n}"), Err(Some(2)));
        for broken in ["", "{ a, }", "[...b]", "[,]", "1; 2", "1) (2", "{ get a() {} }", &"[".repeat(10_000)] {
            assert!(Json::parse(broken).is_err(), "{broken}");
        }
    }
}
