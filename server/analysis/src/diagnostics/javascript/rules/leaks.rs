//! Code that lets others in: programs made of strings, markup made of values, keys in the source, checks turned off.
//!
//! Only what is certain is reported: a constant is no danger, and a value that may be harmless is left alone where most
//! of them are. Rules that ESLint has keep its names; the others begin with `security-`.

use oxc_ast::{AstKind, AstType, ast::*};
use oxc_semantic::AstNode;
use oxc_span::{GetSpan, Span};

use super::{ESLINT, JsRule};
use crate::diagnostics::javascript::{
    context::{Ctx, Finding, replace},
    places::{global_name, member},
};

/// What the rules of our own have in common.
const OURS: JsRule = JsRule { is_eslint: false, is_recommended: false, ..ESLINT };

pub(super) const NO_EVAL: JsRule = JsRule {
    code: "no-eval",
    is_recommended: false,
    summary: "`eval`, which runs any text as code",
    on: &[AstType::CallExpression],
    run: |ctx, node| {
        let AstKind::CallExpression(call) = node.kind() else { return };
        if is_global_function(ctx, &call.callee, "eval") {
            ctx.report(call.callee.span(), "`eval` runs whatever the text says, with everything that this code may do");
        }
    },
    valid: &["a.eval('b')", "function f(eval) { eval('b') }", "JSON.parse(a)"],
    invalid: &["eval('a')", "window.eval(a)", "globalThis.eval(a)"],
    ..ESLINT
};

pub(super) const NO_IMPLIED_EVAL: JsRule = JsRule {
    code: "no-implied-eval",
    is_recommended: false,
    summary: "a timer that is given text to run as code",
    on: &[AstType::CallExpression],
    run: |ctx, node| {
        let AstKind::CallExpression(call) = node.kind() else { return };
        let timers = ["setTimeout", "setInterval", "execScript"];
        let is_timer = timers.iter().any(|timer| is_global_function(ctx, &call.callee, timer));
        if let (true, Some(first)) = (is_timer, call.arguments.first().and_then(Argument::as_expression))
            && is_text(first)
        {
            ctx.report(first.span(), "a timer runs text like `eval` does: give it a function");
        }
    },
    valid: &["setTimeout(() => f(), 1)", "setTimeout(f, 1)", "a.setTimeout('b')"],
    invalid: &["setTimeout('f()', 1)", "window.setInterval(`f(${a})`, 1)", "setTimeout('f(' + a + ')')"],
    ..ESLINT
};

pub(super) const NO_NEW_FUNC: JsRule = JsRule {
    code: "no-new-func",
    is_recommended: false,
    summary: "`Function(…)`, which runs any text as code",
    on: &[AstType::CallExpression, AstType::NewExpression],
    run: |ctx, node| {
        let (callee, span) = match node.kind() {
            AstKind::CallExpression(it) => (&it.callee, it.span),
            AstKind::NewExpression(it) => (&it.callee, it.span),
            _ => return,
        };
        if matches!(callee, Expression::Identifier(name) if name.name == "Function" && ctx.is_global(name)) {
            ctx.report(span, "a function made of text is `eval` by another name");
        }
    },
    valid: &["a instanceof Function", "class Function {} new Function()"],
    invalid: &["new Function('a', 'return a')", "Function('return this')()"],
    ..ESLINT
};

pub(super) const NO_SCRIPT_URL: JsRule = JsRule {
    code: "no-script-url",
    is_recommended: false,
    summary: "an address that is code (`javascript:…`)",
    on: &[AstType::StringLiteral, AstType::TemplateLiteral],
    run: |ctx, node| {
        let text = match node.kind() {
            AstKind::StringLiteral(it) => it.value.as_str(),
            AstKind::TemplateLiteral(it) => match it.single_quasi() {
                Some(text) if !matches!(ctx.parent_kind(node.id()), AstKind::TaggedTemplateExpression(_)) => {
                    text.as_str()
                }
                _ => return,
            },
            _ => return,
        };
        // The bare word is how code that guards against such addresses compares.
        if text.len() > 11 && text.as_bytes()[..11].eq_ignore_ascii_case(b"javascript:") {
            ctx.report(node.kind().span(), "an address that is code is `eval` by another name");
        }
    },
    valid: &["a = 'https://b'", "a.startsWith('javascript:')"],
    invalid: &["a.href = 'javascript:void(0)'"],
    ..ESLINT
};

pub(super) const UNSAFE_MARKUP: JsRule = JsRule {
    code: "security-unsafe-markup",
    summary: "markup put together from values, which may bring scripts",
    on: &[AstType::AssignmentExpression, AstType::CallExpression],
    run: |ctx, node| {
        let (name, value) = match node.kind() {
            AstKind::AssignmentExpression(it) => {
                let Some(name) = it.left.as_member_expression().and_then(MemberExpression::static_property_name) else {
                    return;
                };
                (name, Some(&it.right))
            }
            AstKind::CallExpression(it) => {
                let Some(callee) = member(&it.callee) else { return };
                let Some(name) = callee.static_property_name() else { return };
                let is_document = matches!(callee.object(), Expression::Identifier(name) if name.name == "document" && ctx.is_global(name));
                match name {
                    "write" | "writeln" if is_document => {
                        (name, it.arguments.first().and_then(Argument::as_expression))
                    }
                    "insertAdjacentHTML" => (name, it.arguments.get(1).and_then(Argument::as_expression)),
                    _ => return,
                }
            }
            _ => return,
        };
        if !matches!(name, "innerHTML" | "outerHTML" | "write" | "writeln" | "insertAdjacentHTML") {
            return;
        }
        if let Some(value) = value.filter(|value| is_mixed_text(value)) {
            ctx.report(
                value.span(),
                format!("`{name}` runs scripts that a value brings: set text, or clean the markup first"),
            );
        }
    },
    valid: &["a.innerHTML = '<b>c</b>'", "a.innerHTML = ''", "a.textContent = '<b>' + c", "a.innerHTML = clean(b)"],
    invalid: &[
        "a.innerHTML = '<b>' + c + '</b>'",
        "document.write(`<p>${a}</p>`)",
        "a.insertAdjacentHTML('beforeend', `<i>${b}`)",
    ],
    ..OURS
};

pub(super) const SHELL_COMMAND: JsRule = JsRule {
    code: "security-shell-command",
    summary: "a shell command put together from values",
    on: &[AstType::CallExpression],
    run: |ctx, node| {
        let AstKind::CallExpression(call) = node.kind() else { return };
        let Some(first) = call.arguments.first().and_then(Argument::as_expression).filter(|first| is_mixed_text(first))
        else {
            return;
        };
        if is_child_process(ctx, &call.callee) {
            ctx.report(
                first.span(),
                "a value in a shell command can bring commands of its own: use `execFile` with a list of arguments",
            );
        }
    },
    valid: &[
        "const { exec } = require('child_process'); exec('ls')",
        "const { execFile } = require('child_process'); execFile('ls', [a])",
        "/a/.exec('b' + c)",
    ],
    invalid: &[
        "const { exec } = require('child_process'); exec('ls ' + a)",
        "import { execSync } from 'node:child_process'; execSync(`ls ${a}`)",
        "const cp = require('child_process'); cp.exec('ls ' + a)",
    ],
    ..OURS
};

pub(super) const HARDCODED_CREDENTIAL: JsRule = JsRule {
    code: "security-hardcoded-credential",
    summary: "a key or password in the source",
    on: &[AstType::StringLiteral],
    run: |ctx, node| {
        let AstKind::StringLiteral(text) = node.kind() else { return };
        let value = text.value.as_str();
        let name = match ctx.parent_kind(node.id()) {
            AstKind::VariableDeclarator(it) => it.id.get_binding_identifier().map(|it| it.name.as_str()),
            AstKind::ObjectProperty(it) if it.value.span() == text.span => match &it.key {
                PropertyKey::StaticIdentifier(name) => Some(name.name.as_str()),
                _ => None,
            },
            AstKind::AssignmentExpression(it) => match it.left.as_member_expression() {
                Some(member) => member.static_property_name(),
                None => it.left.get_identifier_name(),
            },
            _ => None,
        };
        if is_issued_key(value) || (name.is_some_and(names_a_secret) && looks_random(value)) {
            ctx.report(
                text.span,
                "a secret in the source is known to everybody who reads it: take it from the environment",
            );
        }
    },
    valid: &["password = ''", "password = 'password'", "passwordField = 'new-password'", "token = process.env.TOKEN"],
    invalid: &[
        "const apiKey = '9f8a7c6b5d4e3f2a1b0c'",
        "a = { password: 'hU7!kd9#Qz2w' }",
        "a = 'AKIAIOSFODNN7EXAMPLF'",
    ],
    ..OURS
};

pub(super) const DISABLED_TLS_CHECK: JsRule = JsRule {
    code: "security-disabled-tls-check",
    summary: "a connection that accepts any certificate",
    on: &[AstType::ObjectProperty, AstType::AssignmentExpression],
    run: |ctx, node| {
        let (name, value, span) = match node.kind() {
            AstKind::ObjectProperty(it) => (it.key.static_name().map(|name| name.to_string()), &it.value, it.span),
            AstKind::AssignmentExpression(it) => {
                let name = it.left.as_member_expression().and_then(MemberExpression::static_property_name);
                (name.map(str::to_owned), &it.right, it.span)
            }
            _ => return,
        };
        let is_off = match (name.as_deref(), value) {
            (Some("rejectUnauthorized" | "strictSSL"), Expression::BooleanLiteral(it)) => !it.value,
            (Some("NODE_TLS_REJECT_UNAUTHORIZED"), Expression::StringLiteral(it)) => it.value == "0",
            (Some("NODE_TLS_REJECT_UNAUTHORIZED"), Expression::NumericLiteral(it)) => it.value == 0.0,
            _ => false,
        };
        if is_off {
            ctx.report(span, "without the check of certificates anybody on the way can read and change the connection");
        }
    },
    valid: &["a = { rejectUnauthorized: true }", "a = { rejectUnauthorized: b }"],
    invalid: &["a = { rejectUnauthorized: false }", "process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0'"],
    ..OURS
};

pub(super) const INSECURE_RANDOM: JsRule = JsRule {
    code: "security-insecure-random",
    summary: "a secret made by `Math.random`, which can be guessed",
    on: &[AstType::CallExpression],
    run: |ctx, node| {
        let AstKind::CallExpression(call) = node.kind() else { return };
        let is_random = member(&call.callee).is_some_and(|callee| {
            callee.static_property_name() == Some("random")
                && matches!(callee.object(), Expression::Identifier(name) if name.name == "Math" && ctx.is_global(name))
        });
        if !is_random {
            return;
        }
        let name =
            ctx.nodes().ancestor_kinds(node.id()).take_while(|kind| !kind.is_function_like()).find_map(
                |kind| match kind {
                    AstKind::VariableDeclarator(it) => it.id.get_binding_identifier().map(|it| it.name.as_str()),
                    AstKind::AssignmentExpression(it) => it.left.get_identifier_name(),
                    _ => None,
                },
            );
        if name.is_some_and(names_a_secret) {
            ctx.report(call.span, "`Math.random` can be guessed: use `crypto.randomUUID` or `crypto.getRandomValues`");
        }
    },
    valid: &["const x = Math.random()", "const token = next()"],
    invalid: &["const token = Math.random().toString(36)", "let resetPassword = 'a' + Math.random()"],
    ..OURS
};

pub(super) const TARGET_BLANK: JsRule = JsRule {
    code: "security-target-blank",
    summary: "a link in a new window that can steer this one",
    on: &[AstType::JSXOpeningElement],
    run: |ctx, node| {
        let AstKind::JSXOpeningElement(element) = node.kind() else { return };
        if !matches!(&element.name, JSXElementName::Identifier(name) if name.name == "a") {
            return;
        }
        let text = |wanted: &str| {
            element.attributes.iter().find_map(|attribute| match attribute {
                JSXAttributeItem::Attribute(it) => match (&it.name, &it.value) {
                    (JSXAttributeName::Identifier(name), Some(JSXAttributeValue::StringLiteral(value)))
                        if name.name == wanted =>
                    {
                        Some(value.value.as_str())
                    }
                    _ => None,
                },
                JSXAttributeItem::SpreadAttribute(_) => None,
            })
        };
        let has_rel = element.attributes.iter().any(|attribute| match attribute {
            JSXAttributeItem::Attribute(it) => {
                matches!(&it.name, JSXAttributeName::Identifier(name) if name.name == "rel")
                    && !text("rel").is_some_and(|rel| !rel.contains("noopener") && !rel.contains("noreferrer"))
            }
            JSXAttributeItem::SpreadAttribute(_) => true,
        });
        let leaves = text("href").is_some_and(|href| href.starts_with("http") || href.starts_with("//"));
        if text("target") == Some("_blank") && leaves && !has_rel {
            let mut found = ctx
                .at(element.span, "the page that opens can steer this one in older browsers: add `rel=\"noopener\"`");
            if text("rel").is_none() {
                let place = Span::empty(element.name.span().end);
                found = found.safe_fix("Add `rel=\"noopener\"`", replace(place, " rel=\"noopener\""));
            }
            ctx.add(found);
        }
    },
    valid: &[
        "<a target=\"_blank\" rel=\"noopener\" href=\"https://b\">c</a>",
        "<a target=\"_blank\" href=\"/b\">c</a>",
    ],
    invalid: &["<a target=\"_blank\" href=\"https://b\">c</a>"],
    ..OURS
};

/// True for the global function `name`, also through `window` and the like.
fn is_global_function<'a>(ctx: &Ctx<'a>, callee: &Expression<'a>, name: &str) -> bool {
    global_name(ctx, callee) == Some(name)
        || member(callee).is_some_and(|callee| {
            callee.static_property_name() == Some(name)
                && matches!(callee.object(), Expression::Identifier(object)
                    if matches!(object.name.as_str(), "window" | "global" | "self") && ctx.is_global(object))
        })
}

/// True for text: a string, a template, or a sum with one of them in it.
fn is_text(node: &Expression<'_>) -> bool {
    match node {
        Expression::StringLiteral(_) | Expression::TemplateLiteral(_) => true,
        Expression::BinaryExpression(it) if it.operator.as_str() == "+" => is_text(&it.left) || is_text(&it.right),
        _ => false,
    }
}

/// True for text with a value in it.
fn is_mixed_text(node: &Expression<'_>) -> bool {
    match node {
        Expression::TemplateLiteral(it) => !it.expressions.is_empty(),
        Expression::BinaryExpression(it) => {
            is_text(node) && !(is_constant_text(&it.left) && is_constant_text(&it.right))
        }
        _ => false,
    }
}

/// True for text that is the same each time.
fn is_constant_text(node: &Expression<'_>) -> bool {
    match node {
        Expression::StringLiteral(_) | Expression::NumericLiteral(_) => true,
        Expression::TemplateLiteral(it) => it.expressions.is_empty(),
        Expression::BinaryExpression(it) => is_constant_text(&it.left) && is_constant_text(&it.right),
        _ => false,
    }
}

/// True for `exec` and `execSync` of node's module, by any name.
fn is_child_process<'a>(ctx: &Ctx<'a>, callee: &Expression<'a>) -> bool {
    let (name, property) = match callee {
        Expression::Identifier(name) => (name, None),
        _ => {
            let Some(member) = callee.as_member_expression() else { return false };
            let Expression::Identifier(object) = member.object() else { return false };
            (object, member.static_property_name())
        }
    };
    let Some(symbol) = name.reference_id.get().and_then(|id| ctx.scoping().get_reference(id).symbol_id()) else {
        return false;
    };
    let is_shell = |name: &str| matches!(name, "exec" | "execSync");
    let is_module = |name: &str| matches!(name, "child_process" | "node:child_process");
    let declaration = ctx.nodes().get_node(ctx.scoping().symbol_declaration(symbol));
    let (imported, module) = match declaration.kind() {
        AstKind::ImportSpecifier(it) => (Some(it.imported.name().to_string()), import_of(ctx, declaration)),
        AstKind::ImportDefaultSpecifier(_) | AstKind::ImportNamespaceSpecifier(_) => {
            (None, import_of(ctx, declaration))
        }
        AstKind::VariableDeclarator(it) => {
            let module = match &it.init {
                Some(Expression::CallExpression(call)) => call.common_js_require().map(|it| it.value.as_str()),
                _ => None,
            };
            let imported = match &it.id {
                BindingPattern::ObjectPattern(pattern) => pattern.properties.iter().find_map(|property| {
                    let own = property.value.get_binding_identifier()?;
                    (own.symbol_id.get() == Some(symbol))
                        .then(|| property.key.static_name().map(|name| name.to_string()))?
                }),
                _ => None,
            };
            (imported, module)
        }
        _ => return false,
    };
    module.is_some_and(is_module)
        && match (imported, property) {
            (Some(imported), None) => is_shell(&imported),
            (None, Some(property)) => is_shell(property),
            _ => false,
        }
}

/// The module that an import's name comes from.
fn import_of<'a>(ctx: &Ctx<'a>, specifier: &AstNode<'a>) -> Option<&'a str> {
    match ctx.parent_kind(specifier.id()) {
        AstKind::ImportDeclaration(it) => Some(it.source.value.as_str()),
        _ => None,
    }
}

/// True for names of what only few may know.
fn names_a_secret(name: &str) -> bool {
    let lower: String = name.chars().filter(|sign| *sign != '_').collect::<String>().to_ascii_lowercase();
    ["password", "passwd", "secret", "apikey", "accesskey", "authtoken", "accesstoken", "privatekey", "token"]
        .iter()
        .any(|ending| lower.ends_with(ending))
}

/// True for text that nobody writes as an example or a name: letters and digits or signs mixed, and long enough.
fn looks_random(value: &str) -> bool {
    let count = |wanted: fn(char) -> bool| value.chars().filter(|sign| wanted(*sign)).count();
    let digits = count(|sign| sign.is_ascii_digit());
    let letters = count(|sign| sign.is_ascii_alphabetic());
    let words = ["example", "test", "dummy", "changeme", "xxx", "your", "placeholder", "${", "{{", "<"];
    let lower = value.to_ascii_lowercase();
    value.len() >= 10
        && value.is_ascii()
        && !value.contains([' ', '/'])
        && digits >= 2
        && letters >= 4
        && !words.iter().any(|word| lower.contains(word))
}

/// True for keys whose issuers give them a shape of their own.
fn is_issued_key(value: &str) -> bool {
    let rest_is = |prefix: &str, length: usize, wanted: fn(char) -> bool| {
        value.strip_prefix(prefix).is_some_and(|rest| rest.len() >= length && rest.chars().all(wanted))
    };
    rest_is("AKIA", 16, |sign| sign.is_ascii_uppercase() || sign.is_ascii_digit()) && value.len() == 20
        || rest_is("ghp_", 36, |sign| sign.is_ascii_alphanumeric())
        || rest_is("xoxb-", 20, |sign| sign.is_ascii_alphanumeric() || sign == '-')
        || rest_is("sk_live_", 20, |sign| sign.is_ascii_alphanumeric())
        || value.starts_with("-----BEGIN RSA PRIVATE KEY-----")
        || value.starts_with("-----BEGIN PRIVATE KEY-----")
}
