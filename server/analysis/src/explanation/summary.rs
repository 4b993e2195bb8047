//! Many steps in few words: the low and medium levels, definitions, measures.

use syntax::{Document, TextRange};

use super::facts::Facts;
use super::phrase::{Definition, Step, StepKind, code, first_sentence, list, short_list};
use super::{DetailLevel, MEDIUM_STEPS};
use crate::{
    complexity::Complexity,
    growth::Growth,
    outline::{Symbol, SymbolKind},
};

/// Definitions that are listed.
const MAX_DEFINITIONS: usize = 30;

/// One or two sentences.
pub(super) fn of_steps(steps: &[Step], facts: &Facts) -> String {
    let steps: Vec<&Step> = steps.iter().filter(|it| !matches!(it.kind, StepKind::Part)).collect();
    match steps.as_slice() {
        [] => String::new(),
        [Step { kind: StepKind::Function(it), steps, .. }] => {
            let doing = list(&doing(it, steps, facts));
            let takes = match it.parameters.as_slice() {
                [] => String::new(),
                some => format!(" takes {}", short_list(some, 5)),
            };
            let doc = it.doc.as_deref().map(|doc| format!(" is documented as “{}”", doc.trim_end_matches('.')));
            let head =
                [Some(takes).filter(|it| !it.is_empty()), doc].into_iter().flatten().collect::<Vec<_>>().join(" and");
            match (head.as_str(), doing.as_str()) {
                ("", "") => format!("The {} {} does nothing that is seen here.", it.what, it.name),
                ("", doing) => format!("The {} {} {doing}.", it.what, it.name),
                (head, "") => format!("The {} {}{head}.", it.what, it.name),
                (head, doing) => format!("The {} {}{head}. It {doing}.", it.what, it.name),
            }
        }
        [Step { kind: StepKind::Class(it), steps, .. }] => {
            let methods: Vec<String> = steps.iter().filter_map(defined).collect();
            let bases = it.what.strip_prefix("class").filter(|it| !it.is_empty()).map(|it| format!("{it},"));
            let has = match methods.as_slice() {
                [] => "has no methods of its own".to_owned(),
                [one] => format!("has the method {one}"),
                many => format!("has the methods {}", short_list(many, 6)),
            };
            let head = format!("The class {}{}", it.name, bases.unwrap_or_default());
            match &it.doc {
                Some(doc) => format!("{head} is documented as “{}”. It {has}.", doc.trim_end_matches('.')),
                None => format!("{head} {has}."),
            }
        }
        all => {
            let mut sentence = parts(all, facts);
            if let Some(first) = sentence.get_mut(..1) {
                first.make_ascii_uppercase();
            }
            sentence + "."
        }
    }
}

fn defined(step: &Step) -> Option<String> {
    match &step.kind {
        StepKind::Function(it) => Some(it.name.clone()),
        _ => None,
    }
}

/// What the statements of a function do, as verbs.
fn doing(definition: &Definition, steps: &[Step], facts: &Facts) -> Vec<String> {
    let (mut loops, mut checks, mut returns) = (Vec::new(), Vec::new(), Vec::new());
    let (mut handles, mut yields) = (false, false);
    each(steps, &mut |step| match &step.kind {
        StepKind::Loop(over) if !loops.contains(over) => loops.push(over.clone()),
        StepKind::Branch(condition) if !checks.contains(condition) => checks.push(condition.clone()),
        StepKind::Handling => handles = true,
        StepKind::Yield => yields = true,
        StepKind::Return(Some(value)) if !returns.contains(value) => returns.push(value.clone()),
        _ => {}
    });
    let mut doing = Vec::new();
    if !loops.is_empty() {
        doing.push(format!("loops {}", short_list(&loops, 2)));
    }
    if !checks.is_empty() {
        doing.push(format!("checks {}", short_list(&checks, 2)));
    }
    if handles {
        doing.push("handles exceptions".to_owned());
    }
    doing.extend(facts.effects_in_short());
    let calls = facts.calls_but(&definition.name);
    if facts.calls(&definition.name) {
        doing.push("calls itself".to_owned());
    } else if doing.is_empty() && !calls.is_empty() && returns.is_empty() {
        doing.push(format!("calls {}", short_list(&calls, 3)));
    }
    if !facts.raised.is_empty() {
        doing.push(format!("can raise {}", short_list(&facts.raised, 3).replace(" and `", " or `")));
    }
    if yields {
        doing.push("yields values one by one".to_owned());
    }
    match returns.as_slice() {
        [] => {}
        values if values.len() <= 3 => doing.push(format!("returns {}", list(values).replace("` and `", "` or `"))),
        values => doing.push(format!("returns one of {} values", values.len())),
    }
    doing
}

/// What a run of statements does, as one sentence.
fn parts(steps: &[&Step], facts: &Facts) -> String {
    let (mut imports, mut functions, mut classes, mut assigned, mut rest) = (vec![], vec![], vec![], vec![], vec![]);
    for step in steps {
        match &step.kind {
            StepKind::Import(what) => imports.push(what.clone()),
            StepKind::Function(it) => functions.push(it.name.clone()),
            StepKind::Class(it) => classes.push(it.name.clone()),
            StepKind::Assign(target) if !assigned.contains(target) => assigned.push(target.clone()),
            StepKind::Assign(_) | StepKind::Silent => {}
            StepKind::Branch(condition) => rest.push(format!("checks {condition}")),
            StepKind::Loop(over) => rest.push(format!("loops {over}")),
            StepKind::Handling => rest.push("handles exceptions".to_owned()),
            _ => rest.push(lower_first(&step.text)),
        }
    }
    let many = |one: &str, all: &str, names: &[String]| match names.len() {
        0 => None,
        1 => Some(format!("{one} {}", names[0])),
        _ => Some(format!("{all} {}", short_list(names, 5))),
    };
    let mut parts: Vec<String> = Vec::new();
    parts.extend(many("imports", "imports", &imports));
    let defined = [many("the function", "the functions", &functions), many("the class", "the classes", &classes)];
    let defined: Vec<String> = defined.into_iter().flatten().collect();
    if !defined.is_empty() {
        parts.push(format!("defines {}", defined.join(" and ")));
    }
    parts.extend(many("sets", "sets", &assigned));
    let more = rest.len().saturating_sub(4);
    parts.extend(rest.into_iter().take(4));
    if more > 0 {
        parts.push(format!("does {more} more things"));
    }
    if !facts.raised.is_empty() && parts.is_empty() {
        parts.push(format!("raises {}", list(&facts.raised)));
    }
    list(&parts)
}

fn lower_first(text: &str) -> String {
    let mut text = text.to_owned();
    if let Some(first) = text.get_mut(..1) {
        first.make_ascii_lowercase();
    }
    text
}

/// Every step outside of inner definitions.
fn each<'a>(steps: &'a [Step], visit: &mut impl FnMut(&'a Step)) {
    let mut open: Vec<&Step> = steps.iter().rev().collect();
    while let Some(step) = open.pop() {
        visit(step);
        if !matches!(step.kind, StepKind::Function(_) | StepKind::Class(_)) {
            open.extend(step.steps.iter().rev());
        }
    }
}

/// The steps of a medium explanation: runs of assignments and imports in one, of much code the heads of definitions.
pub(super) fn merged(steps: &[Step]) -> Vec<Step> {
    let is_long = count(steps) > MEDIUM_STEPS;
    merge(steps, is_long)
}

fn count(steps: &[Step]) -> usize {
    let mut open: Vec<&Step> = steps.iter().collect();
    let mut count = 0;
    while let Some(step) = open.pop() {
        count += 1;
        open.extend(&step.steps);
    }
    count
}

fn merge(steps: &[Step], is_long: bool) -> Vec<Step> {
    let mut merged: Vec<Step> = Vec::new();
    let mut run: Vec<&Step> = Vec::new();
    let end_run = |run: &mut Vec<&Step>, merged: &mut Vec<Step>| {
        let names: Vec<String> = run
            .iter()
            .filter_map(|it| match &it.kind {
                StepKind::Assign(name) | StepKind::Import(name) => Some(name.clone()),
                _ => None,
            })
            .collect();
        match run.as_slice() {
            [] => {}
            [first, _, _, ..] => {
                let verb = if matches!(first.kind, StepKind::Import(_)) { "Imports from" } else { "Sets" };
                let mut unique: Vec<String> = Vec::new();
                names.into_iter().for_each(|name| {
                    if !unique.contains(&name) {
                        unique.push(name)
                    }
                });
                merged.push(Step::new(StepKind::Other, format!("{verb} {}", short_list(&unique, 8))));
            }
            few => merged.extend(few.iter().map(|it| (*it).clone())),
        }
        run.clear();
    };
    for step in steps {
        let joins = matches!(step.kind, StepKind::Assign(_) | StepKind::Import(_)) && step.steps.is_empty();
        let is_like =
            run.last().is_none_or(|it| std::mem::discriminant(&it.kind) == std::mem::discriminant(&step.kind));
        if !joins || !is_like {
            end_run(&mut run, &mut merged);
        }
        if joins {
            run.push(step);
            continue;
        }
        match &step.kind {
            StepKind::Silent if steps.len() > 1 => {}
            StepKind::Function(it) if is_long && steps.len() > 1 => {
                let doc = it.doc.as_deref().map(|doc| format!(": “{}”", doc.trim_end_matches('.')));
                merged.push(Step {
                    text: step.text.clone() + doc.unwrap_or_default().as_str(),
                    steps: Vec::new(),
                    ..step.clone()
                });
            }
            _ => merged.push(Step { steps: merge(&step.steps, is_long), ..step.clone() }),
        }
    }
    end_run(&mut run, &mut merged);
    merged
}

/// For a language whose statements are not told: what is defined, and that this is all.
pub(super) fn of_definitions(document: &Document, range: TextRange, symbols: &[Symbol], detail: DetailLevel) -> String {
    let text = document.text();
    let lines = text.line_of(range.end.max(range.start + 1) - 1) - text.line_of(range.start) + 1;
    let plural = if lines == 1 { "line" } else { "lines" };
    let language = document.language().name();
    let mut told = format!("{lines} {plural} of {language}.");
    let names: Vec<String> = symbols.iter().map(|it| code(&it.name)).collect();
    match (detail, names.as_slice()) {
        (_, []) => told += " They define nothing.",
        (DetailLevel::Low, names) => told += &format!(" They define {}.", short_list(names, 6)),
        (_, _) => {
            told += " They define:\n";
            let mut left = MAX_DEFINITIONS;
            for symbol in symbols {
                definition_lines(symbol, 0, &mut left, &mut told);
            }
        }
    }
    if lines == 1 {
        told = told.replace(" They define", " It defines");
    }
    told + format!(
        "\n\nWhat single statements do is told for Python, JavaScript and TypeScript only, not for {language}."
    )
    .as_str()
}

fn definition_lines(symbol: &Symbol, depth: usize, left: &mut usize, told: &mut String) {
    // Variables inside functions tell little.
    let is_worth_it = depth == 0 || !matches!(symbol.kind, SymbolKind::Variable | SymbolKind::Parameter);
    if *left == 0 || depth > 3 || !is_worth_it {
        return;
    }
    *left -= 1;
    let doc = symbol.doc.as_deref().and_then(first_sentence).map_or_else(String::new, |doc| format!(": {doc}"));
    *told += &format!("\n{}- {}{doc}", "  ".repeat(depth), code(&symbol.signature));
    for child in &symbol.children {
        definition_lines(child, depth + 1, left, told);
    }
}

/// The measures as a line of a list.
pub(super) fn of_measures(complexity: &Complexity, growth: Option<&Growth>) -> String {
    let lines = complexity.lines;
    let mut told = format!(
        "\n- **Complexity**: cyclomatic {}, cognitive {}, {}; {}",
        complexity.cyclomatic,
        complexity.cognitive,
        match complexity.max_nesting {
            0 => "no control structures".to_owned(),
            deep => format!("control structures nested {deep} deep"),
        },
        match (lines.total, lines.code) {
            (1, _) => "1 line".to_owned(),
            (total, code) => format!("{total} lines, {code} of them code"),
        }
    );
    if let Some(growth) = growth {
        told += &format!("\n- **Time**: {}, because {}", growth.order, growth.reason);
    }
    told
}
