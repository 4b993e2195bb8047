//! How hard code is to follow, in numbers: cyclomatic and cognitive complexity, nesting, Halstead's measures, lines.
//!
//! One walk over the tree for every grammar with a table (`complexity::tables`); markup and data have none. The
//! definitions:
//!
//! - **Cyclomatic** (T. McCabe, 1976): decisions + 1 of a function. A decision is a branch, a loop, a case that is not the
//!   default, a handler, a conditional expression, an operator that joins conditions; in Python also an assertion, a
//!   loop or condition of a comprehension and the `else` of a loop or `try`, as `radon` counts. A function inside a
//!   function has its own number, a closure belongs to what is around it.
//! - **Cognitive** (G. A. Campbell, SonarSource, 2018): one for each break in the flow, one more for each level that a
//!   branch, a loop or a handler is nested in; sequences of like operators, `else`, jumps to labels and being in a cycle
//!   of calls cost one. What is inside a function counts for it.
//! - **Nesting**: branches, loops, choices and `try` inside each other; `else if` is no level.
//! - **Halstead** (1977): names and literals are operands, every other token is an operator, a pair of brackets one.
//!
//! What the numbers say in words is `explanation`'s; how the time grows with the input is `growth`'s.

mod counter;
mod recursion;
mod tables;
#[cfg(test)]
mod tests;
mod tokens;

use syntax::{Document, TextRange};

use counter::Counter;
use tables::table_of;

/// The measures of a piece of code.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Complexity {
    /// Paths through it that do not depend on each other; of several functions, their sum.
    pub cyclomatic: u32,
    /// Effort to understand the flow; 0 for straight code.
    pub cognitive: u32,
    /// Most control structures inside each other.
    pub max_nesting: u32,
    /// Counts of operators and operands.
    pub halstead: Halstead,
    /// Counts of lines.
    pub lines: LineCounts,
}

/// Halstead's counts. The derived measures are his.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Halstead {
    /// Different operators (n1).
    pub distinct_operators: u32,
    /// Different operands (n2).
    pub distinct_operands: u32,
    /// Operators (N1).
    pub operators: u32,
    /// Operands (N2).
    pub operands: u32,
}

impl Halstead {
    /// Bits that the code takes when each token is chosen from its vocabulary.
    pub fn volume(self) -> f64 {
        let vocabulary = f64::from(self.distinct_operators + self.distinct_operands);
        if vocabulary == 0.0 { 0.0 } else { f64::from(self.operators + self.operands) * vocabulary.log2() }
    }

    /// How often operands are used again, weighed by the number of operators.
    pub fn difficulty(self) -> f64 {
        if self.distinct_operands == 0 {
            return 0.0;
        }
        f64::from(self.distinct_operators) / 2.0 * f64::from(self.operands) / f64::from(self.distinct_operands)
    }

    /// Elementary decisions that writing it takes.
    pub fn effort(self) -> f64 {
        self.volume() * self.difficulty()
    }
}

/// Lines by what is on them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LineCounts {
    /// All of them.
    pub total: u32,
    /// Those with code, comments behind it or not.
    pub code: u32,
    /// Those with a comment only.
    pub comment: u32,
    /// Those with nothing but white space.
    pub blank: u32,
}

/// The measures of one function.
#[derive(Clone, Debug, PartialEq)]
pub struct FunctionComplexity {
    /// Its name; none for a function value that is not bound to one.
    pub name: Option<String>,
    /// All of it.
    pub range: TextRange,
    /// Measures; of functions inside it, the cognitive complexity, tokens and lines count here as well.
    pub complexity: Complexity,
}

/// The measures of a document or a part of it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ComplexityReport {
    /// All functions and what is outside of them.
    pub whole: Complexity,
    /// Functions in order of appearance, inner ones behind those around them.
    pub functions: Vec<FunctionComplexity>,
}

impl ComplexityReport {
    /// The innermost function around `offset`.
    pub fn function_at(&self, offset: usize) -> Option<&FunctionComplexity> {
        self.functions.iter().rev().find(|function| function.range.touches(offset))
    }
}

/// Measures what lies whole in `range`; none without a tree or for a language that has no control flow.
///
/// A cycle of calls is seen only as far as its functions are in the range.
pub fn complexity(document: &Document, range: TextRange) -> Option<ComplexityReport> {
    let tree = document.tree()?;
    let grammar = document.language().grammar_name()?;
    let table = table_of(grammar)?;
    let text = document.text().to_string();
    let counter = Counter::new(document, table, &text, range);
    Some(counter.count(tree.root_node()))
}
