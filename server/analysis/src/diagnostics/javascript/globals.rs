//! Names that a program finds without declaring them: the language's, and those of the places where programs run.
//!
//! The tables are data, written by `tests/reference/js_globals.mjs`. Nothing says where a file will run, so without
//! configuration a name that any place knows is known; frameworks of tests are known in their files alone. Where a
//! project's ESLint settings tell the environments, their names are known and no others.

use std::collections::HashMap;
use std::path::Path;
use std::sync::LazyLock;

use crate::lint_settings::{Access, Environment};

/// Where a name is known.
const LANGUAGE: u8 = 1;
const BROWSER: u8 = 2;
const WORKER: u8 = 4;
const NODE: u8 = 8;

static TABLE: LazyLock<HashMap<&'static str, u8>> = LazyLock::new(|| {
    let mut table = HashMap::new();
    for (place, names) in [
        (WORKER, include_str!("globals/worker.txt")),
        (BROWSER, include_str!("globals/browser.txt")),
        (NODE, include_str!("globals/node.txt")),
        (LANGUAGE, include_str!("globals/builtin.txt")),
    ] {
        for name in names.split_whitespace() {
            *table.entry(name).or_default() |= place;
        }
    }
    table
});

/// Names of the language that it has not always had, by the year of its standard.
const SINCE: [(u16, &[&str]); 6] = [
    (
        2015,
        &[
            "ArrayBuffer",
            "DataView",
            "Float32Array",
            "Float64Array",
            "Int16Array",
            "Int32Array",
            "Int8Array",
            "Intl",
            "Map",
            "Promise",
            "Proxy",
            "Reflect",
            "Set",
            "Symbol",
            "Uint16Array",
            "Uint32Array",
            "Uint8Array",
            "Uint8ClampedArray",
            "WeakMap",
            "WeakSet",
        ],
    ),
    (2017, &["Atomics", "SharedArrayBuffer"]),
    (2020, &["BigInt", "BigInt64Array", "BigUint64Array", "globalThis"]),
    (2021, &["AggregateError", "FinalizationRegistry", "WeakRef"]),
    (2025, &["Float16Array", "Iterator"]),
    (2026, &["AsyncDisposableStack", "DisposableStack", "SuppressedError", "Temporal"]),
];

/// Names that CommonJS gives every module.
const COMMON_JS: [&str; 4] = ["require", "exports", "module", "global"];

/// What frameworks of tests define: jest, mocha, jasmine, vitest, QUnit.
const TESTS: &[&str] = &[
    "after",
    "afterAll",
    "afterEach",
    "assert",
    "before",
    "beforeAll",
    "beforeEach",
    "bench",
    "chai",
    "context",
    "cy",
    "Cypress",
    "describe",
    "expect",
    "expectTypeOf",
    "fail",
    "fdescribe",
    "fit",
    "it",
    "jasmine",
    "jest",
    "mocha",
    "pending",
    "QUnit",
    "run",
    "setup",
    "sinon",
    "specify",
    "spyOn",
    "suite",
    "suiteSetup",
    "suiteTeardown",
    "teardown",
    "test",
    "vi",
    "vitest",
    "xcontext",
    "xdescribe",
    "xit",
    "xspecify",
    "xtest",
];

/// What libraries that are loaded by a tag of their own define. ESLint knows these as environments.
const LIBRARIES: &[&str] = &["$", "jQuery", "define", "requirejs", "angular", "browser", "GM_addStyle", "unsafeWindow"];

/// Members of the global object that it has from `Object.prototype`.
const INHERITED: &[&str] = &[
    "constructor",
    "hasOwnProperty",
    "isPrototypeOf",
    "propertyIsEnumerable",
    "toLocaleString",
    "toString",
    "valueOf",
];

fn is_in(name: &str, places: u8) -> bool {
    TABLE.get(name).is_some_and(|known| known & places == places)
}

/// True for a name of the language itself.
pub(super) fn is_builtin(name: &str) -> bool {
    is_in(name, LANGUAGE)
}

/// What may be done with a name where nothing says where the program runs; `None` for one that no place knows.
pub(super) fn usual_access(name: &str, path: Option<&Path>, is_common_js: bool) -> Option<Access> {
    if is_builtin(name) || (is_common_js && matches!(name, "require" | "module")) {
        return Some(Access::Read);
    }
    let is_known = TABLE.contains_key(name)
        || INHERITED.contains(&name)
        || LIBRARIES.contains(&name)
        || (TESTS.contains(&name) && is_test(path));
    // Another place may not know it.
    is_known.then_some(Access::Write)
}

/// What may be done with a name in these environments; `None` for one that none of them has.
pub(super) fn access(
    name: &str,
    mut environments: impl Iterator<Item = Environment>,
    is_common_js: bool,
) -> Option<Access> {
    let of_language = |year: u16| {
        let since = SINCE.iter().find(|(_, names)| names.contains(&name)).map_or(0, |(since, _)| *since);
        is_in(name, LANGUAGE) && since <= year
    };
    let is_known = is_common_js && COMMON_JS.contains(&name)
        || of_language(0)
        || INHERITED.contains(&name)
        || environments.any(|environment| match environment {
            Environment::Language(year) => of_language(year),
            Environment::Browser => is_in(name, BROWSER),
            Environment::Worker => is_in(name, WORKER),
            Environment::Node => is_in(name, NODE),
            Environment::BrowserAndNode => is_in(name, BROWSER | NODE),
            Environment::CommonJs => COMMON_JS.contains(&name),
            Environment::Amd => matches!(name, "define" | "require"),
            Environment::JQuery => matches!(name, "$" | "jQuery"),
            Environment::Tests => TESTS.contains(&name),
            Environment::Other => true,
        });
    // Handlers of a page and what it exports are there to be set.
    let is_set = matches!(name, "exports" | "location") || (name.starts_with("on") && is_in(name, BROWSER));
    is_known.then_some(if is_set { Access::Write } else { Access::Read })
}

/// Every name that could have been meant.
pub(super) fn all() -> impl Iterator<Item = &'static str> {
    TABLE.iter().filter(|(_, places)| **places & (LANGUAGE | NODE) != 0).map(|(name, _)| *name)
}

/// True for a file of tests, by its name or its folder.
fn is_test(path: Option<&Path>) -> bool {
    let Some(path) = path else { return false };
    let name = path.file_name().and_then(|it| it.to_str()).unwrap_or_default();
    let stem = name.split('.').next().unwrap_or_default();
    name.contains(".test.")
        || name.contains(".spec.")
        || name.contains("_test.")
        || name.contains("-test.")
        || name.contains(".cy.")
        || stem == "test"
        || path.parent().into_iter().flat_map(|folder| folder.iter()).any(|folder| {
            matches!(folder.to_str(), Some("test" | "tests" | "__tests__" | "spec" | "specs" | "cypress" | "e2e"))
        })
}
