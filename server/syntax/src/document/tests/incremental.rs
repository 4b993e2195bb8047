//! Random edits: the text equals that of a plain string, the tree that of a fresh parse.
//!
//! `ROPEWALK_LONG_TESTS=N` makes it N edits in each encoding instead of a few.

use std::{cell::Cell, ops::Range};

use proptest::{
    collection::vec,
    prelude::*,
    sample::select,
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};

use super::*;

const STEPS_PER_CASE: usize = 32;
const DEFAULT_EDITS: usize = 256;

/// Edited at random by the long tests, each as much as any other.
const TEXTS: &[(&str, &str)] = &[
    ("python", PYTHON),
    ("javascript", JAVASCRIPT),
    ("rust", RUST),
    ("shellscript", BASH),
    ("c", C),
    ("cpp", CPP),
    ("css", CSS),
    ("go", GO),
    ("html", HTML),
    ("java", JAVA),
    ("json", JSON),
    ("typescript", TYPESCRIPT),
    ("typescriptreact", TSX),
];

const PYTHON: &str = "\
import os\n\n\nclass A(B):\n    '''Doc é.'''\n\n    def f(self, x=1, *args):\n        if x > 2:\n            return [y for y in args if y]\n        \
elif x:\r\n            raise ValueError(f\"bad {x!r} 𝄞\")\n        else:\n            pass\n\n    @property\n    async def g(self):\n        \
with open(self.p) as f, lock:\n            await f(\n                1,\n                2)\n\nx = {'a': 1, \"b\": (2, 3)}\n";

const JAVASCRIPT: &str = "\
import a, {b} from 'c';\n\nclass A extends B {\n  #x = 1;\n  get y() { return `é ${this.#x + `${1}`} 𝄞`; }\n}\n\n\
function* f(a, {b = 2, ...c}) {\r\n  for (const [k, v] of Object.entries(a)) {\n    if (k < v && /re[/]g/.test(k)) yield* v\n    \
else continue\n  }\n  /* block */ // line\n  return <div a={1}>text {b}</div>\n}\n\nlet x = async (y) => ({z: y?.z ?? 1})\nx\n++\ny\n";

const RUST: &str = "\
//! Doc é.\n\nuse std::{fmt, io};\n\n#[derive(Debug)]\npub struct A<'a, T: 'a> { x: &'a [T], y: (u8, i32) }\n\n\
impl<'a, T> A<'a, T> where T: Fn(u8) -> u8 {\r\n    fn f(&self, x: u32) -> Option<&'a T> {\n        let y = match x {\n            \
0..=9 if x > 1 => r#\"raw \" 𝄞\"#,\n            _ => \"\\n\",\n        };\n        /* a /* nested */ comment */\n        \
self.x.get(x as usize)?.map(|it| it < 2 && y.len::<u8>() > 'c' as usize)\n    }\n}\n\nmacro_rules! m { ($x:expr) => { $x + 1 } }\n";

const BASH: &str = "\
#!/bin/bash\nset -e # é\nf() {\n  local x=\"$1 ${2:-a b} $(g 'c' | h)\"\n  if [[ -n $x && $x =~ ^a+$ ]]; then\n    cat <<EOF >b.txt\n\
text $x\nEOF\r\n  elif test -f c; then echo \"𝄞\" >&2; fi\n  for i in {1..3} \"$@\"; do ((n += i)); done\n  case $x in\n    a|b) g ;;\n    \
*) return 1 ;;\n  esac\n}\nx=(1 2); echo ${x[0]} $((1 + 2)) `g`\n";

const C: &str = "\
#include <a.h>\n#define M(x) ((x) + 1)\n\n/* é */\nstruct a { int x; char *y[2]; };\n\nstatic int f(struct a *p, int n) {\r\n  \
for (int i = 0; i < n; i++) {\n    if (p->x > i && !p->y[0]) return M(i); // 𝄞\n    else continue;\n  }\n  \
return (int)sizeof(*p) * \"ab\\n\"[0] + 'c';\n}\n\n#ifdef A\nint g(void);\n#endif\n";

const CPP: &str = "\
#include <vector>\n\nnamespace a { // é\ntemplate <typename T, int N = 2>\nclass B : public C<T> {\n public:\n  explicit B(T x) : x_(x) {}\n  \
auto f() const -> std::vector<T> { return {x_, x_}; }\r\n private:\n  T x_;\n};\n}\n\nint main() {\n  auto g = [&](auto y) { return y < 2; };\n  \
const char* s = R\"(raw 𝄞)\";\n  for (auto& z : a::B<int>(1).f()) if (g(z)) return static_cast<int>(z);\n}\n";

const CSS: &str = "\
@import url(\"a.css\");\n:root { --x: 1px; }\n/* é */\na:hover > .b, #c[d=\"e\"]::before {\r\n  color: #fff;\n  \
margin: calc(1px + var(--x)) auto !important;\n  content: \"𝄞\";\n}\n@media (max-width: 10em) {\n  p + q { top: -1.5em; }\n}\n";

const GO: &str = "\
package a\n\nimport (\n\t\"fmt\"\n)\n\n// é\ntype T struct {\n\tx int `a:\"b\"`\n\ty []string\n}\n\n\
func (t *T) f(n int, xs ...string) (r int, err error) {\r\n\tfor i, s := range xs {\n\t\tif i > n && s == \"𝄞\" {\n\t\t\t\
go func() { fmt.Println(t.y[1:]) }()\n\t\t} else {\n\t\t\tcontinue\n\t\t}\n\t}\n\tswitch v := any(n).(type) {\n\tcase int:\n\t\t\
r = v + 'c'\n\t}\n\treturn\n}\n";

const HTML: &str = "\
<!DOCTYPE html>\n<html>\n<!-- é -->\n<body class=\"a\" id=b>\r\n<p>text 𝄞 &amp; more<br>\n<ul><li>one<li>two</ul>\n\
<script>let x = 1 < 2;</script>\n<style>a { b: c }</style>\n<img src='d'/>\n<div><span>e</span></div>\n</body>\n</html>\n";

const JAVA: &str = "\
package a;\n\nimport b.C;\n\n/** é */\n@D(\"e\")\npublic class F<T extends C> implements G {\n  private final int[] x = {1, 2};\r\n\n  \
public <U> List<T> f(U u, int... n) throws H {\n    for (int i : n) {\n      if (i < x[0] && u instanceof T t) return List.of(t);\n    }\n    \
try { g(() -> \"𝄞\" + (char) 'c'); } catch (H | I e) { throw e; } finally { }\n    return switch (n.length) { case 1 -> null; default -> new J<>(); };\n  }\n}\n";

const JSON: &str = "\
{\n  \"é\": [1, -2.5e3, true, null],\r\n  \"b\": {\"c\": \"𝄞 \\n\", \"d\": {}},\n  \"e\": []\n}\n";

const TYPESCRIPT: &str = "\
import type {A} from 'b';\n\nexport interface C<T extends A = A> { readonly x?: T; [k: string]: unknown }\n\n// é\n\
abstract class D implements C {\r\n  constructor(private y: number | null, public z = <any>1) { super(); }\n  \
async f<U>(this: D, g: (u: U) => void): Promise<U[]> { return [] as U[]; }\n}\n\ntype E = keyof C & {[K in A]: `𝄞${K}`};\n\
enum F { G = 1, H }\nlet i = f<number>(x!, y < z, a > (b));\n";

const TSX: &str = "\
const A = ({b, c = 1}: {b: string; c?: number}) => {\n  const [d, e] = f<number | null>(null); // é\n  return (\r\n    \
<g.H a=\"b\" {...c} onI={(j) => e(j.k < 2 ? 1 : d!)}>\n      text 𝄞 {d && <l />}\n      <></>\n    </g.H>\n  );\n};\n";

/// What is typed: pieces that open, close and break things, and line ends of every kind.
const INSERTIONS: &[&str] = &[
    "",
    "",
    "",
    "a",
    "x1",
    " ",
    "    ",
    "\n",
    "\n    ",
    "\r\n",
    "\r",
    "é",
    "𝄞",
    "\u{2028}",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    "\"",
    "'",
    "`",
    "\"\"\"",
    "'''",
    "${",
    "/*",
    "*/",
    "//",
    "#",
    "\\",
    ":",
    ";",
    ",",
    ".",
    "=",
    "<",
    ">",
    "</",
    "=>",
    "->",
    "+",
    "*",
    "@",
    "r#\"",
    "\"#",
    "'a",
    "def f(x):\n",
    "if ",
    "else",
    "return ",
    "fn ",
    "let ",
    "class A ",
    "async ",
    "await ",
    "0x",
    "1.5",
    "\t",
    "function f() {\n}\n",
    "    pass\n",
    "\u{feff}",
    "f'{",
    "}'",
];

/// One step; numbers are taken modulo what there is to choose from.
#[derive(Clone, Debug)]
enum Step {
    /// Replaces between two positions, which need not exist.
    Replace { start: (u32, u32), end: (u32, u32), new_text: &'static str },
    /// Replaces one leaf of the tree by the text of another of its kind: valid code, mostly.
    CopyLeaf { from: usize, to: usize },
    /// Puts a copy of a line before another one.
    CopyLine { from: usize, to: usize },
    /// Takes back as many changes.
    Undo(usize),
}

fn step() -> impl Strategy<Value = Step> {
    let start = (0_u32..80, prop_oneof![9 => 0_u32..40, 1 => Just(u32::MAX)]);
    // Mostly small edits, as typing makes; now and then a long range.
    let length = prop_oneof![
        6 => Just((0, 0)),
        3 => (0_u32..1, 0_u32..6),
        1 => (0_u32..4, 0_u32..40),
    ];
    let replace = (start, length, select(INSERTIONS)).prop_map(|(start, (lines, columns), new_text)| Step::Replace {
        start,
        end: (start.0 + lines, start.1.saturating_add(columns)),
        new_text,
    });
    prop_oneof![
        4 => replace,
        4 => (any::<usize>(), any::<usize>()).prop_map(|(from, to)| Step::CopyLeaf { from, to }),
        1 => (any::<usize>(), any::<usize>()).prop_map(|(from, to)| Step::CopyLine { from, to }),
        5 => (1..9_usize).prop_map(Step::Undo),
    ]
}

/// A document that is edited, and what it must be.
struct Session {
    encoding: PositionEncoding,
    document: Document,
    model: String,
    undo: Vec<(Range<usize>, String)>,
    seen: Seen,
}

/// How much was compared: a test of trees that all have errors would say little.
#[derive(Clone, Copy, Debug, Default)]
struct Seen {
    edits: usize,
    trees: usize,
    trees_without_errors: usize,
}

impl Session {
    fn new(name: &str, text: &str, encoding: PositionEncoding) -> Self {
        let document = Document::new(text, language(name), 0);
        Self { encoding, document, model: text.to_owned(), undo: Vec::new(), seen: Seen::default() }
    }

    fn take(&mut self, step: &Step) {
        match *step {
            Step::Replace { start, end, new_text } => self.change(start, end, new_text),
            Step::CopyLeaf { from, to } => {
                let leaves = leaves(self.document.tree().expect("has a grammar"));
                let (kind, to) = leaves[to % leaves.len()].clone();
                let alike: Vec<_> = leaves.into_iter().filter(|(other, _)| *other == kind).collect();
                let new_text = self.model[alike[from % alike.len()].1.clone()].to_owned();
                self.replace(to, &new_text);
            }
            Step::CopyLine { from, to } => {
                let lines: Vec<&str> = self.model.split_inclusive('\n').collect();
                let Some(new_text) = lines.get(from % lines.len().max(1)).copied().map(str::to_owned) else { return };
                let at = lines[..to % lines.len()].iter().map(|line| line.len()).sum();
                self.replace(at..at, &new_text);
            }
            Step::Undo(count) => {
                for (range, old_text) in self.undo.split_off(self.undo.len().saturating_sub(count)).into_iter().rev() {
                    self.replace(range, &old_text);
                    self.undo.pop();
                }
            }
        }
    }

    /// Puts the range into positions, by the conversion whose exactness other tests show.
    fn replace(&mut self, range: Range<usize>, new_text: &str) {
        let range = self.document.text().position_range(range.into(), self.encoding);
        let plain = |position: Position| (position.line, position.character);
        self.change(plain(range.start), plain(range.end), new_text);
    }

    fn change(&mut self, start: (u32, u32), end: (u32, u32), new_text: &str) {
        let version = self.document.version() + 1;
        self.document = self.document.change(&[change(Some((start, end)), new_text)], self.encoding, version);
        let from = model_offset(&self.model, start, self.encoding);
        let to = model_offset(&self.model, end, self.encoding);
        let range = from.min(to)..from.max(to);
        self.undo.push((range.start..range.start + new_text.len(), self.model[range.clone()].to_owned()));
        self.model.replace_range(range, new_text);
        self.seen.edits += 1;
    }

    fn check(&mut self, with_tree: bool) -> Result<(), TestCaseError> {
        prop_assert_eq!(&self.document.text().to_string(), &self.model);
        if with_tree {
            let fresh = fresh(&self.document);
            prop_assert_eq!(self.document.syntax_tree_text(), fresh.syntax_tree_text(), "{:?}", self.model);
            let (incremental, fresh) = (self.document.tree(), fresh.tree());
            prop_assert_eq!(incremental.map(nodes), fresh.map(nodes), "{:?}", self.model);
            self.seen.trees += 1;
            self.seen.trees_without_errors += usize::from(incremental.is_some_and(|it| !it.root_node().has_error()));
        }
        Ok(())
    }
}

/// Kind and range of all nodes without children, the root if there is no other.
fn leaves(tree: &Tree) -> Vec<(u16, Range<usize>)> {
    let mut leaves = Vec::new();
    let mut cursor = tree.walk();
    loop {
        if cursor.goto_first_child() {
            continue;
        }
        leaves.push((cursor.node().kind_id(), cursor.node().byte_range()));
        while !cursor.goto_next_sibling() {
            if !cursor.goto_parent() {
                return leaves;
            }
        }
    }
}

/// Byte offset of a position, by counting characters.
fn model_offset(text: &str, (line, column): (u32, u32), encoding: PositionEncoding) -> usize {
    let mut rest = text;
    for _ in 0..line {
        let Some(end) = rest.find(['\r', '\n']) else { return text.len() };
        rest = &rest[end..];
        rest = rest.strip_prefix("\r\n").unwrap_or_else(|| &rest[1..]);
    }
    let line_start = text.len() - rest.len();
    let mut units = 0;
    for (at, c) in rest.char_indices() {
        units += match encoding {
            PositionEncoding::Utf8 => c.len_utf8(),
            PositionEncoding::Utf16 => c.len_utf16(),
            PositionEncoding::Utf32 => 1,
        };
        if c == '\r' || c == '\n' || units > column as usize {
            return line_start + at;
        }
    }
    text.len()
}

fn check_random_changes(encoding: PositionEncoding) {
    let edits = std::env::var("ROPEWALK_LONG_TESTS").map_or(DEFAULT_EDITS, |edits| edits.parse().expect("a number"));
    // The same steps in each run, others in each encoding.
    let mut rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[encoding as u8; 32]);
    let seen = Cell::new(Seen::default());
    while seen.get().edits < edits {
        let config = Config { failure_persistence: None, ..Config::with_cases(8) };
        let mut runner = TestRunner::new_with_rng(config, rng.clone());
        let input = (select(TEXTS), 1..4_usize, vec(step(), STEPS_PER_CASE), 1..4_usize);
        let result = runner.run(&input, |((name, text), copies, steps, trees_every)| {
            let mut session = Session::new(name, &text.repeat(copies), encoding);
            session.check(true)?;
            for (index, step) in steps.iter().enumerate() {
                session.take(step);
                session.check(index % trees_every == 0)?;
            }
            let (sum, this) = (seen.get(), session.seen);
            seen.set(Seen {
                edits: sum.edits + this.edits,
                trees: sum.trees + this.trees,
                trees_without_errors: sum.trees_without_errors + this.trees_without_errors,
            });
            Ok(())
        });
        if let Err(failure) = result {
            panic!("{failure}");
        }
        rng = runner.new_rng();
    }
    let seen = seen.get();
    println!("{encoding:?}: {seen:?}");
    assert!(seen.trees_without_errors * 5 > seen.trees, "{seen:?}");
}

#[test]
fn the_texts_start_without_errors() {
    for (name, text) in TEXTS {
        for copies in 1..4 {
            let document = Document::new(&text.repeat(copies), language(name), 0);
            assert!(!document.tree().expect("has a grammar").root_node().has_error(), "{name} {copies}");
        }
    }
}

#[test]
fn random_changes_in_utf_8() {
    check_random_changes(PositionEncoding::Utf8);
}

#[test]
fn random_changes_in_utf_16() {
    check_random_changes(PositionEncoding::Utf16);
}

#[test]
fn random_changes_in_utf_32() {
    check_random_changes(PositionEncoding::Utf32);
}

/// A comment behind the lines makes scanners that look for the end of a statement look further.
fn with_comments(text: &str, comment: &str) -> Vec<String> {
    let append = |text: &str| text.lines().map(|line| format!("{line} {comment}\n")).collect();
    vec![text.to_owned(), append(text), append(&text.replace(";\n", "\n"))]
}

/// One edit at every `stride`th place.
fn check_single_edits(name: &str, text: &str, stride: usize) {
    let document = Document::new(text, language(name), 1);
    if document.tree().is_none_or(|tree| tree.root_node().has_error()) {
        return; // Where the text cannot take comments, there is nothing to reuse.
    }
    for start in (0..text.len()).step_by(stride) {
        for (removed, new_text) in [(0, ""), (0, "b"), (0, " "), (0, "\n"), (0, ";"), (1, ""), (1, "1")] {
            let range = TextRange::new(start, start + removed);
            let next = document.edit(&[TextEdit { range, new_text: new_text.to_owned() }], 2);
            let (incremental, fresh) = (next.tree().map(nodes), fresh(&next).tree().map(nodes));
            assert_eq!(incremental, fresh, "{name}: {}", next.text());
        }
    }
}

#[test]
fn single_edits_beside_comments() {
    let stride = if std::env::var_os("ROPEWALK_LONG_TESTS").is_some() { 1 } else { 499 };
    for (name, text) in TEXTS {
        let comments = language(name).comments();
        let block = comments.block.first().map(|(open, close)| format!("{open} c {close}"));
        let tokens = comments.line.iter().map(|token| format!("{token} c")).chain(block);
        for text in tokens.flat_map(|comment| with_comments(text, &comment)) {
            check_single_edits(name, &text, stride);
        }
    }
}

#[test]
fn a_comment_before_the_end_of_a_statement_without_semicolon() {
    for name in ["javascript", "javascriptreact", "typescript", "typescriptreact", "go"] {
        for text in ["let x = y // c\nz\n", "let x = y /* c */\nz\n", "x = y // c\n", "f(x) // c\n// d\ng(y)\n"] {
            check_single_edits(name, text, 1);
        }
    }
}
