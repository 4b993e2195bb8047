//! The value of a constant, folded: numbers and texts that are computed from others in the same document.

use syntax::{Document, Node, TextRange};

use crate::{
    family::Family,
    simple_types::{assignments_of, binding_at},
    tree::preorder,
};

/// Constants that refer to each other are followed so far.
const MAX_DEPTH: usize = 16;
/// Longest value that is shown, in characters.
const MAX_SHOWN: usize = 80;

/// A value at the time the program is written.
#[derive(Clone, Debug, PartialEq)]
enum Value {
    Whole(i128),
    Decimal(f64),
    Text(String),
    Truth(bool),
    Tuple(Vec<Value>),
}

/// The value of the name that is defined at `name`, as the language writes it; none where it is written there already.
pub fn constant_value(document: &Document, name: TextRange) -> Option<String> {
    let family = Family::of(document.language());
    if family != Family::Python && !family.is_script() {
        return None;
    }
    let text = document.text().to_string();
    let folder = Folder { document, text: &text, is_python: family == Family::Python };
    let binding = binding_at(document, name)?;
    let value = binding.child_by_field_name("right").or_else(|| binding.child_by_field_name("value"))?;
    if assignments_of(document, &text, text.get(name.start..name.end)?) != 1 {
        return None;
    }
    let written = text.get(value.start_byte()..value.end_byte())?;
    let shown = folder.show(&folder.fold(value, 0)?);
    (shown != written && shown.chars().count() <= MAX_SHOWN).then_some(shown)
}

struct Folder<'a> {
    document: &'a Document,
    text: &'a str,
    is_python: bool,
}

impl Folder<'_> {
    fn slice(&self, node: Node<'_>) -> &str {
        self.text.get(node.start_byte()..node.end_byte()).unwrap_or_default()
    }

    fn fold(&self, node: Node<'_>, depth: usize) -> Option<Value> {
        if depth > MAX_DEPTH {
            return None;
        }
        let inner = |node: Node<'_>| self.fold(node, depth + 1);
        match node.kind() {
            "integer" | "float" | "number" => self.number(node),
            "true" => Some(Value::Truth(true)),
            "false" => Some(Value::Truth(false)),
            "string" => self.string(node),
            "parenthesized_expression" => inner(node.named_child(0)?),
            "tuple" | "expression_list" => {
                let mut cursor = node.walk();
                let parts: Option<Vec<Value>> = node.named_children(&mut cursor).map(inner).collect();
                Some(Value::Tuple(parts?))
            }
            "unary_operator" | "unary_expression" => {
                let operand = inner(node.child_by_field_name("argument")?)?;
                match (self.slice(node.child_by_field_name("operator")?), operand) {
                    ("-", Value::Whole(it)) => Some(Value::Whole(it.checked_neg()?)),
                    ("-", Value::Decimal(it)) => Some(Value::Decimal(-it)),
                    ("~", Value::Whole(it)) if self.is_python => Some(Value::Whole(!it)),
                    _ => None,
                }
            }
            "binary_operator" | "binary_expression" => {
                let (left, right) =
                    (inner(node.child_by_field_name("left")?)?, inner(node.child_by_field_name("right")?)?);
                self.binary(self.slice(node.child_by_field_name("operator")?), left, right)
            }
            "identifier" => inner(self.definition(self.slice(node))?),
            _ => None,
        }
    }

    /// The value of a name that is assigned once, at the top level.
    fn definition(&self, name: &str) -> Option<Node<'_>> {
        if assignments_of(self.document, self.text, name) != 1 {
            return None;
        }
        let mut value = None;
        preorder(self.document.tree()?.root_node(), |node| {
            let target = match node.kind() {
                "assignment" => node.child_by_field_name("left"),
                "variable_declarator" => node.child_by_field_name("name"),
                _ => None,
            };
            if target.is_some_and(|it| self.slice(it) == name) {
                value = node.child_by_field_name("right").or_else(|| node.child_by_field_name("value"));
            }
            // Names of functions and classes are not those of the module.
            value.is_none()
                && !matches!(
                    node.kind(),
                    "function_definition"
                        | "class_definition"
                        | "function_declaration"
                        | "class_declaration"
                        | "arrow_function"
                )
        });
        value
    }

    fn number(&self, node: Node<'_>) -> Option<Value> {
        let digits = self.slice(node).replace('_', "").to_ascii_lowercase();
        let digits = digits.trim_end_matches('n');
        let whole = match digits.get(..2) {
            Some("0x") => i128::from_str_radix(&digits[2..], 16).ok(),
            Some("0o") => i128::from_str_radix(&digits[2..], 8).ok(),
            Some("0b") => i128::from_str_radix(&digits[2..], 2).ok(),
            _ => digits.parse().ok(),
        };
        whole.map(Value::Whole).or_else(|| digits.parse().ok().filter(|it: &f64| it.is_finite()).map(Value::Decimal))
    }

    /// A text without escapes and interpolation.
    fn string(&self, node: Node<'_>) -> Option<Value> {
        let literal = self.slice(node);
        let inner = ["\"", "'"].into_iter().find_map(|quote| literal.strip_prefix(quote)?.strip_suffix(quote))?;
        (!inner.contains(['\\', '"', '\''])).then(|| Value::Text(inner.to_owned()))
    }

    fn binary(&self, operator: &str, left: Value, right: Value) -> Option<Value> {
        Some(match (left, right) {
            (Value::Text(left), Value::Text(right)) if operator == "+" => Value::Text(left + right.as_str()),
            (Value::Text(text), Value::Whole(times)) if operator == "*" && self.is_python => {
                Value::Text(text.repeat(usize::try_from(times).ok().filter(|it| *it <= MAX_SHOWN)?))
            }
            (Value::Whole(left), Value::Whole(right)) => self.whole(operator, left, right)?,
            (Value::Whole(left), Value::Decimal(right)) => decimal(operator, left as f64, right)?,
            (Value::Decimal(left), Value::Whole(right)) => decimal(operator, left, right as f64)?,
            (Value::Decimal(left), Value::Decimal(right)) => decimal(operator, left, right)?,
            _ => return None,
        })
    }

    fn whole(&self, operator: &str, left: i128, right: i128) -> Option<Value> {
        let value = match operator {
            "+" => left.checked_add(right)?,
            "-" => left.checked_sub(right)?,
            "*" => left.checked_mul(right)?,
            "**" if right >= 0 => left.checked_pow(u32::try_from(right).ok()?)?,
            "//" if right != 0 => left.checked_div(right)? - i128::from(left % right != 0 && (left < 0) != (right < 0)),
            "/" if right != 0 => return Some(quotient(left, right, self.is_python)),
            "%" if right != 0 && self.is_python => (left.checked_rem(right)? + right).checked_rem(right)?,
            "%" if right != 0 => left.checked_rem(right)?,
            // JavaScript's are of 32 bits.
            "<<" if self.is_python && (0..120).contains(&right) => {
                left.checked_mul(1_i128.checked_shl(u32::try_from(right).ok()?)?)?
            }
            ">>" if self.is_python && (0..127).contains(&right) => left >> right,
            "|" if self.is_python => left | right,
            "&" if self.is_python => left & right,
            "^" if self.is_python => left ^ right,
            _ => return None,
        };
        // Whole numbers of JavaScript are exact up to here.
        (self.is_python || value.unsigned_abs() < 1 << 53).then_some(Value::Whole(value))
    }

    fn show(&self, value: &Value) -> String {
        match value {
            Value::Whole(it) => it.to_string(),
            Value::Decimal(it) => format!("{it:?}"),
            Value::Text(it) => format!("\"{it}\""),
            Value::Truth(it) if self.is_python => if *it { "True" } else { "False" }.to_owned(),
            Value::Truth(it) => it.to_string(),
            Value::Tuple(parts) => {
                let shown: Vec<String> = parts.iter().map(|it| self.show(it)).collect();
                let comma = if shown.len() == 1 { "," } else { "" };
                format!("({}{comma})", shown.join(", "))
            }
        }
    }
}

fn quotient(left: i128, right: i128, is_python: bool) -> Value {
    // Python's division always gives a float.
    if !is_python && left % right == 0 {
        Value::Whole(left / right)
    } else {
        Value::Decimal(left as f64 / right as f64)
    }
}

fn decimal(operator: &str, left: f64, right: f64) -> Option<Value> {
    let value = match operator {
        "+" => left + right,
        "-" => left - right,
        "*" => left * right,
        "/" if right != 0.0 => left / right,
        _ => return None,
    };
    value.is_finite().then_some(Value::Decimal(value))
}

#[cfg(test)]
mod tests {
    use syntax::{Document, Language, TextRange};

    use super::constant_value;

    fn check(language: &str, text: &str, expected: &str) {
        let at = text.find('X').expect("an X");
        let document = Document::new(text, Language::from_name(language).expect("in the registry"), 1);
        let found = constant_value(&document, TextRange::new(at, at + 1));
        assert_eq!(found.as_deref().unwrap_or("-"), expected, "{text}");
    }

    #[test]
    fn values() {
        check("python", "X = 60 * 60 * 24\n", "86400");
        check("python", "X = 1 << 20\n", "1048576");
        check("python", "X = -7 // 2\n", "-4");
        check("python", "X = -7 % 3\n", "2");
        check("python", "X = 7 / 2\n", "3.5");
        check("python", "X = 'a' + 'b' * 3\n", "\"abbb\"");
        check("python", "X = (1 + 1, 0x10)\n", "(2, 16)");
        check("python", "X = 5\n", "-");
        check("python", "X = A * 2\nA = B + 1\nB = 2\n", "6");
        check("python", "X = A\nA = X\n", "-");
        check("python", "X = 1 + 1\nX = 3\n", "-");
        check("python", "X = f() + 1\n", "-");
        check("python", "X = 2 ** 200\n", "-");
        check("javascript", "const X = 1000 * 60;", "60000");
        check("javascript", "const X = 1 / 4;", "0.25");
        check("javascript", "const X = -7 % 3;", "-1");
        check("javascript", "const X = 1 << 31;", "-");
        check("javascript", "const X = 2 ** 53;", "-");
    }
}
