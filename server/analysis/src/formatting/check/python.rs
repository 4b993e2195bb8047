//! Two texts of Python by the tree that ruff's parser makes of them: equal but for white space in strings that stand
//! alone, which formatters indent anew, for parentheses around what `del` deletes, for the case of long numbers' digits,
//! and for how many parts an f-string is written in.

use ruff_python_ast::comparable::ComparableStmt;
use ruff_python_ast::token::TokenKind;
use ruff_python_ast::visitor::transformer::{self, Transformer};
use ruff_python_ast::{
    Expr, ExprStringLiteral, FString, FStringFlags, FStringPart, FStringValue, InterpolatedStringElement,
    InterpolatedStringLiteralElement, Number, PySourceType, Stmt, StringLiteral, StringLiteralFlags,
    StringLiteralValue,
};
use ruff_python_parser::{ParseOptions, parse};

use super::{difference, without_white_space};
use crate::formatting::{Request, python};

pub(super) fn compare(before: &str, after: &str, request: Option<&Request<'_>>) -> Result<(), String> {
    let source_type = request.map_or(PySourceType::Python, python::source_type);
    let before = Module::parse(before, source_type).map_err(|it| format!("it did not parse: {it}"))?;
    let after = Module::parse(after, source_type).map_err(|it| format!("it would not parse any more: {it}"))?;
    if let Some((a, b)) = before.comments.iter().zip(&after.comments).find(|(a, b)| a != b) {
        return Err(difference(Some(a), Some(b)));
    }
    if before.comments.len() != after.comments.len() {
        return Err("comments would be lost or made up".to_owned());
    }
    let same = before.body.iter().map(ComparableStmt::from).eq(after.body.iter().map(ComparableStmt::from));
    if same { Ok(()) } else { Err("its statements would not be the same".to_owned()) }
}

struct Module {
    body: Vec<Stmt>,
    comments: Vec<String>,
}

impl Module {
    fn parse(text: &str, source_type: PySourceType) -> Result<Self, String> {
        let parsed = parse(text, ParseOptions::from(source_type)).map_err(|it| it.error.to_string())?;
        let comments = parsed.tokens().iter().filter(|it| it.kind() == TokenKind::Comment);
        let comments = comments.map(|it| without_white_space(&text[ruff_text_size::Ranged::range(it)])).collect();
        let module = parsed.try_into_module();
        let mut body: Vec<_> = module.into_iter().flat_map(|it| it.into_suite()).collect();
        for statement in &mut body {
            Normalizer.visit_stmt(statement);
        }
        Ok(Self { body, comments })
    }
}

/// Takes out of a tree what formatting may change.
struct Normalizer;

impl Transformer for Normalizer {
    fn visit_stmt(&self, statement: &mut Stmt) {
        match statement {
            Stmt::Expr(alone) => {
                if let Expr::StringLiteral(string) = alone.value.as_mut() {
                    let value = string.value.to_str().lines().map(str::trim).collect::<Vec<_>>().join("\n");
                    string.value = StringLiteralValue::single(StringLiteral {
                        value: value.trim().into(),
                        range: string.range,
                        node_index: string.node_index.clone(),
                        flags: string.value.first_literal_flags(),
                    });
                }
            }
            Stmt::Delete(delete) => {
                let targets = std::mem::take(&mut delete.targets);
                delete.targets = targets
                    .into_iter()
                    .flat_map(|target| match target {
                        Expr::Tuple(tuple) => tuple.elts,
                        other => vec![other],
                    })
                    .collect();
            }
            _ => {}
        }
        transformer::walk_stmt(self, statement);
    }

    fn visit_expr(&self, expression: &mut Expr) {
        match expression {
            Expr::NumberLiteral(number) => {
                // A number of more than 64 bits is kept as it is written.
                if let Number::Int(value) = &number.value
                    && value.as_u64().is_none()
                {
                    let digits = StringLiteral {
                        value: format!("{value}").to_lowercase().into(),
                        range: number.range,
                        node_index: number.node_index.clone(),
                        flags: StringLiteralFlags::empty(),
                    };
                    *expression = Expr::StringLiteral(ExprStringLiteral {
                        range: digits.range,
                        node_index: digits.node_index.clone(),
                        value: StringLiteralValue::single(digits),
                    });
                }
            }
            Expr::FString(string) => {
                let mut elements = Vec::new();
                for part in &string.value {
                    match part {
                        FStringPart::Literal(literal) => {
                            elements.push(InterpolatedStringElement::Literal(InterpolatedStringLiteralElement {
                                range: literal.range,
                                node_index: literal.node_index.clone(),
                                value: literal.value.clone(),
                            }));
                        }
                        FStringPart::FString(part) => elements.extend(part.elements.iter().cloned()),
                    }
                }
                elements.retain(|it| !matches!(it, InterpolatedStringElement::Literal(text) if text.value.is_empty()));
                string.value = FStringValue::single(FString {
                    range: string.range,
                    node_index: string.node_index.clone(),
                    elements: elements.into(),
                    flags: FStringFlags::empty(),
                });
            }
            _ => {}
        }
        transformer::walk_expr(self, expression);
    }
}
