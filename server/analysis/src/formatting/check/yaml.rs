//! Two texts of YAML by the tree that their formatter's parser makes of them: indentation means something there, so
//! words alone say too little.

use yaml_parser::{SyntaxKind, SyntaxNode, parse};

use super::{difference, without_white_space};

pub(super) fn compare(before: &str, after: &str) -> Result<(), String> {
    let before = parse(before).map_err(|_| "it did not parse".to_owned())?;
    let after = parse(after).map_err(|_| "it would not parse any more".to_owned())?;
    let (before, after) = (facts(&before), facts(&after));
    match before.iter().zip(&after).find(|(a, b)| a != b) {
        Some((a, b)) => Err(difference(Some(&a.1), Some(&b.1))),
        None if before.len() != after.len() => Err("lines would be lost or made up".to_owned()),
        None => Ok(()),
    }
}

/// Every node by its kind and every token by what it says, each with its depth, parents first.
fn facts(root: &SyntaxNode) -> Vec<(usize, String)> {
    let mut facts = Vec::new();
    let mut open: Vec<(usize, SyntaxNode)> = vec![(0, root.clone())];
    // Children are looked at in order, and a node's own children before its next sibling: a stack of what is left.
    let mut left = Vec::new();
    while let Some((depth, node)) = open.pop() {
        facts.push((depth, format!("{:?}", node.kind())));
        let mut children: Vec<_> = node.children_with_tokens().collect();
        children.reverse();
        left.push((depth + 1, children));
        'next: while let Some((depth, children)) = left.last_mut() {
            while let Some(child) = children.pop() {
                if let Some(node) = child.as_node() {
                    open.push((*depth, node.clone()));
                    break 'next;
                }
                if let Some(token) = child.as_token()
                    && let Some(said) = said(token.kind(), token.text())
                {
                    // A comment belongs to what is below it, wherever the parser hangs it.
                    facts.push((if token.kind() == SyntaxKind::COMMENT { 0 } else { *depth }, said));
                }
            }
            left.pop();
        }
    }
    facts
}

/// What a token says; nothing for those that may come and go.
fn said(kind: SyntaxKind, text: &str) -> Option<String> {
    let folded = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    Some(match kind {
        SyntaxKind::WHITESPACE | SyntaxKind::COMMA => return None,
        SyntaxKind::COMMENT => without_white_space(text),
        SyntaxKind::SINGLE_QUOTED_SCALAR => format!("\"{}", folded(&inner(text).replace("''", "'"))),
        SyntaxKind::DOUBLE_QUOTED_SCALAR => format!("\"{}", folded(&inner(text).replace("\\\"", "\""))),
        SyntaxKind::PLAIN_SCALAR => folded(text),
        SyntaxKind::BLOCK_SCALAR_TEXT => without_indent(text),
        _ => text.to_owned(),
    })
}

fn inner(quoted: &str) -> &str {
    quoted.get(1..quoted.len().saturating_sub(1)).unwrap_or_default()
}

/// The lines of a block scalar without what all of them are indented by.
fn without_indent(text: &str) -> String {
    let indent = |line: &str| line.len() - line.trim_start_matches(' ').len();
    let common = text.lines().filter(|it| !it.trim().is_empty()).map(indent).min().unwrap_or(0);
    let lines: Vec<_> = text.lines().map(|line| line.get(common..).unwrap_or_default().trim_end()).collect();
    lines.join("\n").trim_matches('\n').to_owned()
}
