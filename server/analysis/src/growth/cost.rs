//! Sizes and costs: sums of products of sizes and their logarithms.

use std::collections::BTreeMap;

/// The size of an input, by what it is: `the length of `items``.
pub(super) type Symbol = String;

/// A product of powers of sizes and of their logarithms.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Term(BTreeMap<Symbol, (u32, u32)>);

impl Term {
    pub(super) fn constant() -> Self {
        Self::default()
    }

    pub(super) fn linear(symbol: &str) -> Self {
        Self(BTreeMap::from([(symbol.to_owned(), (1, 0))]))
    }

    pub(super) fn log(symbol: &str) -> Self {
        Self(BTreeMap::from([(symbol.to_owned(), (0, 1))]))
    }

    pub(super) fn is_constant(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn times(&self, other: &Self) -> Self {
        let mut product = self.clone();
        for (symbol, (power, logs)) in &other.0 {
            let own = product.0.entry(symbol.clone()).or_insert((0, 0));
            *own = (own.0 + power, own.1 + logs);
        }
        product
    }

    /// The size times its logarithm, for a size that is one symbol.
    pub(super) fn times_log(&self) -> Option<Self> {
        let symbol = self.only_symbol()?.to_owned();
        Some(self.times(&Self::log(&symbol)))
    }

    /// The symbol of a term that is one to the power one.
    pub(super) fn only_symbol(&self) -> Option<&str> {
        match self.0.iter().next() {
            Some((symbol, (1, 0))) if self.0.len() == 1 => Some(symbol),
            _ => None,
        }
    }

    /// Power and logarithms of `symbol`; none when another one occurs.
    pub(super) fn powers_of(&self, symbol: &str) -> Option<(u32, u32)> {
        match self.0.len() {
            0 => Some((0, 0)),
            1 => self.0.get(symbol).copied(),
            _ => None,
        }
    }

    /// Grows at least as fast as the other one.
    fn covers(&self, other: &Self) -> bool {
        other.0.iter().all(|(symbol, theirs)| self.0.get(symbol).is_some_and(|own| own >= theirs))
    }
}

/// A sum of terms, none of which covers another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Cost(Vec<Term>);

impl Cost {
    pub(super) fn constant() -> Self {
        Self(vec![Term::constant()])
    }

    pub(super) fn of(term: Term) -> Self {
        Self(vec![term])
    }

    pub(super) fn plus(mut self, other: Self) -> Self {
        for term in other.0 {
            if !self.0.iter().any(|own| own.covers(&term)) {
                self.0.retain(|own| !term.covers(own));
                self.0.push(term);
            }
        }
        self
    }

    pub(super) fn times(&self, term: &Term) -> Self {
        self.0.iter().map(|own| Self::of(own.times(term))).reduce(Self::plus).unwrap_or_else(Self::constant)
    }

    pub(super) fn is_constant(&self) -> bool {
        self.0.iter().all(Term::is_constant)
    }

    pub(super) fn terms(&self) -> &[Term] {
        &self.0
    }

    fn symbols(&self) -> Vec<&str> {
        let mut symbols: Vec<&str> = Vec::new();
        for symbol in self.0.iter().flat_map(|term| term.0.keys()) {
            if !symbols.contains(&symbol.as_str()) {
                symbols.push(symbol);
            }
        }
        symbols
    }

    /// `O(n log n)`, and which letter stands for what.
    pub(super) fn order(&self) -> (String, String) {
        const LETTERS: [&str; 6] = ["n", "m", "k", "p", "q", "r"];
        let symbols = self.symbols();
        let letter = |symbol: &str| {
            let index = symbols.iter().position(|it| *it == symbol).unwrap_or(0);
            LETTERS[index.min(LETTERS.len() - 1)]
        };
        let term = |term: &Term| {
            let factors: Vec<String> = term
                .0
                .iter()
                .flat_map(|(symbol, (power, logs))| {
                    let name = letter(symbol);
                    let base = match power {
                        0 => None,
                        1 => Some(name.to_owned()),
                        _ => Some(format!("{name}^{power}")),
                    };
                    let log = match logs {
                        0 => None,
                        1 => Some(format!("log {name}")),
                        _ => Some(format!("log^{logs} {name}")),
                    };
                    let both = [base, log].into_iter().flatten().collect::<Vec<_>>();
                    (!both.is_empty()).then(|| both.join(" "))
                })
                .collect();
            if factors.is_empty() { "1".to_owned() } else { factors.join(" * ") }
        };
        let order = format!("O({})", self.0.iter().map(term).collect::<Vec<_>>().join(" + "));
        let names: Vec<String> = symbols.iter().map(|it| format!("{} is {it}", letter(it))).collect();
        (order, names.join(" and "))
    }

    /// More sizes than there are letters for.
    pub(super) fn is_unwieldy(&self) -> bool {
        self.symbols().len() > 4
    }
}
