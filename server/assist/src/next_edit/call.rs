//! What a call becomes when the parameters of the function change.
//!
//! The arguments are bound to the parameters before the change as the language does it, and given in the order of those
//! behind it. Only what is certain: nothing where the call did not fit, where a spread hides what goes where, or where a
//! new parameter has no value. Not here: which calls ([`super::call_lead`]).

use analysis::{Argument, ArgumentKind, Call, Parameter, ParameterKind, Signature};
use syntax::{Text, TextEdit, TextRange};

/// A function before and after the change of its parameters.
pub(super) struct Callee<'a> {
    old: &'a Signature,
    new: &'a Signature,
    /// For each new parameter the old one that it was.
    was: Vec<Option<usize>>,
}

/// The arguments of a call after the change.
pub(super) struct Rewritten {
    pub(super) arguments: Vec<String>,
    /// One of them was not there before.
    pub(super) is_guessed: bool,
}

/// Where the value of a parameter comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Value {
    Default,
    Argument(usize),
    /// One of the values of a spread.
    Spread,
}

/// The arguments of a call by the old parameters.
struct Bound {
    values: Vec<Value>,
    /// Arguments that a rest parameter takes.
    rest: Vec<usize>,
    keyword_rest: Vec<usize>,
}

impl<'a> Callee<'a> {
    /// `None` where it is not clear which parameter became which.
    pub(super) fn new(old: &'a Signature, new: &'a Signature) -> Option<Self> {
        let was = matched(&old.parameters, &new.parameters)?;
        Some(Self { old, new, was })
    }

    /// The arguments that the call should have; `None` where that is not certain. `slice` gives the document's text,
    /// `is_variable` says whether a name can be used as a value at the call.
    pub(super) fn rewritten(
        &self,
        call: &Call,
        slice: &dyn Fn(TextRange) -> String,
        is_variable: &dyn Fn(&str) -> bool,
    ) -> Option<Rewritten> {
        let bound = bind(self.old, call, slice)?;
        let argument = |index: usize| &call.arguments[index];
        let mut positional: Vec<String> = Vec::new();
        let mut keywords: Vec<(usize, String)> = Vec::new();
        let mut keyword_rest = bound.keyword_rest.clone();
        let mut spread: Vec<usize> = Vec::new();
        // From here on nothing can be given by position.
        let mut has_gap = false;
        let mut is_guessed = false;
        for (parameter, was) in self.new.parameters.iter().zip(&self.was) {
            let name = parameter.name.as_str();
            match parameter.kind {
                ParameterKind::Rest if bound.rest.is_empty() => continue,
                ParameterKind::Rest if has_gap => return None,
                ParameterKind::Rest => {
                    positional.extend(bound.rest.iter().map(|&index| slice(argument(index).range)));
                    continue;
                }
                ParameterKind::KeywordRest => continue,
                ParameterKind::Positional | ParameterKind::Ordinary | ParameterKind::Keyword => {}
            }
            let taken = keyword_rest.iter().position(|&index| keyword(argument(index), slice).as_deref() == Some(name));
            let value = match (was, taken) {
                (Some(was), _) => bound.values[*was],
                (None, Some(taken)) => Value::Argument(keyword_rest.remove(taken)),
                (None, None) if parameter.has_default => Value::Default,
                (None, None) => {
                    if !is_variable(name) || hides(call, name, slice) {
                        return None;
                    }
                    is_guessed = true;
                    let by_place = parameter.kind != ParameterKind::Keyword && !has_gap && spread.is_empty();
                    match by_place {
                        true => positional.push(name.to_owned()),
                        false if parameter.kind == ParameterKind::Positional || !spread.is_empty() => return None,
                        false => keywords.push((usize::MAX, format!("{name}={name}"))),
                    }
                    has_gap |= !by_place;
                    continue;
                }
            };
            match value {
                Value::Default => has_gap = true,
                Value::Spread if has_gap => return None,
                Value::Spread => spread.extend(*was),
                Value::Argument(index) => {
                    let given = keyword(argument(index), slice);
                    let text = slice(argument(index).range);
                    let value = if given.is_some() { after_keyword(argument(index), slice) } else { text.clone() };
                    let may_be_placed = parameter.kind != ParameterKind::Keyword && !has_gap && spread.is_empty();
                    let is_placed = may_be_placed && (given.is_none() || parameter.kind == ParameterKind::Positional);
                    if is_placed {
                        positional.push(value);
                        continue;
                    }
                    let is_behind_spread = given.is_none() && !spread.is_empty();
                    if parameter.kind == ParameterKind::Positional || is_behind_spread {
                        return None;
                    }
                    has_gap = true;
                    keywords.push((index, renamed(argument(index), name, slice).unwrap_or(format!("{name}={value}"))));
                }
            }
        }
        // What a spread gives has to be what it gave, and the rest parameters have to be there still.
        let spread_before = (0..bound.values.len()).filter(|&index| bound.values[index] == Value::Spread);
        let has = |kind| self.new.parameters.iter().any(|parameter| parameter.kind == kind);
        let loses_rest = (!bound.rest.is_empty() && !has(ParameterKind::Rest))
            || (!keyword_rest.is_empty() && !has(ParameterKind::KeywordRest));
        if loses_rest || !spread_before.eq(spread) {
            return None;
        }
        keywords.extend(keyword_rest.into_iter().map(|index| (index, slice(argument(index).range))));
        keywords.sort_by_key(|(index, _)| *index);
        let of_kind = |kind| call.arguments.iter().filter(move |it| it.kind == kind).map(|it| slice(it.range));
        let mut arguments = positional;
        arguments.extend(of_kind(ArgumentKind::Spread));
        arguments.extend(keywords.into_iter().map(|(_, text)| text));
        arguments.extend(of_kind(ArgumentKind::KeywordSpread));
        // What is not given by name may come from there.
        let is_unsure = is_guessed && call.arguments.iter().any(|it| it.kind == ArgumentKind::KeywordSpread);
        (!is_unsure).then_some(Rewritten { arguments, is_guessed })
    }
}

/// For each new parameter the old one that it was: the one of its name; a renamed one stands between the same others.
fn matched(old: &[Parameter], new: &[Parameter]) -> Option<Vec<Option<usize>>> {
    let is_rest = |it: &Parameter| matches!(it.kind, ParameterKind::Rest | ParameterKind::KeywordRest);
    let is_same = |a: &Parameter, b: &Parameter| match is_rest(a) || is_rest(b) {
        true => a.kind == b.kind,
        false => a.name == b.name,
    };
    let mut is_taken = vec![false; old.len()];
    let mut was: Vec<Option<usize>> = Vec::new();
    for parameter in new {
        let found = (0..old.len()).find(|&index| !is_taken[index] && is_same(&old[index], parameter));
        found.into_iter().for_each(|index| is_taken[index] = true);
        was.push(found);
    }
    let is_complete = is_taken.iter().all(|taken| *taken) || was.iter().all(Option::is_some);
    if is_complete {
        return Some(was);
    }
    let kept: Vec<usize> = was.iter().flatten().copied().collect();
    if !kept.is_sorted() {
        return None;
    }
    // Between two that were kept, as many as there were are those that were.
    let (mut from, mut at) = (0, 0);
    for end in kept.into_iter().chain([old.len()]) {
        let here = was[at..].iter().position(|it| *it == Some(end)).map_or(was.len(), |found| at + found);
        let (gone, come) = (end - from, here - at);
        if gone == come {
            for (index, new_index) in (from..end).zip(at..here) {
                if is_rest(&old[index]) || is_rest(&new[new_index]) {
                    return None;
                }
                was[new_index] = Some(index);
            }
        } else if gone > 0 && come > 0 {
            return None;
        }
        (from, at) = (end + 1, here + 1);
    }
    Some(was)
}

/// The arguments of a call by the parameters; `None` where the call does not fit them.
fn bind(signature: &Signature, call: &Call, slice: &dyn Fn(TextRange) -> String) -> Option<Bound> {
    let rank = |argument: &Argument| match argument.kind {
        ArgumentKind::Positional => 0,
        ArgumentKind::Spread => 1,
        ArgumentKind::Keyword(_) => 2,
        ArgumentKind::KeywordSpread => 3,
    };
    if !call.arguments.iter().map(rank).is_sorted() {
        return None;
    }
    let parameters = &signature.parameters;
    let of_kind = |kind| parameters.iter().any(|it| it.kind == kind);
    let by_place = |it: &Parameter| matches!(it.kind, ParameterKind::Positional | ParameterKind::Ordinary);
    let mut places = (0..parameters.len()).filter(|&index| by_place(&parameters[index]));
    let mut bound =
        Bound { values: vec![Value::Default; parameters.len()], rest: Vec::new(), keyword_rest: Vec::new() };
    let mut may_lack = !signature.is_arity_checked;
    for (index, argument) in call.arguments.iter().enumerate() {
        match argument.kind {
            ArgumentKind::Positional => match places.next() {
                Some(place) => bound.values[place] = Value::Argument(index),
                None if of_kind(ParameterKind::Rest) => bound.rest.push(index),
                None => return None,
            },
            ArgumentKind::Spread => places.by_ref().for_each(|place| bound.values[place] = Value::Spread),
            ArgumentKind::Keyword(range) => {
                let name = slice(range);
                let takes = |it: &Parameter| {
                    matches!(it.kind, ParameterKind::Ordinary | ParameterKind::Keyword) && it.name == name
                };
                match parameters.iter().position(takes) {
                    Some(place) if matches!(bound.values[place], Value::Argument(_)) => return None,
                    Some(place) => bound.values[place] = Value::Argument(index),
                    None if of_kind(ParameterKind::KeywordRest) => bound.keyword_rest.push(index),
                    None => return None,
                }
            }
            ArgumentKind::KeywordSpread => may_lack = true,
        }
    }
    let is_required =
        |it: &Parameter| !it.has_default && !matches!(it.kind, ParameterKind::Rest | ParameterKind::KeywordRest);
    let mut given = parameters.iter().zip(&bound.values);
    let lacks = given.any(|(parameter, value)| is_required(parameter) && *value == Value::Default);
    (may_lack || !lacks).then_some(bound)
}

fn keyword(argument: &Argument, slice: &dyn Fn(TextRange) -> String) -> Option<String> {
    match argument.kind {
        ArgumentKind::Keyword(name) => Some(slice(name)),
        ArgumentKind::Positional | ArgumentKind::Spread | ArgumentKind::KeywordSpread => None,
    }
}

/// The value behind a keyword.
fn after_keyword(argument: &Argument, slice: &dyn Fn(TextRange) -> String) -> String {
    let text = slice(argument.range);
    text.split_once('=').map_or(text.as_str(), |(_, value)| value).trim().to_owned()
}

/// The argument with another keyword; `None` where it has none.
fn renamed(argument: &Argument, name: &str, slice: &dyn Fn(TextRange) -> String) -> Option<String> {
    match argument.kind {
        ArgumentKind::Keyword(old) => Some(format!("{name}{}", slice(TextRange::new(old.end, argument.range.end)))),
        ArgumentKind::Positional | ArgumentKind::Spread | ArgumentKind::KeywordSpread => None,
    }
}

/// Whether the variable is passed already, for another parameter.
fn hides(call: &Call, name: &str, slice: &dyn Fn(TextRange) -> String) -> bool {
    call.arguments.iter().any(|argument| match argument.kind {
        ArgumentKind::Keyword(_) => after_keyword(argument, slice) == name,
        ArgumentKind::Positional | ArgumentKind::Spread | ArgumentKind::KeywordSpread => slice(argument.range) == name,
    })
}

/// The edits, each of one argument or a gap between two, that make a call's arguments these.
pub(super) fn edits(text: &Text, call: &Call, arguments: &[String]) -> Vec<TextEdit> {
    let ranges: Vec<TextRange> = call.arguments.iter().map(|argument| argument.range).collect();
    let old: Vec<String> = ranges.iter().map(|range| text.slice(*range)).collect();
    let first = old.iter().zip(arguments).take_while(|(a, b)| a == b).count();
    let same = old[first..].iter().rev().zip(arguments[first..].iter().rev()).take_while(|(a, b)| a == b).count();
    let (gone, come) = (first..old.len() - same, &arguments[first..arguments.len() - same]);
    let edit = |start, end, new_text| vec![TextEdit { range: TextRange::new(start, end), new_text }];
    let between = separator(text, call);
    let joined = come.join(&between);
    if gone.len() == come.len() {
        let pairs = gone.zip(come).filter(|(index, new)| old[*index] != **new);
        return pairs.map(|(index, new)| TextEdit { range: ranges[index], new_text: new.clone() }).collect();
    }
    if come.is_empty() {
        return match (gone.start, gone.end) {
            (0, end) if end == old.len() => edit(call.list.start + 1, call.list.end - 1, String::new()),
            (0, end) => edit(ranges[0].start, ranges[end].start, String::new()),
            (start, end) => edit(ranges[start - 1].end, ranges[end - 1].end, String::new()),
        };
    }
    if !gone.is_empty() {
        return edit(ranges[gone.start].start, ranges[gone.end - 1].end, joined);
    }
    match (gone.start.checked_sub(1), ranges.get(gone.start)) {
        (Some(before), _) => edit(ranges[before].end, ranges[before].end, format!("{between}{joined}")),
        (None, Some(next)) => edit(next.start, next.start, format!("{joined}{between}")),
        (None, None) => edit(call.list.start + 1, call.list.end - 1, joined),
    }
}

/// What stands between two arguments: a new line where each has its own.
fn separator(text: &Text, call: &Call) -> String {
    let line = |offset| text.line_of(offset);
    let starts: Vec<usize> = call.arguments.iter().map(|argument| line(argument.range.start)).collect();
    let is_own = |first: &usize| *first > line(call.list.start) && starts.windows(2).all(|pair| pair[0] < pair[1]);
    if !starts.first().is_some_and(is_own) {
        return ", ".to_owned();
    }
    let own = text.line(starts[0]);
    format!(",\n{}", &own[..own.len() - own.trim_start().len()])
}
