//! The type of a variable, where its definition says it: an annotation, a literal, a constructor, a comprehension.
//!
//! Python, JavaScript and TypeScript. Only what is certain: a name that is assigned twice has no type here unless it is
//! annotated.

use std::collections::HashSet;

use syntax::{Document, Node, TextRange};

use crate::{
    family::Family,
    outline::one_line,
    tree::{path_to, range_of},
};

/// Longest type that is shown, in bytes.
const MAX_TYPE: usize = 80;

/// The type of the variable whose name stands at `name` in its definition.
pub fn simple_type(document: &Document, name: TextRange) -> Option<String> {
    let family = Family::of(document.language());
    if family != Family::Python && !family.is_script() {
        return None;
    }
    let text = document.text().to_string();
    let typed = Typed { text: &text, is_python: family == Family::Python };
    let binding = binding_at(document, name)?;
    if let Some(annotation) = binding.child_by_field_name("type") {
        return typed.annotation(annotation);
    }
    let value = binding.child_by_field_name("right").or_else(|| binding.child_by_field_name("value"))?;
    let word = text.get(name.start..name.end)?;
    let is_constant = binding
        .parent()
        .is_some_and(|it| it.kind() == "lexical_declaration" && it.child(0).is_some_and(|it| it.kind() == "const"));
    if !is_constant && assignments_of(document, &text, word) != 1 {
        return None;
    }
    typed.value(document, value).filter(|it| it.len() <= MAX_TYPE)
}

/// The name that is called to make the value of a variable: `Square` of `s = Square(2)`. A class or a function.
pub fn constructor_name(document: &Document, name: TextRange) -> Option<String> {
    let text = document.text().to_string();
    let binding = binding_at(document, name)?;
    let value = binding.child_by_field_name("right").or_else(|| binding.child_by_field_name("value"))?;
    let called = value.child_by_field_name("function").or_else(|| value.child_by_field_name("constructor"))?;
    let word = text.get(name.start..name.end)?;
    let is_sure = called.kind() == "identifier" && assignments_of(document, &text, word) == 1;
    is_sure.then(|| text.get(called.start_byte()..called.end_byte()))?.map(str::to_owned)
}

/// The assignment or declaration that binds the one name at `name`.
pub(crate) fn binding_at(document: &Document, name: TextRange) -> Option<Node<'_>> {
    let path = path_to(document.tree()?, name.end);
    let binding = path.into_iter().rev().find(|node| {
        matches!(
            node.kind(),
            "assignment"
                | "variable_declarator"
                | "required_parameter"
                | "optional_parameter"
                | "typed_parameter"
                | "typed_default_parameter"
                | "public_field_definition"
        )
    })?;
    let named = binding
        .child_by_field_name("left")
        .or_else(|| binding.child_by_field_name("name"))
        .or_else(|| binding.child_by_field_name("pattern"))
        .or_else(|| binding.named_child(0))?;
    (range_of(named) == name).then_some(binding)
}

/// Names that occur more often have no type and no value here: to look at each occurrence would take too long.
const MAX_OCCURRENCES: usize = 400;

/// How often a name is given a value anywhere in the document, whatever it means there; of very frequent names, often.
pub(crate) fn assignments_of(document: &Document, text: &str, name: &str) -> usize {
    let Some(occurrences) = occurrences(document, text, name) else { return usize::MAX };
    occurrences.iter().filter(|path| is_assigned(path)).count()
}

/// The ways down to the identifiers of that name.
fn occurrences<'tree>(document: &'tree Document, text: &str, name: &str) -> Option<Vec<Vec<Node<'tree>>>> {
    let tree = document.tree()?;
    let is_word = |c: char| c.is_alphanumeric() || c == '_' || c == '$';
    let whole = text
        .match_indices(name)
        .map(|(at, _)| at)
        .filter(|at| !text[..*at].ends_with(is_word) && !text[at + name.len()..].starts_with(is_word));
    let mut found = Vec::new();
    for at in whole {
        if found.len() == MAX_OCCURRENCES {
            return None;
        }
        let path = path_to(tree, at);
        if path.last().is_some_and(|leaf| leaf.kind().ends_with("identifier") && leaf.start_byte() == at) {
            found.push(path);
        }
    }
    Some(found)
}

/// True when the identifier at the end of the way is what some statement or parameter list gives a value.
fn is_assigned(path: &[Node<'_>]) -> bool {
    for (at, inner) in path.iter().enumerate().rev() {
        let Some(outer) = at.checked_sub(1).map(|outer| path[outer]) else { return false };
        let is_in = |field| outer.child_by_field_name(field).is_some_and(|it| it == *inner);
        match outer.kind() {
            "assignment"
            | "augmented_assignment"
            | "assignment_expression"
            | "augmented_assignment_expression"
            | "for_statement"
            | "for_in_statement"
            | "for_in_clause" => return is_in("left"),
            "variable_declarator" | "named_expression" => return is_in("name"),
            "default_parameter" | "typed_default_parameter" | "required_parameter" | "optional_parameter"
                if is_in("value") =>
            {
                return false;
            }
            "assignment_pattern" if is_in("right") => return false,
            "update_expression" => return is_in("argument"),
            "as_pattern_target" | "parameters" | "lambda_parameters" | "formal_parameters" | "delete_statement"
            | "global_statement" | "nonlocal_statement" => return true,
            // What a member or an element is given is no value of the name, and neither is a default or a type.
            "attribute" | "subscript" | "member_expression" | "subscript_expression" | "type" | "type_annotation" => {
                return false;
            }
            kind if kind.contains("block") || kind.contains("call") || kind.contains("argument") => return false,
            _ => {}
        }
    }
    false
}

struct Typed<'a> {
    text: &'a str,
    is_python: bool,
}

impl Typed<'_> {
    fn slice(&self, node: Node<'_>) -> &str {
        self.text.get(node.start_byte()..node.end_byte()).unwrap_or_default()
    }

    fn annotation(&self, node: Node<'_>) -> Option<String> {
        let name = one_line(self.slice(node).trim_start_matches(':'));
        (!name.is_empty() && name.len() <= MAX_TYPE).then_some(name)
    }

    fn value(&self, document: &Document, node: Node<'_>) -> Option<String> {
        let kind = node.kind();
        if self.is_python {
            return Some(match kind {
                "integer" if self.slice(node).ends_with(['j', 'J']) => "complex".to_owned(),
                "integer" => "int".to_owned(),
                "float" if self.slice(node).ends_with(['j', 'J']) => "complex".to_owned(),
                "float" => "float".to_owned(),
                "true" | "false" | "not_operator" => "bool".to_owned(),
                "none" => "None".to_owned(),
                "string" | "concatenated_string" => {
                    let quote = self.slice(node).find(['"', '\''])?;
                    let is_bytes = self.slice(node)[..quote].to_ascii_lowercase().contains('b');
                    if is_bytes { "bytes".to_owned() } else { "str".to_owned() }
                }
                "list" => self.elements(document, node, "list"),
                "set" => self.elements(document, node, "set"),
                "tuple" | "expression_list" => self.tuple(document, node),
                "dictionary" => self.dictionary(document, node),
                "list_comprehension" => "list".to_owned(),
                "set_comprehension" => "set".to_owned(),
                "dictionary_comprehension" => "dict".to_owned(),
                "generator_expression" => "generator".to_owned(),
                "lambda" => "function".to_owned(),
                "parenthesized_expression" => return self.value(document, node.named_child(0)?),
                "call" => return self.constructed(document, node.child_by_field_name("function")?),
                _ => return None,
            });
        }
        Some(match kind {
            "number" if self.slice(node).ends_with('n') => "bigint".to_owned(),
            "number" => "number".to_owned(),
            "string" | "template_string" => "string".to_owned(),
            "true" | "false" => "boolean".to_owned(),
            "array" => "array".to_owned(),
            "object" => "object".to_owned(),
            "regex" => "RegExp".to_owned(),
            "arrow_function" | "function_expression" | "generator_function" => "function".to_owned(),
            "new_expression" => one_line(self.slice(node.child_by_field_name("constructor")?)),
            "parenthesized_expression" => return self.value(document, node.named_child(0)?),
            "as_expression" | "satisfies_expression" => {
                let target = node.named_child(1)?;
                one_line(self.slice(target))
            }
            "call_expression" => return self.constructed(document, node.child_by_field_name("function")?),
            _ => return None,
        })
    }

    /// The name of the types of all elements, if it is one.
    fn common(&self, document: &Document, nodes: &[Node<'_>]) -> Option<String> {
        let types: HashSet<Option<String>> = nodes.iter().take(64).map(|it| self.value(document, *it)).collect();
        (types.len() == 1 && nodes.len() <= 64).then(|| types.into_iter().next().flatten())?
    }

    fn elements(&self, document: &Document, node: Node<'_>, name: &str) -> String {
        let mut cursor = node.walk();
        let all: Vec<_> = node.named_children(&mut cursor).filter(|it| it.kind() != "comment").collect();
        let element = self.common(document, &all);
        element.map_or_else(|| name.to_owned(), |element| format!("{name}[{element}]"))
    }

    fn tuple(&self, document: &Document, node: Node<'_>) -> String {
        let mut cursor = node.walk();
        let all: Vec<_> = node.named_children(&mut cursor).collect();
        let types: Option<Vec<String>> = all.iter().take(8).map(|it| self.value(document, *it)).collect();
        match types {
            Some(types) if !types.is_empty() && all.len() <= 8 => format!("tuple[{}]", types.join(", ")),
            _ => "tuple".to_owned(),
        }
    }

    fn dictionary(&self, document: &Document, node: Node<'_>) -> String {
        let mut cursor = node.walk();
        let pairs: Vec<_> = node.named_children(&mut cursor).filter(|it| it.kind() != "comment").collect();
        let side = |field| -> Option<String> {
            let all: Option<Vec<_>> = pairs.iter().map(|it| it.child_by_field_name(field)).collect();
            self.common(document, &all?)
        };
        match (side("key"), side("value")) {
            (Some(key), Some(value)) => format!("dict[{key}, {value}]"),
            _ => "dict".to_owned(),
        }
    }

    /// What a call gives: of a class in the document an object of it, of a function what its annotation says.
    fn constructed(&self, document: &Document, function: Node<'_>) -> Option<String> {
        const PYTHON: &[&str] =
            &["bool", "bytes", "dict", "float", "frozenset", "int", "list", "range", "set", "str", "tuple"];
        let name = self.slice(function);
        if function.kind() != "identifier" {
            return None;
        }
        let definitions = occurrences(document, self.text, name)?;
        let found: Vec<Node<'_>> = definitions
            .iter()
            .filter_map(|path| {
                let (name, node) = (path.last()?, path.get(path.len().checked_sub(2)?)?);
                let is_definition = matches!(
                    node.kind(),
                    "class_definition" | "function_definition" | "function_declaration" | "class_declaration"
                );
                (is_definition && node.child_by_field_name("name").as_ref() == Some(name)).then_some(*node)
            })
            .collect();
        match found.as_slice() {
            [class] if class.kind() == "class_definition" => Some(name.to_owned()),
            [function] if function.kind() != "class_declaration" => {
                let is_plain = function.child(0).is_some_and(|it| it.kind() != "async")
                    && function.parent().is_some_and(|it| it.kind() != "decorated_definition");
                self.annotation(function.child_by_field_name("return_type").filter(|_| is_plain)?)
            }
            [] if self.is_python && PYTHON.contains(&name) && assignments_of(document, self.text, name) == 0 => {
                Some(name.to_owned())
            }
            [] if name == "len" && self.is_python && assignments_of(document, self.text, name) == 0 => {
                Some("int".to_owned())
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use syntax::{Document, Language, TextRange};

    use super::simple_type;

    /// The type of the first `x` of each text.
    fn check(language: &str, cases: &[(&str, &str)]) {
        let language = Language::from_name(language).expect("in the registry");
        let mut wrong = Vec::new();
        for (text, expected) in cases {
            let at = text.find('x').expect("an x");
            let document = Document::new(text, language, 1);
            let found = simple_type(&document, TextRange::new(at, at + 1)).unwrap_or_else(|| "-".to_owned());
            if found != *expected {
                wrong.push(format!("{text}: {found}, expected {expected}"));
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    #[test]
    fn python() {
        check(
            "python",
            &[
                ("x = 1\n", "int"),
                ("x = 1.5\n", "float"),
                ("x = 2j\n", "complex"),
                ("x = b'a'\n", "bytes"),
                ("x = 'a'\n", "str"),
                ("x = [1, 2]\n", "list[int]"),
                ("x = [1, 'a']\n", "list"),
                ("x = []\n", "list"),
                ("x = {'a': 1}\n", "dict[str, int]"),
                ("x = (1, 'a')\n", "tuple[int, str]"),
                ("x = [a for a in b]\n", "list"),
                ("x = set()\n", "set"),
                ("x: list[int] = f()\n", "list[int]"),
                ("x = 1\nx = 'a'\n", "-"),
                ("x = 1\ndef f():\n    global x\n", "-"),
                ("x = 1\ndef f(a=x): return x.y, x[0]\n", "int"),
                ("x = f()\n", "-"),
                ("x = f()\ndef f() -> int:\n    return 1\n", "int"),
                ("x = f()\nasync def f() -> int:\n    return 1\n", "-"),
                ("x = A()\nclass A:\n    pass\n", "A"),
                ("x = int(y)\n", "int"),
                ("x = int(y)\nint = 3\n", "-"),
                ("def f(x: str): pass\n", "str"),
                ("x, y = 1, 2\n", "-"),
            ],
        );
    }

    #[test]
    fn script() {
        check(
            "typescript",
            &[
                ("const x = 1;", "number"),
                ("let x = 'a'; x = 1;", "-"),
                ("let x: Point = f();", "Point"),
                ("const x = new Map();", "Map"),
                ("const x = `a`;", "string"),
                ("const x = /a/;", "RegExp"),
                ("const x = f();", "-"),
                ("function f(x: number) {}", "number"),
                ("const x = y as Point;", "Point"),
            ],
        );
    }
}
