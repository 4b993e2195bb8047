//! Imports before and after, and what must hold for any.

use std::collections::BTreeSet;
use std::path::Path;

use oxc_ast::ast::Statement;
use syntax::{Document, Language, apply_edits};

use super::organize_imports;
use crate::diagnostics::javascript::source::with_semantic;

fn document(name: &str, text: &str) -> Document {
    Document::new(text, Language::from_path(Path::new(name)).expect("a known ending"), 1)
}

fn organized(name: &str, text: &str) -> String {
    apply_edits(text, &organize_imports(&document(name, text), Some(Path::new(name))))
}

/// What is imported and used: module, imported name and local name.
fn used_imports(name: &str, text: &str) -> BTreeSet<String> {
    let names = with_semantic(&document(name, text), Some(Path::new(name)), |semantic, _| {
        let imports = semantic.nodes().program().body.iter().filter_map(|statement| match statement {
            Statement::ImportDeclaration(it) => Some(it),
            _ => None,
        });
        let mut names = BTreeSet::new();
        for import in imports {
            for it in import.specifiers.iter().flatten() {
                let symbol = it.local().symbol_id.get().expect("bound");
                if !semantic.scoping().symbol_is_unused(symbol) {
                    names.insert(format!("{} {} {}", import.source.value, it.name(), it.local().name));
                }
            }
        }
        names
    });
    names.unwrap_or_else(|| panic!("{name} does not parse:\n{text}"))
}

fn check(name: &str, text: &str, expected: &str) {
    let once = organized(name, text);
    assert_eq!(once, expected, "{text}");
    assert_eq!(organized(name, &once), expected, "organized again");
    assert_eq!(used_imports(name, text), used_imports(name, &once), "{text}");
}

/// Checks a text in which nothing moves and nothing goes.
fn check_kept(name: &str, text: &str) {
    check(name, text, text);
}

#[test]
fn modules_are_sorted_packages_first() {
    check(
        "a.js",
        "import b from './b';\nimport c from '../c';\nimport a from 'a';\nf(a, b, c);\n",
        "import a from 'a';\nimport c from '../c';\nimport b from './b';\nf(a, b, c);\n",
    );
    check("a.js", "import B from 'B'\nimport a from 'a'\nf(a, B)\n", "import a from 'a'\nimport B from 'B'\nf(a, B)\n");
    check(
        "a.js",
        "import b from 'b';\r\nimport a from 'a';\r\nf(a, b);\r\n",
        "import a from 'a';\r\nimport b from 'b';\r\nf(a, b);\r\n",
    );
    check(
        "a.js",
        "  import b from 'b'\n  import a from 'a'\n  f(a, b)\n",
        "  import a from 'a'\n  import b from 'b'\n  f(a, b)\n",
    );
    // The end of the file without a line break.
    check(
        "a.ts",
        "import b from 'b';\nimport a = require('a');\nf(a, b)",
        "import b from 'b';\nimport a = require('a');\nf(a, b)",
    );
    check(
        "a.mjs",
        "import b from 'b';\nexport * from 'c';\nimport a from 'a';\nf(a, b)",
        "import b from 'b';\nexport * from 'c';\nimport a from 'a';\nf(a, b)",
    );
}

#[test]
fn what_runs_a_module_or_says_more_stays_and_nothing_moves_across() {
    check(
        "a.js",
        "import d from 'd';\nimport c from 'c';\nimport 'b';\nimport a from 'a';\n\nimport z from 'z';\nimport y from 'y';\nf(a, c, d, y, z);\n",
        "import c from 'c';\nimport d from 'd';\nimport 'b';\nimport a from 'a';\n\nimport y from 'y';\nimport z from 'z';\nf(a, c, d, y, z);\n",
    );
    for kept in [
        "import b from 'b';\nimport {} from 'c';\nimport a from 'a';\nf(a, b);\n",
        "import b from 'b';\nimport j from './j.json' with { type: 'json' };\nimport a from 'a';\nf(a, b, j);\n",
        "import b from 'b';\n/* eslint-disable import/first */\nimport a from 'a';\nf(a, b);\n",
        "import c from 'c';\n// #region second\nimport b from 'b';\n// #endregion\nimport a from 'a';\nf(a, b, c);\n",
        "import b from 'b'; import a from 'a';\nf(a, b);\n",
        "import b from 'b'; f();\nimport a from 'a'; /* one\ntwo */\nf(a, b);\n",
    ] {
        check_kept("a.mjs", kept);
    }
}

#[test]
fn names_are_sorted_and_imports_of_one_module_become_one() {
    check(
        "a.js",
        "import { c, b as d, A } from 'x';\nf(A, c, d);\n",
        "import { A, b as d, c } from 'x';\nf(A, c, d);\n",
    );
    check(
        "a.js",
        "import {b, default as c, 'x y' as a} from 'x';\nf(a, b, c);\n",
        "import {b, default as c, 'x y' as a} from 'x';\nf(a, b, c);\n",
    );
    check(
        "a.js",
        "import { b } from 'x';\nimport a, { c } from 'x';\nf(a, b, c);\n",
        "import a, { b, c } from 'x';\nf(a, b, c);\n",
    );
    check(
        "a.js",
        "import {\n  b,\n  a,\n} from 'x';\nimport { c } from 'x';\nf(a, b, c);\n",
        "import {\n  a,\n  b,\n  c,\n} from 'x';\nf(a, b, c);\n",
    );
    // A module's namespace and its names stay two imports, and so do its types.
    check(
        "a.ts",
        "import type { T } from 'x';\nimport * as x from 'x';\nimport { b } from 'x';\nimport type D from 'x';\nlet c: T | D = f(x, b);\n",
        "import type { T } from 'x';\nimport * as x from 'x';\nimport { b } from 'x';\nimport type D from 'x';\nlet c: T | D = f(x, b);\n",
    );
    check(
        "a.ts",
        "import type { T } from 'x';\nimport type { S } from 'x';\nlet c: T | S;\n",
        "import type { S, T } from 'x';\nlet c: T | S;\n",
    );
}

#[test]
fn unused_names_are_left_out_where_nothing_is_lost() {
    check("a.js", "import { a, b } from 'x';\nf(b);\n", "import { b } from 'x';\nf(b);\n");
    check("a.js", "import a, { b } from 'x';\nf(b);\n", "import { b } from 'x';\nf(b);\n");
    check("a.js", "import a, * as b from 'x';\nf(a);\n", "import a from 'x';\nf(a);\n");
    check("a.js", "import fs from 'node:fs';\nimport { join } from 'path/posix';\n\nf();\n", "f();\n");
    check("a.js", "import { a } from 'x';\nimport b from 'x';\nf(b);\n", "import b from 'x';\nf(b);\n");
    check(
        "a.ts",
        "import { a } from 'x';\nimport { type B, c } from 'y';\nlet d: B = c;\n",
        "import { type B, c } from 'y';\nlet d: B = c;\n",
    );
    check("a.ts", "import a from 'x';\n\nimport b from 'y';\n\nf(b);\n", "import b from 'y';\n\nf(b);\n");
    check("a.ts", "f();\n\n// about a\nimport { a } from 'x';\n\ng();\n", "f();\n\ng();\n");
}

#[test]
fn what_may_be_used_stays() {
    // What the module does when it runs would be lost.
    check_kept("a.js", "import { a } from './x';\nf();\n");
    // The file would be a script, and its names everybody's.
    check_kept("a.ts", "import { a } from './x';\nconst b = 1;\n");
    check("a.ts", "import { a } from './x';\nexport const b = 1;\n", "export const b = 1;\n");
    check_kept("a.ts", "import { a } from './x';\ndeclare module './x' {\n  interface A {}\n}\nexport {};\n");
    check_kept("a.d.ts", "import { a } from './x';\nexport {};\n");
    check_kept("a.jsx", "import React from 'react';\nexport default <a />;\n");
    check_kept("a.jsx", "/** @jsx dom */\nimport { dom } from 'node:dom';\nexport default <a />;\n");
    check_kept("a.js", "import { Stats } from 'fs';\n/** @param {Stats} a */\nexport function f(a) {}\n");
    check_kept("a.js", "import { a } from 'fs';\nexport default eval(b);\n");
    check_kept("a.ts", "import { C } from 'c';\n@Component\nexport class A { constructor(private c: C) {} }\n");
    check_kept("a.ts", "import { a } from 'a';\nimport type { B } from 'b';\nexport { a };\nexport type { B };\n");
    check_kept("a.ts", "import * as a from 'a';\nimport b = a.b;\nexport default typeof b;\n");
}

#[test]
fn comments_move_along_and_nothing_is_touched_around_them() {
    check(
        "a.js",
        "// The file.\nimport b from 'b'; // two\n// about a\n/* more */\nimport a from 'a';\nf(a, b);\n",
        "// The file.\n// about a\n/* more */\nimport a from 'a';\nimport b from 'b'; // two\nf(a, b);\n",
    );
    check(
        "a.ts",
        "#!/usr/bin/env node\n// The file.\n// @ts-ignore\nimport b from 'b';\nimport a from 'a';\nf(a, b);\n",
        "#!/usr/bin/env node\n// The file.\nimport a from 'a';\n// @ts-ignore\nimport b from 'b';\nf(a, b);\n",
    );
    check(
        "a.js",
        "'use client';\n// about b\nimport b from 'b';\nimport a from 'a';\nf(a, b);\n",
        "'use client';\nimport a from 'a';\n// about b\nimport b from 'b';\nf(a, b);\n",
    );
    check(
        "a.js",
        "import c from 'c';\n\n// about b\nimport b from 'b';\nimport a from 'a';\nf(a, b, c);\n",
        "import c from 'c';\n\nimport a from 'a';\n// about b\nimport b from 'b';\nf(a, b, c);\n",
    );
    check_kept("a.js", "import { b /* two */, a } from 'x';\nf(a, b);\n");
    check_kept("a.js", "import { a } from 'x';\n// why\nimport { b } from 'x';\nf(a, b);\n");
}

#[test]
fn broken_text_stays() {
    check_broken("import b from 'b';\nimport a from 'a';\nf(a, b;\n");
    check_broken("import a from 'b';\nimport a from 'a';\n");
}

fn check_broken(text: &str) {
    assert_eq!(organized("a.js", text), text);
}
