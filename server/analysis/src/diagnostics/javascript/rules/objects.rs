//! Objects, arrays and functions: keys and parameters that occur twice, holes, methods that may be hidden.

use std::collections::HashMap;

use oxc_ast::{AstKind, AstType, ast::*};
use oxc_semantic::AstNode;
use oxc_span::{GetSpan, Span};

use super::{ESLINT, JsRule};
use crate::diagnostics::{
    Severity,
    javascript::context::{Ctx, Finding, replace},
};

pub(super) const NO_DUPE_KEYS: JsRule = JsRule {
    code: "no-dupe-keys",
    summary: "a key that occurs twice in an object",
    severity: Severity::Error,
    in_typescript: false,
    on: &[AstType::ObjectExpression],
    run: no_dupe_keys,
    valid: &["a = { b: 1, c: 2 }", "a = { get b() {}, set b(c) {} }", "a = { b: 1, [b]: 2 }"],
    invalid: &["a = { b: 1, b: 2 }", "a = { 'b': 1, b: 2 }", "a = { 0x1: 1, 1: 2 }", "a = { get b() {}, b: 1 }"],
    ..ESLINT
};

fn no_dupe_keys<'a>(ctx: &Ctx<'a>, node: &'a AstNode<'a>) {
    let AstKind::ObjectExpression(object) = node.kind() else { return };
    // What has been seen of a key: value, getter, setter.
    let mut seen: HashMap<String, ([bool; 3], Span)> = HashMap::new();
    for property in &object.properties {
        let ObjectPropertyKind::ObjectProperty(property) = property else { continue };
        let Some(name) = property.key.static_name() else { continue };
        // `__proto__: …` sets the prototype, it is no key.
        if name == "__proto__"
            && !property.computed
            && !property.shorthand
            && !property.method
            && property.kind == PropertyKind::Init
        {
            continue;
        }
        let (kinds, first) = seen.entry(name.to_string()).or_insert(([false; 3], property.key.span()));
        let (own, clashes) = match property.kind {
            PropertyKind::Init => (0, kinds[0] || kinds[1] || kinds[2]),
            PropertyKind::Get => (1, kinds[0] || kinds[1]),
            PropertyKind::Set => (2, kinds[0] || kinds[2]),
        };
        kinds[own] = true;
        if clashes {
            let found = ctx.at(property.key.span(), format!("the key `{name}` occurs twice: the last one wins"));
            ctx.add(found.see(*first, "the first one"));
        }
    }
}

pub(super) const NO_DUPE_CLASS_MEMBERS: JsRule = JsRule {
    code: "no-dupe-class-members",
    summary: "a member that occurs twice in a class",
    severity: Severity::Error,
    in_typescript: false,
    on: &[AstType::ClassBody],
    run: |ctx, node| {
        let AstKind::ClassBody(body) = node.kind() else { return };
        let mut seen: HashMap<(String, bool), ([bool; 3], Span)> = HashMap::new();
        for element in &body.body {
            let Some(key) = element.property_key().filter(|key| !key.is_private_identifier()) else { continue };
            let own = match element {
                ClassElement::MethodDefinition(it) => match it.kind {
                    MethodDefinitionKind::Constructor => continue,
                    MethodDefinitionKind::Method => 0,
                    MethodDefinitionKind::Get => 1,
                    MethodDefinitionKind::Set => 2,
                },
                ClassElement::PropertyDefinition(_) | ClassElement::AccessorProperty(_) => 0,
                _ => continue,
            };
            let Some(name) = key.static_name() else { continue };
            let (kinds, first) = seen.entry((name.to_string(), element.r#static())).or_insert(([false; 3], key.span()));
            let clashes = match own {
                0 => kinds.contains(&true),
                _ => kinds[0] || kinds[own],
            };
            kinds[own] = true;
            if clashes {
                let found = ctx.at(element.span(), format!("the member `{name}` occurs twice: the last one wins"));
                ctx.add(found.see(*first, "the first one"));
            }
        }
    },
    valid: &["class A { a() {} b() {} }", "class A { get a() {} set a(b) {} }", "class A { a() {} static a() {} }"],
    invalid: &["class A { a() {} a() {} }", "class A { a; a() {} }", "class A { get a() {} a() {} }"],
    ..ESLINT
};

pub(super) const NO_DUPE_ARGS: JsRule = JsRule {
    code: "no-dupe-args",
    summary: "two parameters of the same name",
    severity: Severity::Error,
    in_typescript: false,
    on: &[AstType::Function],
    run: |ctx, node| {
        let AstKind::Function(function) = node.kind() else { return };
        let mut seen: HashMap<&str, Span> = HashMap::new();
        let mut reported: Vec<&str> = Vec::new();
        for name in function.params.iter_bindings().flat_map(BindingPattern::get_binding_identifiers) {
            let known = seen.insert(name.name.as_str(), name.span);
            if let Some(first) = known.filter(|_| !reported.contains(&name.name.as_str())) {
                reported.push(name.name.as_str());
                let found =
                    ctx.at(name.span, format!("the parameter `{}` occurs twice: only the last one counts", name.name));
                ctx.add(found.see(first, "the first one"));
            }
        }
    },
    valid: &["function f(a, b) {}"],
    invalid: &["function f(a, b, a) {}"],
    ..ESLINT
};

pub(super) const NO_SPARSE_ARRAYS: JsRule = JsRule {
    code: "no-sparse-arrays",
    summary: "an array with holes",
    on: &[AstType::ArrayExpression],
    run: |ctx, node| {
        let AstKind::ArrayExpression(array) = node.kind() else { return };
        for element in &array.elements {
            if let ArrayExpressionElement::Elision(hole) = element {
                let comma = ctx.next_token(hole.span.start);
                ctx.report(Span::new(comma, comma + 1), "a hole in the array: write `undefined` when it is meant");
            }
        }
    },
    valid: &["a = [1, 2]", "a = [1, 2,]", "[, a] = b"],
    invalid: &["a = [, 1]", "a = [1,, 2]"],
    ..ESLINT
};

/// Methods of every object that has a prototype.
const OF_PROTOTYPE: [&str; 3] = ["hasOwnProperty", "isPrototypeOf", "propertyIsEnumerable"];

pub(super) const NO_PROTOTYPE_BUILTINS: JsRule = JsRule {
    code: "no-prototype-builtins",
    summary: "a method of `Object.prototype` called on an object that may not have it",
    on: &[AstType::CallExpression],
    run: |ctx, node| {
        let AstKind::CallExpression(call) = node.kind() else { return };
        let callee = match &call.callee {
            Expression::ChainExpression(chain) => chain.expression.member_expression(),
            other => other.as_member_expression(),
        };
        let Some(callee) = callee else { return };
        let Some((span, name)) = callee.static_property_info().filter(|(_, name)| OF_PROTOTYPE.contains(name)) else {
            return;
        };
        let mut found = ctx.at(span, format!("the object may hide `{name}` or have no prototype"));
        let is_plain = matches!(callee.object(), Expression::Identifier(_) | Expression::ThisExpression(_))
            && !matches!(ctx.parent_kind(node.id()), AstKind::ChainExpression(_));
        if let (true, Some(arguments)) = (is_plain, call.arguments_span()) {
            let object = ctx.source(callee.object().span());
            let rest = if call.arguments.is_empty() { "" } else { ", " };
            let text = format!("Object.prototype.{name}.call({object}{rest}{})", ctx.source(arguments));
            found = found.suggest("Call it through `Object.prototype`", replace(call.span, text));
        }
        ctx.add(found);
    },
    valid: &["Object.hasOwn(a, 'b')", "Object.prototype.hasOwnProperty.call(a, 'b')", "a.hasOwnProperty"],
    invalid: &["a.hasOwnProperty('b')", "a['isPrototypeOf'](b)", "a?.propertyIsEnumerable('b')"],
    ..ESLINT
};
