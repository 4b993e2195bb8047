//! A hole in the words of the server that fills it: what is before and behind it, shortened to the server's context
//! (`fit.rs`), and other files' text where the server or the model knows how.

use serde_json::{Map, Value, json};

use super::{COMPLETIONS, INFILL};
use crate::FimPrompt;
use crate::prompt::cut::{REPOSITORY, UNTITLED, split_primer};
use crate::remote::FimMarkers;
use crate::remote::fit::fit;

/// How a hole is filled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::remote) enum Fim {
    /// `/infill` of llama.cpp's server: prefix, suffix, other files and the beginning of the hole.
    Infill,
    /// `suffix` of `/v1/completions`.
    Suffix,
    /// We write the model's own form.
    Markers(FimMarkers),
}

impl Fim {
    /// Writes a hole in at most `room` bytes; the path that it is sent to, and its bytes.
    pub(super) fn write(
        &self,
        prompt: &FimPrompt,
        room: usize,
        fields: &mut Map<String, Value>,
    ) -> (&'static str, usize) {
        match self {
            Self::Infill => (INFILL, infill(fit(prompt.clone(), room), fields)),
            Self::Suffix => (COMPLETIONS, suffix(fit(without_files(prompt), room), fields)),
            Self::Markers(markers) => (COMPLETIONS, marked(markers, prompt, room, fields)),
        }
    }
}

/// `/infill`: what is being written goes behind the middle marker, so that the suffix stays in the server's cache.
fn infill(prompt: FimPrompt, fields: &mut Map<String, Value>) -> usize {
    let FimPrompt { context, prefix, primer, suffix, .. } = prompt;
    let (before, typed) = split_primer(&prefix, primer);
    let files: usize = context.iter().map(|file| file.text.len()).sum();
    let bytes = prefix.len() + suffix.len() + files;
    let extra: Value = context.iter().map(|file| json!({"filename": file.path, "text": file.text})).collect();
    fields.insert("input_prefix".to_owned(), before.into());
    fields.insert("prompt".to_owned(), typed.into());
    fields.insert("input_suffix".to_owned(), suffix.into());
    fields.insert("input_extra".to_owned(), extra);
    bytes
}

fn suffix(prompt: FimPrompt, fields: &mut Map<String, Value>) -> usize {
    let bytes = prompt.prefix.len() + prompt.suffix.len();
    fields.insert("prompt".to_owned(), prompt.prefix.into());
    fields.insert("suffix".to_owned(), prompt.suffix.into());
    bytes
}

fn without_files(prompt: &FimPrompt) -> FimPrompt {
    FimPrompt { context: Vec::new(), ..prompt.clone() }
}

/// The model's own form, prefix first: `<prefix> P0 <suffix> S <middle> P1`, where `P1` is what is being written;
/// before it other files, where the model has a separator for them.
fn marked(markers: &FimMarkers, prompt: &FimPrompt, room: usize, fields: &mut Map<String, Value>) -> usize {
    let mut prompt = match markers.file_separator {
        Some(_) => prompt.clone(),
        None => without_files(prompt),
    };
    markers.clean(&mut prompt);
    let FimPrompt { context, path, prefix, primer, suffix, .. } = fit(prompt, room);
    let mut text = String::new();
    if let (Some(separator), false) = (&markers.file_separator, context.is_empty()) {
        if let Some(repository) = &markers.repository {
            text.push_str(&format!("{repository}{REPOSITORY}\n"));
        }
        for file in &context {
            text.push_str(&format!("{separator}{}\n{}", file.path, file.text));
        }
        text.push_str(&format!("{separator}{}\n", path.as_deref().unwrap_or(UNTITLED)));
    }
    let (before, typed) = split_primer(&prefix, primer);
    text.extend([&markers.prefix, before, &markers.suffix, &suffix, &markers.middle, typed]);
    let bytes = text.len();
    fields.insert("prompt".to_owned(), text.into());
    bytes
}

impl FimMarkers {
    /// Text that spells a marker would be read as one: what lies beyond it, seen from the hole, is left out.
    pub(super) fn clean(&self, prompt: &mut FimPrompt) {
        let others = [self.file_separator.as_deref(), self.repository.as_deref()];
        let three = [&self.prefix, &self.suffix, &self.middle].map(|it| Some(it.as_str()));
        // A marker may be given with the blanks around it.
        let names = three.into_iter().chain(others).flatten().map(str::trim).filter(|it| !it.is_empty());
        for name in names {
            if let Some(at) = prompt.prefix.rfind(name) {
                prompt.prefix.drain(..at + name.len());
            }
            if let Some(at) = prompt.suffix.find(name) {
                prompt.suffix.truncate(at);
            }
            prompt.context.retain(|file| !file.text.contains(name) && !file.path.contains(name));
        }
    }
}
