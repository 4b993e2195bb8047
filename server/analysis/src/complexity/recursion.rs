//! Functions that call themselves, directly or through others of the same text.
//!
//! Calls are matched by name: a bare name means a function that is no method, a call on `self` or `this` a method of the
//! same class. Everything else could be anything, so it is no edge.

use std::collections::HashMap;

/// A function and what it calls.
pub(super) struct Caller<'a> {
    pub(super) name: Option<&'a str>,
    /// The class it is a member of.
    pub(super) owner: Option<usize>,
    pub(super) calls: Vec<Callee<'a>>,
}

/// What is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Callee<'a> {
    /// `f()`
    Bare(&'a str),
    /// `self.f()`
    OnSelf(&'a str),
}

/// For each function whether it is in a cycle of calls. `finds_members` is true where a bare name finds members too.
pub(super) fn in_cycles(functions: &[Caller<'_>], finds_members: bool) -> Vec<bool> {
    let mut by_name: HashMap<(&str, Option<usize>), usize> = HashMap::new();
    for (index, function) in functions.iter().enumerate() {
        if let Some(name) = function.name {
            by_name.entry((name, function.owner)).or_insert(index);
        }
    }
    let edges: Vec<Vec<usize>> = functions
        .iter()
        .map(|function| {
            let target = |callee: &Callee<'_>| match *callee {
                Callee::Bare(name) => {
                    let member = if finds_members { by_name.get(&(name, function.owner)) } else { None };
                    member.or_else(|| by_name.get(&(name, None))).copied()
                }
                Callee::OnSelf(name) => by_name.get(&(name, Some(function.owner?))).copied(),
            };
            function.calls.iter().filter_map(target).collect()
        })
        .collect();
    let components = components(&edges);
    let mut sizes = HashMap::new();
    for component in &components {
        *sizes.entry(*component).or_insert(0) += 1;
    }
    (0..functions.len()).map(|it| sizes[&components[it]] > 1 || edges[it].contains(&it)).collect()
}

/// The strongly connected component of each node, by Kosaraju's two passes.
fn components(edges: &[Vec<usize>]) -> Vec<usize> {
    let mut reversed = vec![Vec::new(); edges.len()];
    for (from, targets) in edges.iter().enumerate() {
        targets.iter().for_each(|&to| reversed[to].push(from));
    }
    let mut finished = Vec::with_capacity(edges.len());
    let mut seen = vec![false; edges.len()];
    for root in 0..edges.len() {
        visit(edges, root, &mut seen, |node| finished.push(node));
    }
    let mut component = vec![0; edges.len()];
    let mut seen = vec![false; edges.len()];
    for root in finished.into_iter().rev() {
        visit(&reversed, root, &mut seen, |node| component[node] = root);
    }
    component
}

/// Depth first from `root`, through what was not seen; `leave` is told each node when all behind it is done.
fn visit(edges: &[Vec<usize>], root: usize, seen: &mut [bool], mut leave: impl FnMut(usize)) {
    if std::mem::replace(&mut seen[root], true) {
        return;
    }
    let mut path = vec![(root, 0)];
    while let Some((node, next)) = path.last_mut() {
        match edges[*node].get(*next) {
            Some(&target) => {
                *next += 1;
                if !std::mem::replace(&mut seen[target], true) {
                    path.push((target, 0));
                }
            }
            None => {
                leave(*node);
                path.pop();
            }
        }
    }
}
