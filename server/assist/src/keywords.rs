//! Words of languages, for the completion menu.

/// Keywords of a language, in alphabetical order; none where the language is not listed.
pub(crate) fn keywords(language: &str) -> impl Iterator<Item = &'static str> {
    let words = match language {
        "python" => PYTHON,
        "javascript" | "javascriptreact" => JAVASCRIPT,
        "typescript" | "typescriptreact" => TYPESCRIPT,
        "rust" => RUST,
        "go" => GO,
        "java" => JAVA,
        "c" => C,
        "cpp" => CPP,
        "json" => JSON,
        _ => "",
    };
    words.split_whitespace()
}

const PYTHON: &str = "\
    False None True and as assert async await break case class continue def del elif else except finally for from \
    global if import in is lambda match nonlocal not or pass raise return try while with yield";
const JAVASCRIPT: &str = "\
    async await break case catch class const continue debugger default delete do else export extends false finally \
    for function if import in instanceof let new null of return static super switch this throw true try typeof \
    undefined var void while yield";
const TYPESCRIPT: &str = "\
    abstract any as async await boolean break case catch class const continue declare default delete do else enum \
    export extends false finally for function if implements import in instanceof interface keyof let namespace never \
    new null number of private protected public readonly return satisfies static string super switch this throw true \
    try type typeof undefined unknown var void while yield";
const RUST: &str = "\
    as async await break const continue crate dyn else enum extern false fn for if impl in let loop match mod move \
    mut pub ref return self Self static struct super trait true type unsafe use where while";
const GO: &str = "\
    break case chan const continue default defer else fallthrough false for func go goto if import interface map nil \
    package range return select struct switch true type var";
const JAVA: &str = "\
    abstract assert boolean break byte case catch char class continue default do double else enum extends false \
    final finally float for if implements import instanceof int interface long native new null package private \
    protected public record return sealed short static super switch synchronized this throw throws transient true \
    try var void volatile while yield";
const C: &str = "\
    auto bool break case char const continue default do double else enum extern false float for goto if inline int \
    long register restrict return short signed sizeof static struct switch true typedef union unsigned void volatile \
    while";
const CPP: &str = "\
    auto bool break case catch char class concept const constexpr continue default delete do double else enum \
    explicit extern false float for friend if inline int long mutable namespace new noexcept nullptr operator \
    override private protected public requires return short signed sizeof static struct switch template this throw \
    true try typedef typename union unsigned using virtual void volatile while";
const JSON: &str = "false null true";
