//! One-line meanings of keywords and operators: what a beginner wants to know, not a manual.

use std::ops::Range;

use crate::words::is_word;

/// Rows of (word or operator, meaning).
type Table = &'static [(&'static str, &'static str)];

/// The keyword or operator that touches `column` (bytes) of `line`, and what it means.
pub(super) fn at(language: &str, line: &str, column: usize) -> Option<(Range<usize>, &'static str)> {
    let tables = tables(language);
    let column = (0..=column.min(line.len())).rev().find(|&at| line.is_char_boundary(at))?;
    let start =
        line[..column].rfind(|c| !is_word(c)).map_or(0, |at| at + line[at..].chars().next().map_or(1, char::len_utf8));
    let end = line[column..].find(|c| !is_word(c)).map_or(line.len(), |at| column + at);
    if start < end {
        return lookup(tables, &line[start..end]).map(|meaning| (start..end, meaning));
    }
    // Operators: the longest one of the table that covers the column.
    let mut best: Option<(Range<usize>, &'static str)> = None;
    for (operator, meaning) in tables.iter().flat_map(|table| table.iter()) {
        if operator.starts_with(is_word) || best.as_ref().is_some_and(|(range, _)| range.len() >= operator.len()) {
            continue;
        }
        let from = column.saturating_sub(operator.len());
        let found = (from..=column).find(|&at| line.get(at..).is_some_and(|rest| rest.starts_with(operator)));
        if let Some(at) = found {
            best = Some((at..at + operator.len(), meaning));
        }
    }
    best
}

/// What a word means wherever it stands, such as the name of a magic method.
pub(super) fn meaning(language: &str, word: &str) -> Option<&'static str> {
    lookup(tables(language), word)
}

fn lookup(tables: &[Table], word: &str) -> Option<&'static str> {
    tables.iter().flat_map(|table| table.iter()).find(|(key, _)| *key == word).map(|(_, meaning)| *meaning)
}

fn tables(language: &str) -> &'static [Table] {
    match language {
        "python" => &[PYTHON, PYTHON_METHODS],
        "javascript" | "javascriptreact" => &[JAVASCRIPT],
        "typescript" | "typescriptreact" => &[JAVASCRIPT, TYPESCRIPT],
        "rust" => &[RUST],
        "go" => &[GO],
        "c" => &[C],
        "cpp" => &[C, CPP],
        _ => &[],
    }
}

const PYTHON: Table = &[
    ("and", "true when both sides are; gives the first false side, else the second"),
    ("as", "names what was imported, opened or caught"),
    ("assert", "raises `AssertionError` when the condition is false; left out under `python -O`"),
    ("async", "makes a coroutine, an asynchronous loop or an asynchronous `with`"),
    ("await", "waits for an awaitable without blocking the event loop"),
    ("break", "leaves the innermost loop; its `else` part is not run"),
    ("case", "a pattern of `match`"),
    ("class", "defines a class"),
    ("continue", "goes on with the next round of the innermost loop"),
    ("def", "defines a function"),
    ("del", "removes a name, an item or an attribute"),
    ("elif", "a further condition of `if`"),
    ("else", "runs when no condition held, or when a loop ended without `break`"),
    ("except", "handles an exception of the `try` block"),
    ("False", "the false value of `bool`"),
    ("finally", "runs at the end of `try`, whatever happened"),
    ("for", "goes over the items of an iterable"),
    ("from", "imports names from a module; `yield from` and `raise … from` pass on and link"),
    ("global", "makes assignments in this function go to the module's name"),
    ("if", "runs the block when the condition is true"),
    ("import", "loads a module and binds its name"),
    ("in", "true when the item is contained; in `for`, what is gone over"),
    ("is", "true when both are the same object, not merely equal"),
    ("lambda", "a function of one expression, without a name"),
    ("match", "compares a value with patterns (3.10)"),
    ("None", "the value that stands for nothing"),
    ("nonlocal", "makes assignments go to the enclosing function's name"),
    ("not", "true when the operand is false"),
    ("or", "true when one side is; gives the first true side, else the second"),
    ("pass", "does nothing, where a statement is needed"),
    ("raise", "raises an exception; alone, raises the caught one again"),
    ("return", "ends the function with a value"),
    ("True", "the true value of `bool`"),
    ("try", "runs a block whose exceptions are handled below"),
    ("while", "repeats the block as long as the condition is true"),
    ("with", "enters a context manager and leaves it whatever happens"),
    ("yield", "hands a value to the caller and pauses the generator"),
    (":=", "assigns inside an expression and gives the value (3.8)"),
    ("//", "division rounded down"),
    ("**", "power; before an argument, spreads a mapping"),
    ("->", "the type a function returns"),
    ("@", "decorator of the definition below; between values, matrix product"),
];

const PYTHON_METHODS: Table = &[
    ("__init__", "sets a new object up; called with the arguments of the class"),
    ("__new__", "makes the object, before `__init__` sets it up"),
    ("__del__", "runs when the object is about to be destroyed; nobody says when"),
    ("__repr__", "what `repr(x)` gives: text for developers"),
    ("__str__", "what `str(x)` and `print` give: text for people"),
    ("__bytes__", "what `bytes(x)` gives"),
    ("__format__", "what `format(x, spec)` and f-strings give"),
    ("__eq__", "`x == y`; without `__hash__` beside it, objects cannot be keys"),
    ("__ne__", "`x != y`; by default the opposite of `__eq__`"),
    ("__lt__", "`x < y`, also what sorting uses"),
    ("__le__", "`x <= y`"),
    ("__gt__", "`x > y`"),
    ("__ge__", "`x >= y`"),
    ("__hash__", "what `hash(x)` gives; equal objects must have equal hashes"),
    ("__bool__", "whether the object counts as true; else `__len__` decides"),
    ("__len__", "what `len(x)` gives"),
    ("__getitem__", "`x[key]`"),
    ("__setitem__", "`x[key] = value`"),
    ("__delitem__", "`del x[key]`"),
    ("__missing__", "what a `dict` subclass gives for a key that is not there"),
    ("__contains__", "`item in x`"),
    ("__iter__", "gives an iterator: `for item in x`"),
    ("__next__", "the next item of an iterator; `StopIteration` at its end"),
    ("__reversed__", "what `reversed(x)` goes over"),
    ("__call__", "makes objects callable: `x(...)`"),
    ("__enter__", "runs when a `with` block begins; gives the value behind `as`"),
    ("__exit__", "runs when a `with` block ends; a true result swallows the exception"),
    ("__aenter__", "`__enter__` of `async with`"),
    ("__aexit__", "`__exit__` of `async with`"),
    ("__aiter__", "gives an asynchronous iterator: `async for`"),
    ("__anext__", "the next item of an asynchronous iterator"),
    ("__await__", "gives the iterator that `await x` runs"),
    ("__getattr__", "gives an attribute that is not found otherwise"),
    ("__getattribute__", "gives every attribute; replaces the usual look-up"),
    ("__setattr__", "`x.name = value`"),
    ("__delattr__", "`del x.name`"),
    ("__dir__", "what `dir(x)` lists"),
    ("__get__", "makes a descriptor: what an attribute gives when it is read"),
    ("__set__", "makes a data descriptor: what happens when an attribute is set"),
    ("__set_name__", "tells a descriptor the name it was assigned to"),
    ("__init_subclass__", "runs for every class that inherits from this one"),
    ("__class_getitem__", "`Class[item]`, as in type annotations"),
    ("__slots__", "the only attributes that objects have; saves their `__dict__`"),
    ("__dict__", "the attributes of an object, as a dictionary"),
    ("__doc__", "the documentation string"),
    ("__name__", "the name; of the program that is run, `__main__`"),
    ("__file__", "the path the module was loaded from"),
    ("__all__", "the names that `from module import *` brings in"),
    ("__main__", "the name of the program that is run"),
    ("__add__", "`x + y`"),
    ("__radd__", "`y + x`, when `y` does not know how"),
    ("__iadd__", "`x += y`"),
    ("__sub__", "`x - y`"),
    ("__mul__", "`x * y`"),
    ("__matmul__", "`x @ y`"),
    ("__truediv__", "`x / y`"),
    ("__floordiv__", "`x // y`"),
    ("__mod__", "`x % y`"),
    ("__pow__", "`x ** y`"),
    ("__and__", "`x & y`"),
    ("__or__", "`x | y`"),
    ("__xor__", "`x ^ y`"),
    ("__lshift__", "`x << y`"),
    ("__rshift__", "`x >> y`"),
    ("__neg__", "`-x`"),
    ("__pos__", "`+x`"),
    ("__invert__", "`~x`"),
    ("__abs__", "what `abs(x)` gives"),
    ("__int__", "what `int(x)` gives"),
    ("__float__", "what `float(x)` gives"),
    ("__index__", "the whole number that stands for the object in an index or slice"),
    ("__round__", "what `round(x)` gives"),
    ("__copy__", "what `copy.copy(x)` gives"),
    ("__deepcopy__", "what `copy.deepcopy(x)` gives"),
    ("__post_init__", "runs at the end of a dataclass' `__init__`"),
];

const GO: Table = &[
    ("break", "leaves the innermost (or labelled) `for`, `switch` or `select`"),
    ("case", "a value of `switch`, or a communication of `select`"),
    ("chan", "a channel: goroutines hand values over it"),
    ("const", "values known when the program is compiled"),
    ("continue", "goes on with the next round of the loop"),
    ("default", "what runs when no case fits; in `select`, when none is ready"),
    ("defer", "calls the function when the surrounding one returns, last deferred first"),
    ("else", "runs when the condition was false"),
    ("fallthrough", "goes on with the next case without testing it"),
    ("for", "the only loop: with a condition, three parts, `range`, or without end"),
    ("func", "defines a function"),
    ("go", "calls the function in a goroutine of its own"),
    ("goto", "jumps to a label"),
    ("if", "runs the block when the condition is true; a statement may stand before it"),
    ("import", "makes other packages usable"),
    ("interface", "a set of methods; a type fulfils it by having them"),
    ("iota", "counts the lines of a `const` block from 0"),
    ("map", "a hash table"),
    ("nil", "the zero value of pointers, slices, maps, channels, functions and interfaces"),
    ("package", "the package the file belongs to"),
    ("range", "goes over items of a slice, map, text, channel, or counts"),
    ("return", "ends the function, with values if it has any"),
    ("select", "waits until one of several communications can go on"),
    ("struct", "a type with fields"),
    ("switch", "runs the first case that fits; cases do not fall through"),
    ("type", "defines a type"),
    ("var", "declares variables; without a value they are zero"),
    (":=", "declares and assigns"),
    ("<-", "sends to or receives from a channel"),
];

const C: Table = &[
    ("auto", "C: a variable of the block (the default); C++ and C23: the type of the initial value"),
    ("break", "leaves the innermost loop or `switch`"),
    ("case", "a value of `switch`"),
    ("const", "must not be changed through this name"),
    ("continue", "goes on with the next round of the innermost loop"),
    ("default", "what `switch` runs when no case fits"),
    ("do", "runs the block once, then as long as the condition is true"),
    ("else", "runs when the condition was false"),
    ("enum", "names whole numbers"),
    ("extern", "defined in another file"),
    ("for", "a loop with a start, a condition and a step"),
    ("goto", "jumps to a label of the function"),
    ("if", "runs the statement when the condition is not 0"),
    ("inline", "may be put in where it is called"),
    ("register", "a hint from old times; the address must not be taken"),
    ("restrict", "a promise that nothing else points to the same memory"),
    ("return", "ends the function with a value"),
    ("sizeof", "size of a type or value in bytes, as `size_t`"),
    ("static", "at file level: seen in this file only; in a function: keeps its value between calls"),
    ("struct", "a type with members one after the other"),
    ("switch", "jumps to the case that is equal; goes on into the next one without `break`"),
    ("typedef", "gives a type another name"),
    ("union", "members that share the same memory"),
    ("unsigned", "whole numbers without sign; overflow wraps around"),
    ("void", "no value; as a pointer, to anything"),
    ("volatile", "may change by itself, so every access counts"),
    ("while", "repeats as long as the condition is not 0"),
    ("->", "member of what a pointer points to"),
];

const CPP: Table = &[
    ("catch", "handles what was thrown in the `try` block"),
    ("class", "a type whose members are private unless said otherwise"),
    ("concept", "names what a template wants of a type (C++20)"),
    ("constexpr", "can be computed when the program is compiled"),
    ("decltype", "the type of an expression"),
    ("delete", "frees what `new` made; behind a function, forbids it"),
    ("explicit", "no conversion without being asked"),
    ("friend", "may use private members"),
    ("mutable", "may be changed in a const object"),
    ("namespace", "groups names"),
    ("new", "makes an object on the heap; somebody must delete it"),
    ("noexcept", "does not throw; if it does, the program ends"),
    ("nullptr", "points to nothing"),
    ("operator", "defines what an operator does"),
    ("override", "must replace a virtual function of a base class"),
    ("private", "usable in the class only"),
    ("protected", "usable in the class and those that inherit from it"),
    ("public", "usable everywhere"),
    ("template", "code with types as parameters"),
    ("this", "pointer to the object the function was called on"),
    ("throw", "raises an exception"),
    ("try", "runs a block whose exceptions are handled below"),
    ("typename", "says that a dependent name is a type"),
    ("using", "gives a name to a type or brings names in"),
    ("virtual", "found at run time by the type of the object"),
    ("::", "a name inside a namespace or class"),
];

const JAVASCRIPT: Table = &[
    ("async", "makes a function that returns a promise and may `await`"),
    ("await", "waits for a promise without blocking"),
    ("break", "leaves the innermost loop or `switch`"),
    ("case", "a value of `switch`"),
    ("catch", "handles what was thrown in the `try` block"),
    ("class", "defines a class"),
    ("const", "a name of this block that cannot be assigned again"),
    ("continue", "goes on with the next round of the innermost loop"),
    ("default", "what `switch` runs when no case fits; the module's default export"),
    ("delete", "removes a property of an object"),
    ("do", "runs the block once, then as long as the condition is true"),
    ("else", "runs when the condition was false"),
    ("export", "makes a name importable from other modules"),
    ("extends", "the class this one inherits from"),
    ("finally", "runs at the end of `try`, whatever happened"),
    ("for", "repeats; `for … of` goes over items, `for … in` over keys"),
    ("function", "defines a function with a `this` of its own"),
    ("if", "runs the block when the condition is truthy"),
    ("import", "binds names exported by another module"),
    ("in", "true when the object has the property; in `for`, goes over keys"),
    ("instanceof", "true when the constructor's prototype is in the object's chain"),
    ("let", "a name of this block that can be assigned again"),
    ("new", "makes an object with a constructor"),
    ("null", "the value that stands for nothing, on purpose"),
    ("of", "goes over the items of an iterable"),
    ("return", "ends the function with a value"),
    ("static", "a member of the class itself"),
    ("super", "the parent class: its constructor or its methods"),
    ("switch", "compares a value with cases by `===`"),
    ("this", "the object the function was called on; in an arrow function, the surrounding one"),
    ("throw", "raises an exception"),
    ("try", "runs a block whose exceptions are handled below"),
    ("typeof", "the type's name as a string"),
    ("undefined", "the value of what was never set"),
    ("var", "a name of the whole function, hoisted to its start"),
    ("void", "evaluates and gives `undefined`"),
    ("while", "repeats the block as long as the condition is truthy"),
    ("yield", "hands a value to the caller and pauses the generator"),
    ("=>", "a function without a `this` of its own"),
    ("===", "equal without conversion"),
    ("!==", "not equal, without conversion"),
    ("==", "equal after conversion; `===` is usually meant"),
    ("?.", "gives `undefined` instead of failing when the left side is null or undefined"),
    ("??", "the right side when the left one is null or undefined"),
    ("...", "spreads items or properties; in a pattern, collects the rest"),
    ("**", "power"),
    (">>>", "shifts to the right and fills with zeros: the result is never negative"),
    ("&&", "the left side when it is falsy, else the right one"),
    ("||", "the left side when it is truthy, else the right one"),
    ("??=", "assigns when the left side is null or undefined"),
    ("||=", "assigns when the left side is falsy"),
    ("&&=", "assigns when the left side is truthy"),
    ("!!", "converts to a boolean"),
    ("debugger", "stops here when a debugger is attached"),
    ("with", "looks names up in an object first; not allowed in strict code"),
    ("NaN", "not a number: unlike everything, itself included"),
];

const TYPESCRIPT: Table = &[
    ("abstract", "a class or method that subclasses must complete"),
    ("any", "switches type checking off for a value"),
    ("as", "tells the compiler which type a value has; checked at compile time only"),
    ("declare", "describes something that exists elsewhere"),
    ("enum", "a set of named constants"),
    ("implements", "the interfaces a class fulfils"),
    ("interface", "names the shape of an object; can be declared again to add to it"),
    ("is", "makes a function's result narrow its argument's type"),
    ("keyof", "the union of an object type's keys"),
    ("namespace", "groups names under one"),
    ("never", "the type without values"),
    ("private", "usable inside the class only (checked at compile time)"),
    ("protected", "usable inside the class and its subclasses"),
    ("public", "usable from everywhere"),
    ("readonly", "cannot be assigned after construction"),
    ("satisfies", "checks against a type and keeps the narrower one"),
    ("type", "gives a type another name"),
    ("unknown", "any value; must be narrowed before use"),
];

const RUST: Table = &[
    ("as", "converts between primitive types, or renames an import"),
    ("async", "makes a future of a function or block"),
    ("await", "waits for a future without blocking the thread"),
    ("break", "leaves the innermost (or named) loop, `loop` with a value"),
    ("const", "a value computed at compile time and put in where it is used"),
    ("continue", "goes on with the next round of the loop"),
    ("crate", "the root of this crate"),
    ("dyn", "a trait object: methods are looked up at run time"),
    ("else", "runs when the condition was false or the pattern did not fit"),
    ("enum", "a type with several variants"),
    ("extern", "links to code in another language or crate"),
    ("fn", "defines a function"),
    ("for", "goes over an iterator; in `impl`, the type that gets the trait"),
    ("if", "runs the block when the condition is true; `if let` when the pattern fits"),
    ("impl", "methods of a type or a trait's implementation; in a type, some type with this trait"),
    ("in", "what `for` goes over"),
    ("let", "binds a pattern"),
    ("loop", "repeats until `break`"),
    ("match", "the first arm whose pattern fits; all cases must be covered"),
    ("mod", "a module"),
    ("move", "makes a closure own what it uses"),
    ("mut", "may be changed"),
    ("pub", "usable outside this module"),
    ("ref", "binds by reference in a pattern"),
    ("return", "ends the function with a value"),
    ("self", "the value the method was called on; in a path, this module"),
    ("Self", "the type being defined or implemented"),
    ("static", "a value with one address for the whole run"),
    ("struct", "a type with named or numbered fields"),
    ("super", "the parent module"),
    ("trait", "methods that types can have in common"),
    ("type", "another name for a type, or a trait's associated type"),
    ("union", "fields that share their memory; reading one is unsafe"),
    ("unsafe", "allows operations whose soundness the compiler cannot check"),
    ("use", "brings names into scope"),
    ("where", "bounds on generic parameters"),
    ("while", "repeats as long as the condition is true or the pattern fits"),
    ("?", "returns the error (or `None`) to the caller, else gives the value"),
    ("..=", "a range with its end"),
    ("..", "a range without its end; in a pattern or struct, the rest"),
    ("=>", "separates an arm's pattern from its result"),
    ("->", "the type a function returns"),
    ("::", "separates the parts of a path"),
];

#[cfg(test)]
mod tests {
    use super::{C, CPP, GO, JAVASCRIPT, PYTHON, PYTHON_METHODS, RUST, TYPESCRIPT, at};

    #[test]
    fn words_and_operators_are_found_at_their_edges() {
        for (language, line, column, token) in [
            ("python", "return x", 0, Some("return")),
            ("python", "return x", 6, Some("return")),
            ("python", "return x", 8, None),
            ("python", "a ** b", 3, Some("**")),
            ("python", "returned", 3, None),
            ("javascript", "a === b", 4, Some("===")),
            ("typescript", "x as const", 3, Some("as")),
            ("rust", "f(x)?;", 5, Some("?")),
            ("rust", "é?", 2, None),
            ("plaintext", "return", 1, None),
        ] {
            let found = at(language, line, column).map(|(range, _)| &line[range]);
            assert_eq!(found, token, "{language}: {line} at {column}");
        }
    }

    #[test]
    fn no_row_stands_twice_and_each_is_one_line() {
        for table in [PYTHON, PYTHON_METHODS, JAVASCRIPT, TYPESCRIPT, RUST, GO, C, CPP] {
            let mut words: Vec<_> = table.iter().map(|(word, _)| word).collect();
            words.sort();
            words.dedup();
            assert_eq!(words.len(), table.len());
            assert!(table.iter().all(|(_, meaning)| !meaning.contains('\n') && meaning.len() < 110));
        }
    }
}
