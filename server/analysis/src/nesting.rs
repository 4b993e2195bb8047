//! How deeply a text is nested: what must be known before it is given to a parser or a walk that recurses.
//!
//! Ruff's and oxc's recurse, tree-sitter's does not. Each caller has its own limit, measured on its own engine. What the
//! formatters bear is counted in brackets (`formatting/nesting.rs`).

use syntax::{Document, Node};

use crate::tree::Walk;

/// True when something in the text lies, or for another parser may lie, more than `limit` levels deep; also when there is
/// no tree to tell. Where tree-sitter loses its way, what it had opened lies side by side, so in such a text long error
/// nodes and open brackets count as well.
pub(crate) fn is_deeper_than(document: &Document, limit: usize) -> bool {
    let Some(tree) = document.tree() else { return true };
    let mut walk = Walk::new(tree.root_node());
    loop {
        if walk.depth() > limit || is_long_error(walk.node(), limit) {
            return true;
        }
        if !walk.advance(true) {
            return tree.root_node().has_error() && open_brackets(&document.text().to_string()) > limit;
        }
    }
}

fn is_long_error(node: Node<'_>, limit: usize) -> bool {
    node.is_error() && node.child_count() as usize > limit
}

/// Most brackets that are open at one place. Strings on one line are skipped; in a text that does not parse, where they
/// begin is a guess anyway.
fn open_brackets(text: &str) -> usize {
    let (mut open, mut most) = (0_usize, 0);
    let mut quote = None;
    for byte in text.bytes() {
        match (byte, quote) {
            (b'\n', _) => quote = None,
            (_, Some(end)) if byte == end => quote = None,
            (_, Some(_)) => {}
            (b'"' | b'\'', None) => quote = Some(byte),
            (b'(' | b'[' | b'{' | b'<', None) => {
                open += 1;
                most = most.max(open);
            }
            (b')' | b']' | b'}' | b'>', None) => open = open.saturating_sub(1),
            _ => {}
        }
    }
    most
}

#[cfg(test)]
mod tests {
    use syntax::{Document, Language};

    use super::is_deeper_than;

    fn check(language: &str, text: &str) -> bool {
        let language = Language::from_name(language).expect("in the registry");
        is_deeper_than(&Document::new(text, language, 0), 500)
    }

    #[test]
    fn closed_or_not() {
        for language in ["python", "javascript", "typescript"] {
            for (open, close) in [("(", ")"), ("[", "]")] {
                let deep = |times: usize| format!("x = {}1{}\n", open.repeat(times), close.repeat(times));
                assert!(!check(language, &deep(20)), "{language} {open}");
                assert!(check(language, &deep(600)), "{language} {open}");
                assert!(check(language, &format!("x = {}\n", open.repeat(5_000))), "{language} {open}, never closed");
            }
            assert!(!check(language, &"f(1)\n".repeat(2_000)), "{language}: long, not deep");
        }
    }
}
