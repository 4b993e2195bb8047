//! What settings files of ESLint's say about files of code.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use syntax::{Document, Language};

use super::EslintConfig;
use crate::lint_settings::{JavaScriptSettings, LintSettings};
use crate::{Severity, diagnostics};

fn config(path: &str, text: &str) -> EslintConfig {
    EslintConfig::parse(Path::new(path), text).expect("valid settings").expect("settings")
}

/// The findings in a file of a project with these settings, the outermost first: `code` for an error, `(code)` for less.
fn found(configs: &[EslintConfig], path: &str, text: &str) -> Vec<String> {
    let javascript = JavaScriptSettings::default().in_project(Arc::from(configs));
    let settings = LintSettings { javascript, ..LintSettings::default() };
    let path = Path::new(path);
    let document = Document::new(text, Language::from_path(path).expect("a known ending"), 1);
    let found = diagnostics(&document, Some(path), &settings).into_iter();
    found.map(|it| if it.severity == Severity::Error { it.code.to_owned() } else { format!("({})", it.code) }).collect()
}

/// Checks one settings file that lies in `/p`.
fn check(settings: &str, name: &str, text: &str, expected: &[&str]) {
    let configs = [config("/p/.eslintrc.json", settings)];
    assert_eq!(found(&configs, &format!("/p/{name}"), text), expected, "{settings} {text}");
}

#[test]
fn the_project_says_which_rules_run_and_how_bad_their_findings_are() {
    let text = "debugger; eval(a); if (b) {}";
    let globals = r#""globals": { "a": true, "b": "readonly" }"#;
    check(&format!("{{ {globals} }}"), "a.js", text, &["(no-eval)"]);
    check(
        &format!(r#"{{ "extends": "eslint:recommended", {globals} }}"#),
        "a.js",
        text,
        &["no-debugger", "(no-eval)", "no-empty"],
    );
    check(
        &format!(r#"{{ "extends": ["eslint:recommended"], "rules": {{ "no-empty": 1, "no-eval": [0] }}, {globals} }}"#),
        "a.js",
        text,
        &["no-debugger", "(no-empty)"],
    );
    // Nobody knows what a package says.
    check(
        &format!(r#"{{ "extends": "airbnb", {globals} }}"#),
        "a.js",
        text,
        &["(no-debugger)", "(no-eval)", "(no-empty)"],
    );
    check(r#"{ "rules": { "no-undef": "warn" } }"#, "a.js", "a", &["(no-undef)"]);
    check(
        r#"{ "extends": "prettier", "rules": { "no-undef": "error" } }"#,
        "a.js",
        "a; if (b) {}",
        &["no-undef", "no-undef"],
    );
}

#[test]
fn comments_and_options_count() {
    for (settings, text, expected) in [
        (r#"["error", { "allowEmptyCatch": true }]"#, "try { f() } catch (e) {}", &[][..]),
        (r#""error""#, "try { f() } catch (e) {}", &["no-empty"]),
        (
            r#""off""#,
            "/* eslint no-empty: [1, { allowEmptyCatch: true }] */ try { f() } catch (e) {} if (f) {}",
            &["(no-empty)"],
        ),
        (r#""off""#, "/* eslint no-empty: \"error\", no-undef: off */ if (f) {}", &["no-empty"]),
    ] {
        check(&format!(r#"{{ "rules": {{ "no-empty": {settings} }} }}"#), "a.js", text, expected);
    }
    for (options, text, count) in [
        (r#"{ "argsIgnorePattern": "^_" }"#, "f(function (_a, b) {}, c => 1)", 2),
        (r#"{ "args": "none" }"#, "f(function (a) {})", 0),
        (r#"{ "args": "all" }"#, "f(function (a, b) { return b })", 1),
        (r#"{ "caughtErrors": "none" }"#, "try { f() } catch (e) { f() }", 0),
        (r#"{ "varsIgnorePattern": "^_" }"#, "let _a, b", 1),
        (r#"{ "ignoreRestSiblings": true }"#, "const { a, ...b } = c; f(b)", 0),
        (r#"{ "destructuredArrayIgnorePattern": "^_" }"#, "const [_a, b, { _c }] = d", 2),
        (r#"{ "varsIgnorePattern": "^_", "reportUsedIgnorePattern": true }"#, "let _a = 1; f(_a)", 1),
        (r#""local""#, "let a; f(() => { let b })", 1),
    ] {
        let settings = format!(r#"{{ "rules": {{ "no-unused-vars": [2, {options}] }} }}"#);
        check(&settings, "a.js", text, &vec!["no-unused-vars"; count]);
    }
}

#[test]
fn rules_of_typescript_are_ours_by_the_same_name() {
    let of = |plain: &str, typescript: &str| {
        format!(r#"{{ "rules": {{ "no-unused-vars": {plain}, "@typescript-eslint/no-unused-vars": {typescript} }} }}"#)
    };
    check(&of("0", r#"["warn", { "varsIgnorePattern": "^_" }]"#), "a.ts", "let _a; let b", &["(no-unused-vars)"]);
    check(&of("0", "0"), "a.ts", "let a", &[]);
    // What TypeScript's compiler finds runs there when it is asked for by name.
    check(r#"{ "extends": "eslint:recommended" }"#, "a.ts", "a", &[]);
    check(r#"{ "extends": "eslint:recommended", "rules": { "no-undef": 2 } }"#, "a.ts", "a", &["no-undef"]);
}

#[test]
fn environments_tell_which_names_there_are() {
    let of = |environments: &str| format!(r#"{{ "env": {environments}, "rules": {{ "no-undef": 2 }} }}"#);
    let text = "window; process; Promise; Object; describe; $";
    check(&of("{}"), "a.js", text, &["no-undef"]);
    check(&of(r#"{ "browser": true }"#), "a.js", text, &["no-undef"; 4]);
    check(&of(r#"{ "node": true, "es6": true, "jquery": true }"#), "a.js", text, &["no-undef"; 2]);
    check(
        &of(r#"{ "browser": true, "node": true, "es2021": true, "jest": true, "jquery": false }"#),
        "a.js",
        text,
        &["no-undef"],
    );
    check(&of(r#"{ "browser": true, "cypress/globals": true }"#), "a.js", text, &[]);
    check(
        r#"{ "globals": { "a": "readonly", "b": "writable", "Object": "off" }, "rules": { "no-undef": 2, "no-global-assign": 2 } }"#,
        "a.js",
        "a = 1; b = 1; Object",
        &["no-global-assign", "no-undef"],
    );
}

#[test]
fn some_files_have_settings_of_their_own() {
    let settings = r#"{
        "rules": { "no-debugger": "error" },
        "ignorePatterns": ["dist/", "!dist/kept.js"],
        "overrides": [
            { "files": ["*.test.js", "tests/**"], "excludedFiles": "tests/not/**", "rules": { "no-debugger": "off" } },
            { "files": "tests/warn.js", "rules": { "no-debugger": "warn" } }
        ]
    }"#;
    for (name, expected) in [
        ("a.js", &["no-debugger"][..]),
        ("deep/a.test.js", &[]),
        ("tests/a.js", &[]),
        ("tests/not/a.js", &["no-debugger"]),
        ("tests/warn.js", &["(no-debugger)"]),
        ("dist/a.js", &[]),
        ("dist/kept.js", &["no-debugger"]),
    ] {
        check(settings, name, "debugger", expected);
    }
}

#[test]
fn nearer_settings_are_stronger() {
    let outer = config(
        "/p/package.json",
        r#"{ "eslintConfig": { "rules": { "no-debugger": "error", "no-empty": "error" } } }"#,
    );
    let inner = config("/p/a/.eslintrc", "// ours\n{ \"rules\": { 'no-debugger': 1, }, }");
    assert_eq!(found(&[outer, inner], "/p/a/a.js", "debugger; if (a) {}"), ["(no-debugger)", "no-empty"]);
    let base = config("/p/base.json", r#"{ "rules": { "no-debugger": "error", "no-empty": "error" } }"#);
    let own = config("/p/.eslintrc.json", r#"{ "extends": "./base.json", "rules": { "no-empty": "off" } }"#);
    assert_eq!(own.extended_files(), [PathBuf::from("/p/base.json")]);
    let own = own.extended_by(Path::new("/p/base.json"), Some(&base));
    assert!(own.extended_files().is_empty());
    assert_eq!(found(&[own], "/p/a.js", "debugger; if (a) {}"), ["no-debugger"]);
}

#[test]
fn what_is_wrong_with_settings_is_said() {
    let error = |text: &str| EslintConfig::parse(Path::new("/p/.eslintrc.json"), text).err().map(|it| it.to_string());
    for (text, expected) in [
        ("{", "line 1: no JSON"),
        ("[]", "it is no object"),
        (r#"{ "rule": {} }"#, "`rule` is no setting of ESLint's"),
        (r#"{ "rules": [] }"#, "`rules` is to be an object"),
        (r#"{ "rules": { "no-undef": "eror" } }"#, "the rule `no-undef`: `eror` is no level"),
        (r#"{ "rules": { "no-undef": 3 } }"#, "the rule `no-undef`: this is no level"),
        (r#"{ "rules": { "no-undef": [] } }"#, "the rule `no-undef` has an empty list"),
        (
            r#"{ "rules": { "no-unused-vars": [2, { "argsIgnorePattern": "(" }] } }"#,
            "the rule `no-unused-vars`: `(` is no regular",
        ),
        (r#"{ "env": { "brwser": true } }"#, "`brwser` is no environment"),
        (r#"{ "globals": { "a": "read" } }"#, "`read` says nothing about a global name"),
        (r#"{ "extends": "eslint:all-of-it" }"#, "`eslint:all-of-it` is nothing to extend"),
        (r#"{ "overrides": [{ "rules": {} }] }"#, "`overrides`: entry 0 has no `files`"),
    ] {
        let said = error(text).unwrap_or_else(|| panic!("{text} is accepted"));
        assert!(said.starts_with(expected), "{text}: {said}");
    }
    assert!(EslintConfig::parse(Path::new("/p/package.json"), r#"{ "name": "p" }"#).expect("valid").is_none());
    let document = |text| Document::new(text, Language::from_name("jsonc").expect("in the registry"), 1);
    let text = "{\n  // ours\n  \"rules\": { \"no-undef\": \"eror\" }\n}\n";
    let told = diagnostics(&document(text), Some(Path::new("/p/.eslintrc.json")), &LintSettings::default());
    let [told] = &told[..] else { panic!("{told:?}") };
    assert_eq!((told.code, &text[told.range.start..told.range.end]), ("invalid-settings", "no-undef"));
}
