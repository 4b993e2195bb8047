//! Calls, and names that stand in strings: types, `__all__`, `getattr`.

use ruff_python_ast::visitor::Visitor;
use ruff_python_ast::{self as ast, Expr, StringFlags};
use ruff_python_parser::parse_string_annotation;
use syntax::TextRange;

use super::{Walk, range};
use crate::names::Access;
use crate::names::python::{Call, MemberAccess, ScopeKind, Value};

impl Walk<'_> {
    pub(super) fn call(&mut self, call: &ast::ExprCall) {
        self.visit_expr(&call.func);
        let arguments = &call.arguments;
        let name = match &*call.func {
            Expr::Name(name) => name.id.as_str(),
            Expr::Attribute(attribute) => attribute.attr.id.as_str(),
            _ => "",
        };
        self.names_at_run_time(call, name);
        for (index, argument) in arguments.args.iter().enumerate() {
            // `cast("Shape", x)`
            if index == 0 && name == "cast" {
                self.annotation(argument);
            } else {
                self.visit_expr(argument);
            }
        }
        for keyword in &arguments.keywords {
            if keyword.arg.as_ref().is_some_and(|arg| arg.id == "bound") && name == "TypeVar" {
                self.annotation(&keyword.value);
            } else {
                self.visit_expr(&keyword.value);
            }
        }
        let keywords = arguments.keywords.iter().filter_map(|keyword| Some(range(keyword.arg.as_ref()?.range)));
        let keywords = keywords.map(|at| (self.slice(at), at)).collect();
        let unpacked = arguments.keywords.iter().find(|keyword| keyword.arg.is_none());
        let passed = arguments.args.iter().filter_map(|argument| match argument {
            Expr::Name(name) => Some(name.range.start().to_usize()),
            _ => None,
        });
        let callee = self.value(&call.func);
        self.facts.calls.push(Call {
            callee,
            keywords,
            unpacked: unpacked.map(|keyword| range(keyword.range)),
            passed: passed.collect(),
            is_partial: name == "partial",
        });
    }

    /// What looks for names while the program runs.
    pub(super) fn names_at_run_time(&mut self, call: &ast::ExprCall, name: &str) {
        let arguments = &call.arguments.args;
        let reader = match name {
            "locals" if arguments.is_empty() => Some("locals()"),
            "vars" | "dir" if arguments.is_empty() => Some("vars()"),
            "eval" => Some("eval()"),
            "exec" => Some("exec()"),
            _ => None,
        };
        if !matches!(&*call.func, Expr::Name(_)) {
            return;
        }
        if let Some(reader) = reader {
            self.facts.scopes[self.scope].reads_names = Some(reader);
        }
        self.facts.reads_globals |= matches!(name, "globals" | "eval" | "exec");
        if let ("getattr" | "setattr" | "hasattr" | "delattr", [receiver, Expr::StringLiteral(string), ..]) =
            (name, &**arguments)
        {
            let receiver = self.value_before_visit(receiver);
            if let Some(at) = self.word_in(string) {
                let access = if name == "setattr" { Access::Write } else { Access::Read };
                let name = self.slice(at);
                self.facts.accesses.push(MemberAccess { receiver, name, range: at, access, value: Value::Unknown });
            }
        }
    }

    /// The value of an expression whose members have not been noted yet.
    pub(super) fn value_before_visit(&self, expression: &Expr) -> Value {
        match expression {
            Expr::Attribute(_) => Value::Unknown,
            _ => self.value(expression),
        }
    }

    /// The name that a string consists of.
    pub(super) fn word_in(&self, string: &ast::ExprStringLiteral) -> Option<TextRange> {
        let part = string.as_single_part_string()?;
        let whole = range(part.range);
        let opener = part.flags.opener_len().to_usize();
        let closer = part.flags.closer_len().to_usize();
        let inner = TextRange::new(whole.start + opener, whole.end.checked_sub(closer)?.max(whole.start + opener));
        let is_word = !part.value.is_empty() && part.value.chars().all(|c| c.is_alphanumeric() || c == '_');
        (is_word && self.slice(inner) == &*part.value).then_some(inner)
    }

    /// `__all__ = […]` and `__slots__ = (…)`.
    pub(super) fn names_in_strings(&mut self, target: &Expr, value: &Expr) {
        let Expr::Name(name) = target else { return };
        let strings: &[Expr] = match value {
            Expr::List(list) => &list.elts,
            Expr::Tuple(tuple) => &tuple.elts,
            Expr::Set(set) => &set.elts,
            Expr::StringLiteral(_) => std::slice::from_ref(value),
            _ => return,
        };
        let words = strings.iter().filter_map(|string| self.word_in(string.as_string_literal_expr()?));
        let words: Vec<_> = words.collect();
        match (name.id.as_str(), self.facts.scopes[self.scope].kind) {
            ("__all__", ScopeKind::Module) => self.facts.exported.extend(words),
            ("__slots__" | "__match_args__", ScopeKind::Class(class)) => {
                self.facts.slots.extend(words.into_iter().map(|word| (class, word)));
            }
            _ => {}
        }
    }

    /// `__all__.append("name")`, `__all__.extend([…])`.
    pub(super) fn all_called(&mut self, call: &ast::ExprCall) {
        if let Expr::Attribute(attribute) = &*call.func
            && matches!(&*attribute.value, Expr::Name(name) if name.id == "__all__")
            && let [argument] = &*call.arguments.args
        {
            self.names_in_strings(&attribute.value, argument);
        }
    }

    /// Types in a string. They can be told where the text is what the string holds.
    pub(super) fn string_annotation(&mut self, string: &ast::ExprStringLiteral) {
        if let Some(part) = string.as_single_part_string()
            && let Ok(parsed) = parse_string_annotation(self.facts.text, part)
        {
            self.visit_expr(parsed.expr());
        }
    }

    pub(super) fn subscript(&mut self, subscript: &ast::ExprSubscript) {
        self.visit_expr(&subscript.value);
        let name = match &*subscript.value {
            Expr::Name(name) => name.id.as_str(),
            Expr::Attribute(attribute) => attribute.attr.id.as_str(),
            _ => "",
        };
        let outer = self.in_annotation;
        match (name, &*subscript.slice) {
            ("Literal", slice) => self.plain(slice),
            ("Annotated", Expr::Tuple(tuple)) => {
                for (index, element) in tuple.elts.iter().enumerate() {
                    self.in_annotation = outer && index == 0;
                    self.visit_expr(element);
                }
            }
            (_, slice) => self.visit_expr(slice),
        }
        self.in_annotation = outer;
    }
}
