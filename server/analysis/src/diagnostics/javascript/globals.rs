//! Names that a program finds without declaring them: the language's, and those of the places where programs run.
//!
//! The tables are data, written by `tests/reference/js_globals.mjs`. Nothing says where a file will run, so without
//! configuration a name that any place knows is known; frameworks of tests are known in their files alone.

use std::collections::HashMap;
use std::path::Path;
use std::sync::LazyLock;

/// Where a name is known.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Language,
    Browser,
    Worker,
    Node,
}

static TABLE: LazyLock<HashMap<&'static str, Place>> = LazyLock::new(|| {
    let mut table = HashMap::new();
    for (place, names) in [
        (Place::Worker, include_str!("globals/worker.txt")),
        (Place::Browser, include_str!("globals/browser.txt")),
        (Place::Node, include_str!("globals/node.txt")),
        (Place::Language, include_str!("globals/builtin.txt")),
    ] {
        table.extend(names.split_whitespace().map(|name| (name, place)));
    }
    table
});

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

/// True for a name of the language itself.
pub(super) fn is_builtin(name: &str) -> bool {
    TABLE.get(name) == Some(&Place::Language)
}

/// True for a name that the language or some place where programs run defines.
pub(super) fn is_known(name: &str, path: Option<&Path>) -> bool {
    TABLE.contains_key(name)
        || INHERITED.contains(&name)
        || LIBRARIES.contains(&name)
        || (TESTS.contains(&name) && is_test(path))
}

/// Every name that could have been meant.
pub(super) fn all() -> impl Iterator<Item = &'static str> {
    TABLE.iter().filter(|(_, place)| matches!(place, Place::Language | Place::Node)).map(|(name, _)| *name)
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
