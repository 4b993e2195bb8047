//! Names, calls, exceptions and side effects of a piece of code.

use std::collections::HashSet;

use syntax::Node;

use super::phrase::{code, list, short_list};
use super::slice;
use crate::{
    family::Family,
    outline::pattern_names,
    tree::{Walk, preorder},
};

/// Names that are listed of a kind.
const MAX_NAMES: usize = 20;

/// What was found; quoted, each once, in order of appearance.
#[derive(Debug, Default)]
pub(super) struct Facts {
    pub(super) raised: Vec<String>,
    calls: Vec<String>,
    reads: Vec<String>,
    writes: Vec<String>,
    /// Sentences without a full stop.
    effects: Vec<String>,
}

/// Calls that reach out of the program, and what they do.
const EFFECTS: &[(&str, &str)] = &[
    ("print", "prints"),
    ("input", "reads from the terminal"),
    ("open", "opens files"),
    ("exec", "runs code that it is given as text"),
    ("eval", "runs code that it is given as text"),
    ("sys.exit", "ends the program"),
    ("exit", "ends the program"),
    ("process.exit", "ends the program"),
    ("os.remove", "deletes files"),
    ("os.unlink", "deletes files"),
    ("shutil.rmtree", "deletes files"),
    ("os.system", "runs other programs"),
    ("subprocess.run", "runs other programs"),
    ("subprocess.Popen", "runs other programs"),
    ("subprocess.check_output", "runs other programs"),
    ("time.sleep", "waits"),
    ("fetch", "makes network requests"),
    ("requests.get", "makes network requests"),
    ("requests.post", "makes network requests"),
    ("setTimeout", "runs something later"),
    ("setInterval", "runs something again and again"),
    ("alert", "shows a dialog"),
];
const EFFECT_PREFIXES: &[(&str, &str)] = &[
    ("console.", "prints to the console"),
    ("fs.", "works with files"),
    ("localStorage.", "uses the browser's storage"),
    ("process.stdout.", "prints"),
    ("sys.stdout.", "prints"),
    ("sys.stderr.", "prints"),
    ("logging.", "writes to the log"),
];

const PYTHON_BUILTINS: &str = "abs all any ascii bin bool bytearray bytes callable chr classmethod complex delattr dict \
    dir divmod enumerate eval exec filter float format frozenset getattr globals hasattr hash hex id input int \
    isinstance issubclass iter len list locals map max memoryview min next object oct open ord pow print property range \
    repr reversed round set setattr slice sorted staticmethod str sum super tuple type vars zip self cls \
    ArithmeticError AssertionError AttributeError BaseException EOFError Exception FileExistsError FileNotFoundError \
    ImportError IndexError KeyError KeyboardInterrupt LookupError MemoryError ModuleNotFoundError NameError \
    NotImplemented NotImplementedError OSError OverflowError PermissionError RecursionError RuntimeError StopIteration \
    SyntaxError SystemExit TimeoutError TypeError UnicodeDecodeError UnicodeError ValueError ZeroDivisionError \
    __name__ __file__";
const SCRIPT_GLOBALS: &str = "Array Boolean Date Error JSON Map Math Number Object Promise Proxy RangeError Reflect \
    RegExp Set String Symbol SyntaxError TypeError WeakMap WeakSet console document globalThis isNaN parseFloat \
    parseInt process undefined window arguments require module exports";

impl Facts {
    pub(super) fn of(family: Family, text: &str, statements: &[Node<'_>]) -> Self {
        let mut found = Self::default();
        if family != Family::Python && !family.is_script() {
            return found;
        }
        let is_python = family == Family::Python;
        let builtins: HashSet<&str> = match is_python {
            true => PYTHON_BUILTINS.split_whitespace().collect(),
            false => SCRIPT_GLOBALS.split_whitespace().collect(),
        };
        let mut bound: HashSet<&str> = HashSet::new();
        for statement in statements {
            preorder(*statement, |node| {
                bound.extend(bound_names(node).into_iter().map(|it| slice(text, it)));
                true
            });
        }
        for statement in statements {
            let mut walk = Walk::new(*statement);
            loop {
                let node = walk.node();
                found.visit(text, node, is_python, &bound);
                if is_name_that_is_read(node, walk.field()) {
                    let name = slice(text, node);
                    if !bound.contains(name) && !builtins.contains(name) {
                        push(&mut found.reads, code(name));
                    }
                }
                if !walk.advance(!node.kind().starts_with("import")) {
                    break;
                }
            }
        }
        found
    }

    fn visit(&mut self, text: &str, node: Node<'_>, is_python: bool, bound: &HashSet<&str>) {
        match node.kind() {
            "call" | "call_expression" | "new_expression" => {
                let called = node.child_by_field_name("function").or_else(|| node.child_by_field_name("constructor"));
                let Some(called) = called else { return };
                let name = slice(text, called);
                if name.len() <= 60 && !name.contains('\n') && !name.contains("=>") {
                    push(&mut self.calls, code(name));
                }
                let effect = EFFECTS.iter().find(|(call, _)| *call == name && !bound.contains(name));
                let effect = effect.or_else(|| EFFECT_PREFIXES.iter().find(|(prefix, _)| name.starts_with(prefix)));
                if let Some((_, effect)) = effect {
                    push(&mut self.effects, (*effect).to_owned());
                }
            }
            "raise_statement" | "throw_statement" => {
                let raised = node.named_child(0).filter(|it| it.kind() != "comment");
                let Some(raised) = raised else { return };
                let called =
                    raised.child_by_field_name("function").or_else(|| raised.child_by_field_name("constructor"));
                let kind = slice(text, called.unwrap_or(raised));
                if !is_caught(text, node, kind) {
                    // What a function makes that is no class is only known by its call.
                    let last = kind.rsplit('.').next().unwrap_or_default();
                    let is_class = called.is_none() || last.starts_with(char::is_uppercase);
                    push(&mut self.raised, if is_class { code(kind) } else { code(&format!("{kind}(…)")) });
                }
            }
            "assignment" | "augmented_assignment" | "assignment_expression" | "augmented_assignment_expression" => {
                if let Some(target) = node.child_by_field_name("left") {
                    self.write(text, target);
                }
            }
            "update_expression" => {
                if let Some(target) = node.child_by_field_name("argument") {
                    self.write(text, target);
                }
            }
            "variable_declarator" if node.child_by_field_name("value").is_some() => {
                if let Some(target) = node.child_by_field_name("name") {
                    self.write(text, target);
                }
            }
            "unary_expression" if slice(text, node).starts_with("delete ") => {
                if let Some(target) = node.child_by_field_name("argument") {
                    push(&mut self.effects, format!("deletes {}", code(slice(text, target))));
                }
            }
            "delete_statement" => {
                if let Some(target) = node.named_child(0) {
                    push(&mut self.effects, format!("deletes {}", code(slice(text, target))));
                }
            }
            "global_statement" if is_python => {
                let mut cursor = node.walk();
                let names: Vec<_> = node.named_children(&mut cursor).map(|it| code(slice(text, it))).collect();
                push(&mut self.effects, format!("may set {} of the module", list(&names)));
            }
            _ => {}
        }
    }

    fn write(&mut self, text: &str, target: Node<'_>) {
        match target.kind() {
            "attribute" | "member_expression" | "subscript" | "subscript_expression" => {
                let target = code(slice(text, target));
                push(&mut self.effects, format!("changes {target}"));
                push(&mut self.writes, target);
            }
            _ => pattern_names(target).into_iter().for_each(|it| push(&mut self.writes, code(slice(text, it)))),
        }
    }

    /// True when the function of that quoted name is called.
    pub(super) fn calls(&self, name: &str) -> bool {
        self.calls.iter().any(|it| it == name)
    }

    /// What is called besides that.
    pub(super) fn calls_but(&self, name: &str) -> Vec<String> {
        self.calls.iter().filter(|it| *it != name).cloned().collect()
    }

    /// The most noticeable effects, as a verb.
    pub(super) fn effects_in_short(&self) -> Option<String> {
        let (changes, others): (Vec<&String>, Vec<&String>) =
            self.effects.iter().partition(|it| it.starts_with("changes "));
        let mut short: Vec<String> = others.into_iter().take(2).cloned().collect();
        let changed: Vec<String> = changes.iter().map(|it| it.trim_start_matches("changes ").to_owned()).collect();
        if !changed.is_empty() && short.len() < 2 {
            short.push(format!("changes {}", short_list(&changed, 2)));
        }
        (!short.is_empty()).then(|| short.join(", "))
    }

    /// A list of all of it.
    pub(super) fn markdown(&self) -> String {
        let mut lines = String::from("\n");
        let mut add = |head: &str, items: &[String]| {
            if !items.is_empty() {
                lines += &format!("\n- **{head}**: {}", short_list(items, MAX_NAMES));
            }
        };
        add("Uses from outside", &self.reads);
        add("Writes", &self.writes);
        add("Calls", &self.calls);
        add("Can raise", &self.raised);
        let nothing = ["none to be seen here".to_owned()];
        add("Side effects", if self.effects.is_empty() { &nothing } else { &self.effects });
        if !self.calls.is_empty() {
            lines += "; what the called functions do is not looked into";
        }
        lines
    }
}

fn push(all: &mut Vec<String>, one: String) {
    if !all.contains(&one) {
        all.push(one);
    }
}

/// The names that a node binds.
fn bound_names(node: Node<'_>) -> Vec<Node<'_>> {
    let in_field = |field| node.child_by_field_name(field).map(pattern_names).unwrap_or_default();
    match node.kind() {
        "assignment" | "for_statement" | "for_in_clause" | "for_in_statement" => in_field("left"),
        "function_definition"
        | "class_definition"
        | "function_declaration"
        | "generator_function_declaration"
        | "function_expression"
        | "class_declaration"
        | "variable_declarator"
        | "named_expression" => in_field("name"),
        "catch_clause" | "arrow_function" => {
            let mut names = in_field("parameter");
            names.extend(in_field("parameters"));
            names
        }
        "parameters" | "lambda_parameters" | "formal_parameters" => {
            let mut cursor = node.walk();
            node.named_children(&mut cursor)
                .flat_map(|it| {
                    let name = it.child_by_field_name("name").or_else(|| it.child_by_field_name("pattern"));
                    pattern_names(name.or_else(|| it.child_by_field_name("left")).unwrap_or(it))
                })
                .collect()
        }
        "as_pattern_target" | "aliased_import" | "import_clause" | "dotted_name" | "case_pattern" => {
            pattern_names(node)
        }
        _ => Vec::new(),
    }
}

/// An identifier that stands for a value, not for a member or an argument's name.
fn is_name_that_is_read(node: Node<'_>, field: Option<&str>) -> bool {
    if node.kind() != "identifier" || matches!(field, Some("attribute" | "property" | "label" | "alias")) {
        return false;
    }
    let is_keyword = field == Some("name") && node.parent().is_some_and(|it| it.kind() == "keyword_argument");
    !is_keyword
}

/// True when a `try` around handles what is raised.
fn is_caught(text: &str, raise: Node<'_>, kind: &str) -> bool {
    let mut inner = raise;
    while let Some(outer) = inner.parent() {
        if matches!(
            outer.kind(),
            "function_definition"
                | "function_declaration"
                | "arrow_function"
                | "function_expression"
                | "method_definition"
        ) {
            return false;
        }
        if outer.kind() == "try_statement" && outer.child_by_field_name("body") == Some(inner) {
            let mut cursor = outer.walk();
            let is_handled = outer.named_children(&mut cursor).any(|clause| match clause.kind() {
                "catch_clause" => true,
                "except_clause" => {
                    let caught = clause.named_child(0).filter(|it| it.kind() != "block");
                    caught.is_none_or(|it| {
                        let names = slice(text, it).split(" as ").next().unwrap_or_default();
                        names
                            .split(['(', ')', ',', ' '])
                            .any(|name| name == kind || matches!(name, "Exception" | "BaseException"))
                    })
                }
                _ => false,
            });
            if is_handled {
                return true;
            }
        }
        inner = outer;
    }
    false
}
