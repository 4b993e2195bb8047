//! Two texts of JavaScript or TypeScript by the trees that oxc's parser makes of them. Parentheses, separators, quotes
//! and the spelling of numbers are not in such a tree. Taken out of it besides: braces around one statement, empty
//! statements, quotes around the names of properties, and how markup is broken into lines.

use oxc_allocator::{Allocator, TakeIn, Vec as ArenaVec};
use oxc_ast::ast::{
    ArrowFunctionExpression, Declaration, Function, JSXAttributeValue, JSXChild, JSXExpression, JSXText, Program,
    PropertyKey, Statement, Str,
};
use oxc_ast::builder::AstBuilder;
use oxc_ast_visit::{VisitMut, walk_mut};
use oxc_parser::{ParseOptions, Parser};
use oxc_span::{ContentEq, SPAN, SourceType};
use oxc_syntax::scope::ScopeFlags;
use syntax::Language;

use super::comments;

/// Nothing when both say the same; `None` where the parser does not read the original.
pub(super) fn compare(before: &str, after: &str, language: Language) -> Option<Result<(), String>> {
    let allocator = Allocator::default();
    let (source_type, before) =
        dialects(language).iter().find_map(|it| Some((*it, parse(&allocator, before, *it)?)))?;
    let Some(after) = parse(&allocator, after, source_type) else {
        return Some(Err("it would not parse any more".to_owned()));
    };
    if !before.program.content_eq(&after.program) {
        return Some(Err("its statements would not be the same".to_owned()));
    }
    Some(comments::compare(&before.comments, &after.comments))
}

/// How a text may be read, the likeliest first.
fn dialects(language: Language) -> &'static [SourceType] {
    const TYPESCRIPT: &[SourceType] = &[SourceType::ts(), SourceType::d_ts()];
    const TSX: &[SourceType] = &[SourceType::tsx()];
    const JAVASCRIPT: &[SourceType] =
        &[SourceType::unambiguous().with_jsx(true), SourceType::mjs().with_jsx(true), SourceType::cjs().with_jsx(true)];
    match language.id() {
        "typescript" => TYPESCRIPT,
        "typescriptreact" => TSX,
        _ => JAVASCRIPT,
    }
}

struct Parsed<'a> {
    program: Program<'a>,
    comments: Vec<String>,
}

fn parse<'a>(allocator: &'a Allocator, text: &str, source_type: SourceType) -> Option<Parsed<'a>> {
    let options =
        ParseOptions { allow_return_outside_function: true, preserve_parens: false, ..ParseOptions::default() };
    let text: &'a str = allocator.alloc_str(text);
    let parsed = Parser::new(allocator, text, source_type).with_options(options).parse();
    if parsed.panicked || parsed.diagnostics.has_errors() {
        return None;
    }
    let mut program = parsed.program;
    let comments = program.comments.iter().map(|it| comments::words(it.span.source_text(text))).collect();
    Normalizer { allocator, ast: AstBuilder::new(allocator) }.visit_program(&mut program);
    Some(Parsed { program, comments })
}

/// Takes out of a tree what formatting may change.
struct Normalizer<'a> {
    allocator: &'a Allocator,
    ast: AstBuilder<'a>,
}

impl<'a> Normalizer<'a> {
    fn text(&self, text: &str) -> Str<'a> {
        Str::from(self.allocator.alloc_str(text))
    }
}

impl<'a> VisitMut<'a> for Normalizer<'a> {
    fn visit_statements(&mut self, statements: &mut ArenaVec<'a, Statement<'a>>) {
        walk_mut::walk_statements(self, statements);
        let all = statements.take_in(&self.allocator);
        statements.extend(all.into_iter().filter(|it| !matches!(it, Statement::EmptyStatement(_))));
    }

    fn visit_statement(&mut self, statement: &mut Statement<'a>) {
        walk_mut::walk_statement(self, statement);
        // `{ a }` is `a`, unless the braces end where a name is known.
        if let Statement::BlockStatement(block) = statement
            && block.body.len() == 1
            && block.body.first().is_some_and(|only| !is_scoped(only))
            && let Some(only) = block.body.pop()
        {
            *statement = only;
        }
    }

    fn visit_function(&mut self, function: &mut Function<'a>, flags: ScopeFlags) {
        walk_mut::walk_function(self, function, flags);
        // Whether it stands in parentheses: a hint to compilers, and nothing that formatters keep.
        function.pife = false;
    }

    fn visit_arrow_function_expression(&mut self, function: &mut ArrowFunctionExpression<'a>) {
        walk_mut::walk_arrow_function_expression(self, function);
        function.pife = false;
    }

    fn visit_property_key(&mut self, key: &mut PropertyKey<'a>) {
        walk_mut::walk_property_key(self, key);
        if let PropertyKey::StaticIdentifier(name) = key {
            let name = self.text(name.name.as_str());
            *key = PropertyKey::new_string_literal(SPAN, name, None, &self.ast);
        }
    }

    fn visit_jsx_attribute_value(&mut self, value: &mut JSXAttributeValue<'a>) {
        walk_mut::walk_jsx_attribute_value(self, value);
        if let JSXAttributeValue::ExpressionContainer(container) = value
            && let JSXExpression::StringLiteral(string) = &container.expression
        {
            let text = self.text(string.value.as_str());
            *value = JSXAttributeValue::new_string_literal(SPAN, text, None, &self.ast);
        }
    }

    fn visit_jsx_children(&mut self, children: &mut ArenaVec<'a, JSXChild<'a>>) {
        walk_mut::walk_jsx_children(self, children);
        let mut text = String::new();
        for child in children.take_in(&self.allocator) {
            match said(&child) {
                Some(said) => text.push_str(&said),
                None => {
                    self.push_text(&mut text, children);
                    children.push(child);
                }
            }
        }
        self.push_text(&mut text, children);
    }
}

impl<'a> Normalizer<'a> {
    fn push_text(&self, text: &mut String, children: &mut ArenaVec<'a, JSXChild<'a>>) {
        if !text.is_empty() {
            let node = JSXText::boxed(SPAN, self.text(&with_single_spaces(text)), None, &self.ast);
            children.push(JSXChild::Text(node));
            text.clear();
        }
    }
}

/// True for a statement that declares a name for the block that it stands in.
fn is_scoped(statement: &Statement<'_>) -> bool {
    statement.as_declaration().is_some_and(|it| match it {
        Declaration::VariableDeclaration(variable) => !variable.kind.is_var(),
        _ => true,
    })
}

/// The text that a child of markup shows: without the white space that lines are broken and indented by. `None` for
/// what is no text.
fn said(child: &JSXChild<'_>) -> Option<String> {
    match child {
        JSXChild::Text(text) => Some(shown(text.value.as_str())),
        JSXChild::ExpressionContainer(container) => match &container.expression {
            JSXExpression::StringLiteral(string) => Some(string.value.as_str().to_owned()),
            JSXExpression::EmptyExpression(_) => Some(String::new()),
            _ => None,
        },
        _ => None,
    }
}

/// Lines are joined by a space, without what they are indented by; lines of white space count for nothing.
fn shown(text: &str) -> String {
    let last = text.lines().count().saturating_sub(1);
    let ends_open = text.ends_with('\n');
    let lines = text.lines().enumerate().map(|(index, line)| {
        let line = if index == 0 { line } else { line.trim_start_matches([' ', '\t']) };
        if index == last && !ends_open { line } else { line.trim_end_matches([' ', '\t']) }
    });
    lines.filter(|it| !it.is_empty()).collect::<Vec<_>>().join(" ")
}

/// Several spaces show as one.
fn with_single_spaces(text: &str) -> String {
    let mut single = String::with_capacity(text.len());
    for character in text.chars() {
        let is_space = matches!(character, ' ' | '\t');
        if !is_space || !single.ends_with(' ') {
            single.push(if is_space { ' ' } else { character });
        }
    }
    single
}
