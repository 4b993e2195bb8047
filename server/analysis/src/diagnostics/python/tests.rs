//! What is found in Python, drawn under the source with its level, its fixes (`!` where unsafe) and its other places.

mod mutations;

use std::path::Path;

use expect_test::{Expect, expect};
use syntax::{Document, Language};

use crate::{Diagnostic, DiagnosticTag, LintSettings, Severity, diagnostics, diagnostics_without_tree, rule};

fn python(text: &str) -> Document {
    Document::new(text, Language::from_name("python").expect("in the registry"), 1)
}

fn found_in(text: &str, path: Option<&str>) -> Vec<Diagnostic> {
    diagnostics(&python(text), path.map(Path::new), &LintSettings::default())
}

fn picture(text: &str, path: Option<&str>) -> String {
    let mut labels = Vec::new();
    for diagnostic in found_in(text, path) {
        assert!(rule(diagnostic.code).is_some(), "{}", diagnostic.code);
        let level = match diagnostic.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Information => "information",
            Severity::Hint => "hint",
        };
        let mut label = format!("{level} {}: {}", diagnostic.code, diagnostic.message);
        for fix in &diagnostic.fixes {
            label.push_str(&format!(" [{}{}]", fix.title, if fix.safe { "" } else { "!" }));
        }
        if diagnostic.tags.contains(&DiagnosticTag::Unnecessary) {
            label.push_str(" (unnecessary)");
        }
        labels.push((diagnostic.range.into(), label));
        labels.extend(diagnostic.related.iter().map(|it| (it.range.into(), format!("({})", it.message))));
    }
    testkit::mark(text, &labels)
}

fn check(text: &str, expected: Expect) {
    expected.assert_eq(&picture(text, None));
}

#[test]
fn rules_of_pyflakes() {
    check(
        "import os\nimport sys\nimport sys\n\ndef f(a):\n    x = 1\n    return undefined_name + a\n\nprint(f'no holes', sys)\n",
        expect![[r#"
            import os
                   ^^ warning F401: `os` imported but unused [Remove unused import: `os`] (unnecessary)
            import sys
                   ^^^ (previous definition of `sys` here)
            import sys
                   ^^^ warning F811: Redefinition of unused `sys` from line 2 [Remove definition: `sys`] (unnecessary)

            def f(a):
                x = 1
                ^ warning F841: Local variable `x` is assigned to but never used [Remove assignment to unused variable `x`!] (unnecessary)
                return undefined_name + a
                       ^^^^^^^^^^^^^^ error F821: Undefined name `undefined_name`

            print(f'no holes', sys)
                  ^^^^^^^^^^^ warning F541: f-string without any placeholders [Remove extraneous `f` prefix]
        "#]],
    );
    check(
        "'%s %s' % (1,)\n'{} {1}'.format(1, 2)\nassert (x, 'message')\nx = 1\n",
        expect![[r#"
        '%s %s' % (1,)
        ^^^^^^^^^^^^^^ error F507: `%`-format string has 2 placeholder(s) but 1 substitution(s)
        '{} {1}'.format(1, 2)
        ^^^^^^^^^^^^^^^^^^^^^ error F525: `.format` string mixes automatic and manual numbering
        assert (x, 'message')
        ^^^^^^^^^^^^^^^^^^^^^ warning F631: Assert test is a non-empty tuple, which is always `True`
                ^ error F821: Undefined name `x`
        x = 1
    "#]],
    );
    check(
        "from os import *\nprint(getcwd())\n",
        expect![[r#"
        from os import *
        ^^^^^^^^^^^^^^^^ warning F403: `from os import *` used; unable to detect undefined names
        print(getcwd())
              ^^^^^^ information F405: `getcwd` may be undefined, or defined from star imports
    "#]],
    );
}

#[test]
fn rules_of_other_linters() {
    check(
        "def f(a, seen=[]):\n    seen.append(a)\n    return seen\n",
        expect![[r#"
        def f(a, seen=[]):
                      ^^ warning B006: Do not use mutable data structures for argument defaults [Replace with `None`; initialize within function!]
            seen.append(a)
            return seen
    "#]],
    );
    check(
        "import subprocess, yaml, hashlib, pickle\n\ndef f(x):\n    subprocess.run('ls ' + x, shell=True)\n    yaml.load(x)\n    hashlib.md5(x)\n    return pickle.loads(x), eval(x)\n",
        expect![[r#"
            import subprocess, yaml, hashlib, pickle
            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ information E401: Multiple imports on one line [Split imports]

            def f(x):
                subprocess.run('ls ' + x, shell=True)
                ^^^^^^^^^^^^^^ warning S602: `subprocess` call with `shell=True` identified, security issue
                yaml.load(x)
                ^^^^^^^^^ warning S506: Probable use of unsafe `yaml.load`. Allows instantiation of arbitrary objects. Consider `yaml.safe_load`
                hashlib.md5(x)
                ^^^^^^^^^^^ warning S324: Probable use of insecure hash functions in `hashlib`: `md5`
                return pickle.loads(x), eval(x)
                       ^^^^^^^^^^^^^^^ warning S301: `pickle` and modules that wrap it can be unsafe when used to deserialize untrusted data, possible security issue
                                        ^^^^^^^ warning S307: Use of possibly insecure function; consider using `ast.literal_eval`
        "#]],
    );
    check(
        "password = 'hunter2'\nimport requests\nrequests.get('https://x.org', verify=False)\n",
        expect![[r#"
        password = 'hunter2'
                   ^^^^^^^^^ warning S105: Possible hardcoded password assigned to: "password"
        import requests
        ^^^^^^^^^^^^^^^ warning E402: Module level import not at top of file
        requests.get('https://x.org', verify=False)
        ^^^^^^^^^^^^ warning S113: Probable use of `requests` call without timeout
                                      ^^^^^^^^^^^^ warning S501: Probable use of `requests` call with `verify=False` disabling SSL certificate checks
    "#]],
    );
    check(
        "try:\n    pass\nexcept:\n    pass\nif x == None:\n    x = 1 if True else 2\n",
        expect![[r#"
        try:
            pass
        except:
        ^^^^^^ warning E722: Do not use bare `except`
            pass
        if x == None:
           ^ error F821: Undefined name `x`
                ^^^^ warning E711: Comparison to `None` should be `cond is None` [Replace with `cond is None`!]
            x = 1 if True else 2
    "#]],
    );
}

#[test]
fn what_only_a_look_at_the_whole_shows() {
    check(
        "return 1\n",
        expect![[r#"
        return 1
        ^^^^^^^^ error F706: `return` statement outside of a function/method
    "#]],
    );
    check(
        "def f():\n    await g()\n",
        expect![[r#"
        def f():
            await g()
            ^^^^^^^^^ error PLE1142: `await` should be used within an async function
                  ^ error F821: Undefined name `g`
    "#]],
    );
    check(
        "def f(a, a):\n    return a\n",
        expect![[r#"
        def f(a, a):
                 ^ error syntax-error: Duplicate parameter "a"
            return a
    "#]],
    );
    check(
        "x = *a\n",
        expect![[r#"
        x = *a
            ^^ error syntax-error: Starred expression cannot be used here
             ^ error F821: Undefined name `a`
    "#]],
    );
    check(
        "for x in y:\n    def f():\n        break\n",
        expect![[r#"
        for x in y:
            ^ warning B007: Loop control variable `x` not used within loop body [Rename unused `x` to `_x`!] (unnecessary)
                 ^ error F821: Undefined name `y`
            def f():
                break
                ^^^^^ error F701: `break` outside loop
    "#]],
    );
    check(
        "f(a=1, a=2)\n",
        expect![[r#"
        f(a=1, a=2)
        ^ error F821: Undefined name `f`
               ^^^ error syntax-error: Duplicate keyword argument `a`
    "#]],
    );
    check(
        "def f():\n    x = 1\n    global x\n    return x\n",
        expect![[r#"
        def f():
            x = 1
            ^ error PLE0118: Name `x` is used prior to global declaration on line 3
            global x
            return x
    "#]],
    );
}

#[test]
fn one_problem_is_one_finding() {
    for (text, expected) in [
        ("def f():\n    print(a)\n    global a\n    a = 1\n", &["PLE0118"][..]),
        ("x = 1\ndef f():\n    x = 1\n    global x\n    return x\n", &["PLE0118"]),
        ("def f():\n    global a\n    return a\n", &["PLW0602"]),
        ("'%s %s' % {'a': 1}\n", &["F503"]),
        ("'{} {0}'.format(1, 2)\n", &["F525"]),
        ("x = {}\nx == 'a' is 'b'\n", &["F632"]),
        ("try:\n    pass\nexcept:\n    pass\nexcept OSError:\n    pass\n", &["F707"]),
        ("import asyncio\nawait asyncio.sleep(1)\n", &["F704"]),
        ("def f():\n    from os import *\n    return getcwd()\n", &["F406", "F405"]),
    ] {
        let mut codes: Vec<_> = found_in(text, None).iter().map(|it| it.code).collect();
        codes.sort_by_key(|code| expected.iter().position(|it| it == code));
        assert_eq!(codes, expected, "{text:?}");
    }
}

#[test]
fn more_names_than_python_can_count() {
    let codes = |names: usize| -> Vec<_> {
        let text = format!("def f(rows):\n    {}*rest, = rows\n", "x, ".repeat(names));
        let found = found_in(&text, None);
        found.iter().map(|it| it.code).filter(|code| *code == "F621").collect()
    };
    assert_eq!(codes(255), [""; 0]);
    assert_eq!(codes(256), ["F621"]);
}

#[test]
fn text_that_does_not_parse_has_no_findings_of_rules() {
    check(
        "import os\nx = (1\n",
        expect![[r#"
        import os
        x = (1
            ^ error unclosed-bracket: `(` is never closed [Insert `)`!]
              ^ (expected `)` here)
    "#]],
    );
    check(
        "import os\ndef f(:\n    pass\n",
        expect![[r#"
        import os
        def f(:
             ^ error unclosed-bracket: `(` is never closed [Insert `)`!]
              ^ (expected `)` here)
            pass
    "#]],
    );
}

/// The grammar reads `'''{f('''a''')}'''` as strings side by side; Python has nested them since 3.12.
#[test]
fn nested_quotes_are_no_errors() {
    check(
        "a = f\"\"\"{'x' + f\"{1}\"}\"\"\"\nb = f'{'a'}'\nc = f'''{f('''x''')}'''\n",
        expect![[r#"
        a = f"""{'x' + f"{1}"}"""
        b = f'{'a'}'
        c = f'''{f('''x''')}'''
                 ^ error F821: Undefined name `f`
    "#]],
    );
}

#[test]
fn noqa_is_honoured() {
    check(
        "import os  # noqa\nimport sys  # noqa: F401\nimport re  # noqa: E501\n",
        expect![[r#"
        import os  # noqa
        import sys  # noqa: F401
        import re  # noqa: E501
               ^^ warning F401: `re` imported but unused [Remove unused import: `re`] (unnecessary)
    "#]],
    );
    check(
        "# ruff: noqa: F401\nimport os\n",
        expect![[r#"
        # ruff: noqa: F401
        import os
    "#]],
    );
}

#[test]
fn undefined_names_have_suggestions() {
    check(
        "def f(items):\n    for item in itmes:\n        pritn(item)\n",
        expect![[r#"
        def f(items):
            for item in itmes:
                        ^^^^^ error F821: Undefined name `itmes`; did you mean `items`? [Replace `itmes` by `items`!]
                pritn(item)
                ^^^^^ error F821: Undefined name `pritn`; did you mean `print`? [Replace `pritn` by `print`!]
    "#]],
    );
    check(
        "class A:\n    def __init__(self):\n        self.count = 0\n\n    def f(self):\n        return count\n",
        expect![[r#"
            class A:
                def __init__(self):
                    self.count = 0

                def f(self):
                    return count
                           ^^^^^ error F821: Undefined name `count`; did you mean `self.count`? [Replace `count` by `self.count`!]
        "#]],
    );
    check(
        "\"\"\"Doc.\"\"\"\n\nimport re\n\nprint(re, os.getcwd(), null, true, Path('x'))\n",
        expect![[r#"
        """Doc."""

        import re

        print(re, os.getcwd(), null, true, Path('x'))
                  ^^ error F821: Undefined name `os` [Import `os`!]
                               ^^^^ error F821: Undefined name `null`; did you mean `None`? [Replace `null` by `None`!]
                                     ^^^^ error F821: Undefined name `true`; did you mean `True`? [Replace `true` by `True`!]
                                           ^^^^ error F821: Undefined name `Path` [Import `Path` from `pathlib`!]
    "#]],
    );
    check(
        "#!/usr/bin/env python\nprint(sys.argv)\n",
        expect![[r#"
        #!/usr/bin/env python
        print(sys.argv)
              ^^^ error F821: Undefined name `sys` [Import `sys`!]
    "#]],
    );
    check(
        "import abc\nfrom enum import Enum\n\n@dataclass\nclass A(Enum, abc.ABC):\n    pass\n",
        expect![[r#"
        import abc
        from enum import Enum

        @dataclass
         ^^^^^^^^^ error F821: Undefined name `dataclass` [Import `dataclass` from `dataclasses`!]
        class A(Enum, abc.ABC):
            pass
    "#]],
    );
    check(
        "print(q, zz, completely_unknown)\n",
        expect![[r#"
        print(q, zz, completely_unknown)
              ^ error F821: Undefined name `q`
                 ^^ error F821: Undefined name `zz`
                     ^^^^^^^^^^^^^^^^^^ error F821: Undefined name `completely_unknown`
    "#]],
    );
}

#[test]
fn stubs_and_cells_are_read_as_such() {
    expect![[r#"
        import os
               ^^ warning F401: `os` imported but unused [Remove unused import: `os`] (unnecessary)
        x: int = ...
        def f() -> Later: ...
        class Later: ...
    "#]]
    .assert_eq(&picture("import os\nx: int = ...\ndef f() -> Later: ...\nclass Later: ...\n", Some("/p/a.pyi")));
    expect![[r#"
        %matplotlib inline
        import os
        x = undefined
        x
    "#]]
    .assert_eq(&picture("%matplotlib inline\nimport os\nx = undefined\nx\n", Some("/p/a.ipynb")));
}

#[test]
fn carriage_returns_and_a_mark_at_the_beginning_do_not_move_anything() {
    let text = "\u{feff}import os\r\nx = undefinedd\r\n";
    let found: Vec<_> = found_in(text, None).iter().map(|it| (it.code, &text[it.range.start..it.range.end])).collect();
    assert_eq!(found, [("F401", "os"), ("F821", "undefinedd")]);
}

#[test]
fn nesting_without_end_is_told() {
    let deep = format!("x = {}1\n", "-".repeat(20_000));
    let codes: Vec<_> = found_in(&deep, None).iter().map(|it| it.code).collect();
    assert_eq!(codes, ["rules-failed"]);
    for text in
        ["(".repeat(20_000), "[{(".repeat(5_000), "not ".repeat(20_000), "lambda:".repeat(20_000), "f'{".repeat(2_000)]
    {
        found_in(&text, None);
    }
    for text in ["-".repeat(1_500), "not ".repeat(1_500), "lambda:".repeat(900), "x.".repeat(1_500), "1+".repeat(1_500)]
    {
        found_in(&format!("x = {text}1\n"), None);
    }
}

#[test]
fn every_rule_of_ruff_is_in_the_table() {
    let rule = rule("F401").expect("ruff has it");
    assert_eq!(rule.summary, "unused imports");
    assert_eq!(rule.url.as_deref(), Some("https://docs.astral.sh/ruff/rules/unused-import"));
    assert!(crate::rules().iter().all(|it| !it.summary.is_empty() && !it.summary.contains('\n')));
}

/// Of a long text the repairs look at the broken part alone: they find there what they find in it by itself.
#[test]
fn a_long_text_is_told_the_same_as_its_broken_part() {
    let sound = |from: usize, to: usize| -> String {
        let function = |n| {
            format!(
                "@register(\n    {n},\n)\ndef f{n}(a):\n    \"\"\"Prose\nat the margin\n\"\"\"\n    return [a, {n}]\n\n\n"
            )
        };
        (from..to).map(function).collect()
    };
    let (before, after) = (sound(0, 200), sound(200, 400));
    for broken in [
        "x = (1, 2\n",
        "def g(:\n    pass\n",
        "if a\n    b = 1\n",
        "if a:\nb = 1\n",
        "print 'a'\n",
        "x = [1, 2)\n",
        "class A:\n    def f(self):\n        return {1: 2\n\n    def g(self):\n        return 1 +\n",
        "x = = 1\ny = )\n",
        "a = 'abc\n",
    ] {
        let text = format!("{before}{broken}\n\n{after}");
        let found = diagnostics_without_tree(&python(&text), None, &LintSettings::default());
        let found = found.unwrap_or_else(|| panic!("no part: {broken:?}"));
        let alone = found_in(&format!("{broken}\n\n"), None);
        let picture = |found: Vec<Diagnostic>, before: usize| -> Vec<_> {
            let places = |it: &Diagnostic| {
                let related = it.related.iter().map(|it| it.range);
                let edits = it.fixes.iter().flat_map(|fix| &fix.edits).map(|edit| edit.range);
                let all = [it.range].into_iter().chain(related).chain(edits);
                all.map(|range| (range.start - before, range.end - before)).collect::<Vec<_>>()
            };
            found.into_iter().map(|it| (it.code, places(&it), it.message)).collect()
        };
        assert!(!alone.is_empty(), "{broken:?}");
        assert_eq!(picture(found, before.len()), picture(alone, 0), "{broken:?}");
        let with_tree = diagnostics(&python(&text), None, &LintSettings::default());
        let without = diagnostics_without_tree(&python(&text), None, &LintSettings::default());
        assert_eq!(Some(with_tree), without);
    }
}

/// What has no small broken part is repaired as a whole.
#[test]
fn a_mistake_that_reaches_far_is_left_to_the_tree() {
    let function = |n| format!("def f{n}(a):\n    \"\"\"Doc.\"\"\"\n    return [a, {n}]\n\n\n");
    let functions: String = (0..400).map(function).collect();
    for text in [format!("def g(a):\n    \"\"\"Doc\n\n\n{functions}"), format!("x = (\n{functions}y = )\n")] {
        assert_eq!(diagnostics_without_tree(&python(&text), None, &LintSettings::default()), None);
        assert!(!found_in(&text, None).is_empty());
    }
}
