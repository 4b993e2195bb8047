//! The stack of brackets and strings that are open at a place.

use crate::lexer::{Event, EventKind, closer_of};

/// What is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OpenerKind {
    Bracket(u8),
    String,
    /// Code inside a string, and the byte that ends it.
    Interpolation(u8),
}

/// Something open, and the offset where it opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Opener {
    pub(crate) kind: OpenerKind,
    pub(crate) at: usize,
}

/// What an event did to the stack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    /// Nothing, or something was opened.
    None,
    /// Something was closed; the stack is this high now.
    Closed(usize),
    /// A closing bracket that nothing open belongs to.
    Stray,
}

/// The open brackets and strings, outermost first.
#[derive(Clone, Debug, Default)]
pub(crate) struct Openers(Vec<Opener>);

impl Openers {
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn as_slice(&self) -> &[Opener] {
        &self.0
    }

    pub(crate) fn last(&self) -> Option<Opener> {
        self.0.last().copied()
    }

    /// Applies `event`. A closing bracket closes the innermost opener of its kind and whatever
    /// is still open inside it, but it never reaches out of the string it stands in.
    pub(crate) fn apply(&mut self, event: Event) -> Effect {
        let at = event.range.start;
        match event.kind {
            EventKind::Open(byte) => self.0.push(Opener { kind: OpenerKind::Bracket(byte), at }),
            EventKind::StringStart => self.0.push(Opener { kind: OpenerKind::String, at }),
            EventKind::InterpolationStart(close) => self.0.push(Opener { kind: OpenerKind::Interpolation(close), at }),
            EventKind::Comment => {}
            EventKind::Close(byte) => {
                return self.close_to(|kind| match kind {
                    OpenerKind::Bracket(open) => Some(closer_of(open) == byte),
                    OpenerKind::String | OpenerKind::Interpolation(_) => None,
                });
            }
            EventKind::InterpolationEnd(_) | EventKind::InterpolationBroken => {
                return self.close_to(|kind| match kind {
                    OpenerKind::Interpolation(_) => Some(true),
                    OpenerKind::Bracket(_) => Some(false),
                    OpenerKind::String => None,
                });
            }
            EventKind::StringEnd => return self.close_to(|kind| Some(kind == OpenerKind::String)),
            EventKind::StringBroken => {
                self.close_to(|kind| Some(kind == OpenerKind::String));
            }
        }
        Effect::None
    }

    /// Pops down to the innermost opener that `belongs` accepts; `None` from it ends the search.
    fn close_to(&mut self, belongs: impl Fn(OpenerKind) -> Option<bool>) -> Effect {
        for index in (0..self.0.len()).rev() {
            match belongs(self.0[index].kind) {
                Some(true) => {
                    self.0.truncate(index);
                    return Effect::Closed(index);
                }
                Some(false) => {}
                None => break,
            }
        }
        Effect::Stray
    }
}
