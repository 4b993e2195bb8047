//! What the classes of a Python document extend, in it and outside of it.

use super::{Known, Members};
use crate::names::hierarchy::Hierarchy;
use crate::names::python::Value;

/// Classes of other modules that add no members one would name again, but for [`RESERVED`].
const HARMLESS: &[&str] = &[
    "object",
    "ABC",
    "Generic",
    "Protocol",
    "NamedTuple",
    "Enum",
    "IntEnum",
    "StrEnum",
    "Flag",
    "IntFlag",
    "Exception",
    "BaseException",
    "ValueError",
    "TypeError",
    "RuntimeError",
    "KeyError",
    "LookupError",
    "IndexError",
    "AttributeError",
    "NotImplementedError",
    "ArithmeticError",
    "AssertionError",
];

/// What [`HARMLESS`] classes have after all.
const RESERVED: &[&str] = &[
    "args",
    "with_traceback",
    "add_note",
    "name",
    "value",
    "obj",
    "count",
    "index",
    "_asdict",
    "_replace",
    "_fields",
    "_make",
    "_value_",
    "_name_",
    "_missing_",
    "_generate_next_value_",
];

/// For each class whether it extends something outside of the document, and something with few members only.
#[derive(Clone, Debug, Default)]
pub(super) struct Strangers(Vec<Option<IsHarmless>>);

type IsHarmless = bool;

/// What the classes extend.
pub(super) fn bases(members: &Members<'_>) -> (Hierarchy, Strangers) {
    let classes = &members.facts.classes;
    let mut own = vec![Vec::new(); classes.len()];
    let mut outside: Vec<Option<IsHarmless>> = vec![None; classes.len()];
    for (index, class) in classes.iter().enumerate() {
        if class.is_made {
            outside[index] = Some(false);
        }
        for base in &class.bases {
            match members.known(base, 0) {
                Some(Known::Class(base)) => own[index].push(base),
                _ => outside[index] = Some(outside[index].unwrap_or(true) && is_harmless(members, base)),
            }
        }
    }
    let hierarchy = Hierarchy::new(&own);
    let worst = |class: usize| {
        let found = hierarchy.line_of(class).iter().filter_map(|class| outside[*class]);
        found.reduce(|one, other| one && other)
    };
    let strangers = Strangers((0..classes.len()).map(worst).collect());
    (hierarchy, strangers)
}

fn is_harmless(members: &Members<'_>, base: &Value) -> bool {
    let start = match base {
        Value::Name(start) => Some(*start),
        Value::Member(access) => members.facts.accesses.get(*access).map(|access| access.range.start),
        _ => None,
    };
    let rest = start.and_then(|start| members.facts.text.get(start..)).unwrap_or_default();
    let word = rest.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or_default();
    HARMLESS.contains(&word)
}

impl Strangers {
    /// Why a member of a class may be one of a class that is not defined here.
    pub(super) fn obstacle(&self, class: usize, name: &str) -> Option<String> {
        let is_harmless = (*self.0.get(class)?)?;
        (!is_harmless || RESERVED.contains(&name)).then(|| {
            format!(
                "the class of `{name}` extends something that is not defined in this document and may have that member"
            )
        })
    }
}
