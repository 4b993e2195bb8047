//! Fixtures: a text, what the user does to it, where the cursor comes to, and the text after accepting.

mod signatures;

use syntax::{Document, Language};

use super::history::History;
use super::propose;

/// What the user types, one step after the other: the first occurrence of a text becomes another, character by
/// character.
type Steps<'a> = &'a [(&'a str, &'a str)];

/// Types a change as a user does: takes the old text away from its end, and writes the new one.
fn type_change(text: &mut String, old: &str, new: &str, history: &mut History) {
    let at = text.find(old).unwrap_or_else(|| panic!("{old:?} in {text:?}"));
    let same = old.chars().zip(new.chars()).take_while(|(a, b)| a == b).map(|(a, _)| a.len_utf8()).sum::<usize>();
    retype(text, at + same, &old[same..], &new[same..], history);
}

/// Takes `old`, which stands at `at`, away from its end, and writes the new text.
fn retype(text: &mut String, at: usize, old: &str, new: &str, history: &mut History) {
    let mut see = |text: &str| history.see(&syntax::Text::new(text));
    see(text);
    for (start, _) in old.char_indices().rev() {
        text.remove(at + start);
        see(text);
    }
    let mut cursor = at;
    for c in new.chars() {
        text.insert(cursor, c);
        cursor += c.len_utf8();
        see(text);
    }
}

/// `cursor` is the text after the steps with the cursor in it; `expected` the text after accepting, or nothing where
/// nothing is proposed. What is replaced stands between `⟦` and `⟧`.
fn check(language: &str, before: &str, steps: Steps<'_>, cursor: &str, expected: Option<&str>) {
    let language = Language::from_name(language).expect("a language of the registry");
    let mut text = before.to_owned();
    let mut history = History::default();
    for (old, new) in steps {
        type_change(&mut text, old, new, &mut history);
    }
    let (after, offset) = testkit::cursor(cursor);
    assert_eq!(text, after, "the fixture says what the steps lead to");
    let document = Document::new(&text, language, 1);
    let leads = history.leads(&document, offset);
    let picture = propose(&document, offset, &leads).map(|proposal| {
        assert!(proposal.range.touches(offset), "the range holds the cursor");
        assert!(!text[proposal.range.start..proposal.range.end].contains('\n'), "the range is within one line");
        format!("{}⟦{}⟧{}", &text[..proposal.range.start], proposal.text, &text[proposal.range.end..])
    });
    assert_eq!(picture.as_deref(), expected);
}

#[test]
fn uses_follow_a_definition() {
    let before = "def foo(a):\n    return a\n\nx = foo(1)\n# foo\ny = 'foo'\n";
    let rename: Steps<'_> = &[("foo", "bar")];
    let after = |last: &str| format!("def bar(a):\n    return a\n\n{last}");
    let rest = "\n# foo\ny = 'foo'\n";
    for cursor in ["x = <CURSOR>foo(1)", "x = f<CURSOR>oo(1)", "x = foo<CURSOR>(1)"] {
        let cursor = after(&format!("{cursor}{rest}"));
        check("python", before, rename, &cursor, Some(&after(&format!("x = ⟦bar⟧(1){rest}"))));
    }
    // From elsewhere on the line, the text in between stays.
    let at = |line: &str| after(&format!("{line}{rest}"));
    check("python", before, rename, &at("<CURSOR>x = foo(1)"), Some(&at("⟦x = bar⟧(1)")));
    check("python", before, rename, &at("x = foo(1)<CURSOR>"), Some(&at("x = ⟦bar(1)⟧")));
    // Not in comments and strings, not on other lines.
    check("python", before, rename, &after("x = foo(1)\n# foo<CURSOR>\ny = 'foo'\n"), None);
    check("python", before, rename, &after("x = foo(1)\n# foo\ny = 'foo<CURSOR>'\n"), None);
    check("python", before, rename, "def bar(a):\n    return a\n<CURSOR>\nx = foo(1)\n# foo\ny = 'foo'\n", None);
}

#[test]
fn several_uses_on_a_line_follow_together() {
    check(
        "javascript",
        "const size = 1;\nlet area = size * size + resize;\n",
        &[("size", "width")],
        "const width = 1;\nlet area = <CURSOR>size * size + resize;\n",
        Some("const width = 1;\nlet area = ⟦width * width⟧ + resize;\n"),
    );
}

#[test]
fn only_what_is_bound_to_the_same_definition() {
    let before = "def f(value):\n    return value + 1\n\ndef g(value):\n    return value + 2\n";
    let rename: Steps<'_> = &[("value", "width")];
    check(
        "python",
        before,
        rename,
        "def f(width):\n    return <CURSOR>value + 1\n\ndef g(value):\n    return value + 2\n",
        Some("def f(width):\n    return ⟦width⟧ + 1\n\ndef g(value):\n    return value + 2\n"),
    );
    check(
        "python",
        before,
        rename,
        "def f(width):\n    return value + 1\n\ndef g(value):\n    return <CURSOR>value + 2\n",
        None,
    );
    check(
        "python",
        "def draw(size):\n    return size\n\nsize = 3\ndraw(size=size)\n",
        &[("\nsize", "\nsizes")],
        "def draw(size):\n    return size\n\nsizes = 3\ndraw(size=<CURSOR>size)\n",
        Some("def draw(size):\n    return size\n\nsizes = 3\ndraw(size=⟦sizes⟧)\n"),
    );
    check(
        "rust",
        "fn f() {\n    let a = 1;\n    let b = a;\n    let a = 2;\n    g(a);\n}\n",
        &[("a = 1", "first = 1")],
        "fn f() {\n    let first = 1;\n    let b = <CURSOR>a;\n    let a = 2;\n    g(a);\n}\n",
        Some("fn f() {\n    let first = 1;\n    let b = ⟦first⟧;\n    let a = 2;\n    g(a);\n}\n"),
    );
    check(
        "rust",
        "fn f() {\n    let a = 1;\n    let b = a;\n    let a = 2;\n    g(a);\n}\n",
        &[("a = 1", "first = 1")],
        "fn f() {\n    let first = 1;\n    let b = a;\n    let a = 2;\n    g(<CURSOR>a);\n}\n",
        None,
    );
}

#[test]
fn members_of_self_follow() {
    check(
        "python",
        "class A:\n    def area(self):\n        return 1\n\n    def twice(self):\n        return 2 * self.area()\n",
        &[("area", "surface")],
        "class A:\n    def surface(self):\n        return 1\n\n    def twice(self):\n        return 2 * self.<CURSOR>area()\n",
        Some(
            "class A:\n    def surface(self):\n        return 1\n\n    def twice(self):\n        return 2 * self.⟦surface⟧()\n",
        ),
    );
}

/// A rename at the definition, and what becomes of another line (`None`: nothing is proposed).
fn check_line(language: &str, definition: (&str, &str, &str), line: &str, expected: Option<&str>) {
    let (before, old, new) = definition;
    let renamed = before.replacen(old, new, 1);
    let expected = expected.map(|expected| format!("{renamed}{expected}\n"));
    let cursor = format!("{renamed}<CURSOR>{line}\n");
    check(language, &format!("{before}{line}\n"), &[(old, new)], &cursor, expected.as_deref());
}

#[test]
fn members_of_other_objects_stay() {
    let constant = ("const amount = 1;\n", "amount", "total");
    let function = ("function amount() {}\n", "amount", "total");
    for (definition, line) in [(constant, "console.log(x.amount);"), (function, "obj.amount();")] {
        check_line("javascript", definition, line, None);
        check_line("typescript", definition, line, None);
    }
    check_line("javascript", constant, "f(x.amount, amount);", Some("⟦f(x.amount, total⟧);"));
    let conf = ("conf = {}\n", "conf", "settings");
    check_line("python", conf, "print(app.conf, conf)", Some("⟦print(app.conf, settings⟧)"));
    check_line("python", conf, "x = self.conf", None);
    check_line("rust", ("fn amount() {}\n", "amount", "total"), "fn g(o: O) { o.amount() }", None);
    let member = ("class A:\n    def amount(self): pass\n", "amount", "total");
    check_line("python", member, "    def f(self): return other.amount()", None);
    check_line(
        "python",
        member,
        "    def f(self): return self.amount()",
        Some("⟦    def f(self): return self.total⟧()"),
    );
}

#[test]
fn shorthands_keep_their_keys() {
    let constant = ("const amount = 1;\n", "amount", "total");
    check_line("javascript", constant, "send({amount});", Some("⟦send({amount: total⟧});"));
    check_line("javascript", constant, "f(amount, {amount});", Some("⟦f(total, {amount: total⟧});"));
    check_line("javascript", constant, "export {amount};", Some("⟦export {total as amount⟧};"));
    check_line("javascript", constant, "f({amount: 1});", None);
    let parameter = ("fn f(amount: u8) {\n", "amount", "total");
    check_line("rust", parameter, "g(P { amount }) }", Some("⟦g(P { amount: total⟧ }) }"));
    check_line("rust", parameter, "println!(\"{amount} {}\", amount) }", Some("⟦println!(\"{total} {}\", total⟧) }"));
    check_line("python", ("amount = 1\n", "amount", "total"), "f(amount=amount)", Some("⟦f(amount=total⟧)"));
    // What was renamed may be what is imported.
    check(
        "javascript",
        "import {amount} from 'a';\namount(1);\namount(2);\n",
        &[("amount(1", "total(1"), ("amount(2", "total(2")],
        "<CURSOR>import {amount} from 'a';\ntotal(1);\ntotal(2);\n",
        None,
    );
}

#[test]
fn what_was_typed_elsewhere_since_does_not_matter() {
    check(
        "python",
        "def foo(a):\n    return a\n\nx = foo(1)\n",
        &[("foo", "bar"), ("return a", "return a + one")],
        "def bar(a):\n    return a + one\n\nx = <CURSOR>foo(1)\n",
        Some("def bar(a):\n    return a + one\n\nx = ⟦bar⟧(1)\n"),
    );
    // A name that is changed again.
    check(
        "python",
        "def foo(a):\n    return a\n\nx = foo(1)\n",
        &[("foo", "bar"), ("return a", "return a + one"), ("bar", "barn")],
        "def barn(a):\n    return a + one\n\nx = <CURSOR>foo(1)\n",
        Some("def barn(a):\n    return a + one\n\nx = ⟦barn⟧(1)\n"),
    );
}

#[test]
fn an_undone_change_is_forgotten() {
    let before = "def foo(a):\n    return a\n\nx = foo(1)\n";
    let after = "def foo(a):\n    return a\n\nx = <CURSOR>foo(1)\n";
    check("python", before, &[("foo", "bar"), ("bar", "foo")], after, None);
    check("python", before, &[("foo", "")], "def (a):\n    return a\n\nx = <CURSOR>foo(1)\n", None);
    check("python", before, &[("foo", "b.r")], "def b.r(a):\n    return a\n\nx = <CURSOR>foo(1)\n", None);
}

#[test]
fn a_new_word_is_no_change_of_its_beginning() {
    check(
        "python",
        "# a\n\nfo = 1\nf = fo\n",
        &[("a\n", "a\nfood = 2")],
        "# a\nfood = 2\nfo = 1\nf = <CURSOR>fo\n",
        None,
    );
}

#[test]
fn a_change_at_a_use_has_to_be_made_twice() {
    let before = "def foo(a):\n    return a\n\nfoo(1)\nfoo(2)\nfoo(3)\n";
    let once = "def foo(a):\n    return a\n\nbar(1)\nfoo(2)\n<CURSOR>foo(3)\n";
    check("python", before, &[("foo(1", "bar(1")], once, None);
    check(
        "python",
        before,
        &[("foo(1", "bar(1"), ("foo(2", "bar(2")],
        "def foo(a):\n    return a\n\nbar(1)\nbar(2)\n<CURSOR>foo(3)\n",
        Some("def foo(a):\n    return a\n\nbar(1)\nbar(2)\n⟦bar⟧(3)\n"),
    );
}

#[test]
fn who_types_on_a_line_is_not_disturbed() {
    check(
        "python",
        "def foo(a):\n    return a\n\nx = foo(1)\n",
        &[("foo", "bar"), ("(1)", "(1) + 2")],
        "def bar(a):\n    return a\n\nx = foo(1) + 2<CURSOR>\n",
        None,
    );
}

#[test]
fn what_would_break_the_file_is_not_proposed() {
    check(
        "python",
        "def foo(a):\n    return a\n\nx = foo(1)\n",
        &[("foo", "if")],
        "def if(a):\n    return a\n\nx = <CURSOR>foo(1)\n",
        None,
    );
}
