//! What a name may be, per language.

use syntax::Language;

use super::Refusal;
use crate::family::Family;

/// The new name as it has to be written, if it can be one.
///
/// # Errors
/// Why it cannot.
pub fn new_name(language: Language, old: &str, new: &str) -> Result<String, Refusal> {
    let family = Family::of(language);
    // A private name of JavaScript is written with its mark as well as without.
    let new = if family.is_script() { new.trim().strip_prefix('#').unwrap_or(new.trim()) } else { new.trim() };
    let has_dollar = family.is_script() || family == Family::Java;
    let is_start = |c: char| c.is_alphabetic() || c == '_' || (has_dollar && c == '$');
    let is_name = new.starts_with(is_start) && new.chars().all(|c| is_start(c) || c.is_alphanumeric());
    if new.is_empty() {
        return Err("the new name is empty".to_owned());
    }
    if !is_name {
        return Err(format!("`{new}` is not a name in {}", language.name()));
    }
    if is_keyword(language, new) {
        return Err(format!("`{new}` is a keyword of {}", language.name()));
    }
    if family == Family::Python {
        let is_mangled = |name: &str| name.starts_with("__") && !name.ends_with("__");
        if is_mangled(new) != is_mangled(old) {
            return Err(format!(
                "names that begin with two underscores are private to their class, so `{old}` cannot become `{new}`"
            ));
        }
        if new.len() > 4 && new.starts_with("__") && new.ends_with("__") {
            return Err(format!("`{new}` has a meaning of its own in Python"));
        }
    }
    Ok(new.to_owned())
}

/// Whether a word is no name because the language has it for itself.
pub(super) fn is_keyword(language: Language, word: &str) -> bool {
    let words = match Family::of(language) {
        Family::Python => PYTHON,
        Family::Script | Family::ScriptJsx => SCRIPT,
        Family::Rust => RUST,
        Family::Go => GO,
        Family::Java => JAVA,
        Family::C => C,
        Family::Cpp => return [C, CPP].iter().any(|words| words.split_whitespace().any(|it| it == word)),
        _ => "",
    };
    words.split_whitespace().any(|keyword| keyword == word)
}

const PYTHON: &str = "\
    False None True and as assert async await break class continue def del elif else except finally for from global \
    if import in is lambda nonlocal not or pass raise return try while with yield";
const SCRIPT: &str = "\
    arguments await break case catch class const continue debugger default delete do else enum eval export extends \
    false finally for function if implements import in instanceof interface let new null package private protected \
    public return static super switch this throw true try typeof undefined var void while with yield";
const RUST: &str = "\
    Self abstract as async await become box break const continue crate do dyn else enum extern false final fn for gen \
    if impl in let loop macro match mod move mut override priv pub ref return self static struct super trait true try \
    type typeof unsafe unsized use virtual where while yield";
const GO: &str = "\
    break case chan const continue default defer else fallthrough for func go goto if import interface map package \
    range return select struct switch type var";
const JAVA: &str = "\
    _ abstract assert boolean break byte case catch char class const continue default do double else enum extends \
    false final finally float for goto if implements import instanceof int interface long native new null package \
    private protected public return short static strictfp super switch synchronized this throw throws transient true \
    try void volatile while";
const C: &str = "\
    auto break case char const continue default do double else enum extern float for goto if inline int long register \
    restrict return short signed sizeof static struct switch typedef union unsigned void volatile while bool true \
    false nullptr alignas alignof constexpr static_assert thread_local typeof";
const CPP: &str = "\
    and and_eq asm bitand bitor catch class compl concept consteval constinit const_cast co_await co_return co_yield \
    decltype delete dynamic_cast explicit export friend mutable namespace new noexcept not not_eq operator or or_eq \
    private protected public reinterpret_cast requires static_cast template this throw try typeid typename using \
    virtual wchar_t xor xor_eq";
