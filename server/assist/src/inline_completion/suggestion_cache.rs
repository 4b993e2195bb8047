//! Suggestions made earlier: typing what was proposed, or going back to where one was made, needs no model.

use std::collections::VecDeque;

use engine::FinishReason;

use super::scene::Scene;

/// Suggestions kept.
const CAPACITY: usize = 128;

/// A suggestion as it was made.
#[derive(Clone, Debug)]
pub(crate) struct Suggestion {
    /// Where.
    pub(crate) scene: Scene,
    /// What stands at the cursor after accepting, with line feeds only.
    pub(crate) text: String,
    /// Bytes of the line after the cursor that the text types over.
    pub(crate) overtyped: usize,
    /// It was asked for, and so may be longer.
    pub(crate) invoked: bool,
    /// It is good enough to be shown to who did not ask.
    pub(crate) is_worth_showing: bool,
    pub(crate) confidence: f32,
    pub(crate) finish: FinishReason,
}

/// What is left of a suggestion at another cursor.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Hit {
    /// What to insert.
    pub(crate) text: String,
    /// Bytes of the line after the cursor that it types over.
    pub(crate) overtyped: usize,
    pub(crate) confidence: f32,
    pub(crate) finish: FinishReason,
}

/// The suggestions, the newest first.
#[derive(Default)]
pub(crate) struct SuggestionCache {
    suggestions: VecDeque<Suggestion>,
}

impl SuggestionCache {
    /// Keeps a suggestion; an older one of the same scene is replaced.
    pub(crate) fn insert(&mut self, suggestion: Suggestion) {
        self.suggestions.retain(|kept| kept.scene != suggestion.scene || kept.invoked != suggestion.invoked);
        self.suggestions.truncate(CAPACITY - 1);
        self.suggestions.push_front(suggestion);
    }

    /// What an earlier suggestion says here. An answer to typing serves a request by hand where it ended by itself: both
    /// fill the same hole, but by hand the limits of tokens and time are wider.
    pub(crate) fn get(&mut self, scene: &Scene, invoked: bool, min_confidence: f32) -> Option<Hit> {
        let hit = self.suggestions.iter().enumerate().find_map(|(at, kept)| {
            let usable = match invoked {
                true => kept.invoked || kept.is_whole(),
                false => kept.is_worth_showing && kept.confidence >= min_confidence,
            };
            usable.then(|| kept.at(scene)).flatten().map(|hit| (at, hit))
        });
        let (at, hit) = hit?;
        // The least recently useful one is dropped first.
        if let Some(kept) = self.suggestions.remove(at) {
            self.suggestions.push_front(kept);
        }
        Some(hit)
    }
}

impl Suggestion {
    /// More tokens or time would not have made it longer.
    fn is_whole(&self) -> bool {
        matches!(self.finish, FinishReason::Stop | FinishReason::StopText)
    }

    /// What is left of it at `scene`.
    fn at(&self, scene: &Scene) -> Option<Hit> {
        if !self.scene.is_of_same_kind(scene) {
            return None;
        }
        let typed = scene.typed_of(&self.scene, &self.text)?;
        let text = &self.text[typed..];
        let overtyped = self.overtyped_at(&scene.line_suffix, text)?;
        (!text.trim().is_empty()).then(|| Hit {
            text: text.to_owned(),
            overtyped,
            confidence: self.confidence,
            finish: self.finish,
        })
    }

    /// Bytes of `line_suffix` that the remaining `text` types over: closers come (the editor closes a bracket that was
    /// just typed) and go (one of them was typed over).
    fn overtyped_at(&self, line_suffix: &str, text: &str) -> Option<usize> {
        let before = self.scene.line_suffix.as_str();
        if line_suffix == before {
            return Some(self.overtyped);
        }
        if let Some(gone) = before.strip_suffix(line_suffix) {
            return self.overtyped.checked_sub(gone.len());
        }
        let added = line_suffix.strip_suffix(before)?;
        let mut rest = text.chars();
        let retyped = added
            .chars()
            .all(|closer| matches!(closer, ')' | ']' | '}' | '>' | '"' | '\'' | '`') && rest.any(|c| c == closer));
        retyped.then_some(added.len() + self.overtyped)
    }
}

#[cfg(test)]
mod tests {
    use engine::FinishReason;
    use syntax::{Document, Language};

    use super::{Scene, Suggestion, SuggestionCache};

    fn scene(fixture: &str, model: &str) -> Scene {
        let (text, offset) = testkit::cursor(fixture);
        Scene::new(&Document::new(&text, Language::plain_text(), 1), offset, model.to_owned())
    }

    /// What a suggestion of `text` (typing over `overtyped` bytes) at `made` says at `asked`: text and bytes typed over.
    fn check(made: &str, text: &str, overtyped: usize, asked: &str, expected: Option<(&str, usize)>) {
        let mut cache = SuggestionCache::default();
        cache.insert(Suggestion {
            scene: scene(made, "m"),
            text: text.to_owned(),
            overtyped,
            invoked: false,
            is_worth_showing: true,
            confidence: 0.5,
            finish: FinishReason::Stop,
        });
        let hit = cache.get(&scene(asked, "m"), false, 0.0).map(|hit| (hit.text, hit.overtyped));
        assert_eq!(hit, expected.map(|(text, overtyped)| (text.to_owned(), overtyped)), "{asked:?}");
        assert_eq!(cache.get(&scene(asked, "other model"), false, 0.0), None);
        assert_eq!(cache.get(&scene(asked, "m"), false, 0.9), None, "not sure enough");
        let by_hand = cache.get(&scene(asked, "m"), true, 0.9).map(|hit| (hit.text, hit.overtyped));
        assert_eq!(by_hand, hit, "it ended by itself, so a request by hand would get the same");
    }

    #[test]
    fn typing_what_was_proposed() {
        check("x = <CURSOR>\n", "value + 1", 0, "x = <CURSOR>\n", Some(("value + 1", 0)));
        check("x = <CURSOR>\n", "value + 1", 0, "x = val<CURSOR>\n", Some(("ue + 1", 0)));
        check("x = <CURSOR>\n", "value + 1", 0, "x = vax<CURSOR>\n", None);
        check("x = <CURSOR>\n", "value + 1", 0, "x = value + 1<CURSOR>\n", None);
        check("x = <CURSOR>\n", "value + 1", 0, "y = <CURSOR>\n", None);
        check("x = <CURSOR>\n", "value + 1", 0, "x =<CURSOR>\n", None);
        check("x = <CURSOR>\n", "aaaa", 0, "x = aa<CURSOR>\n", Some(("aa", 0)));
        check("x = <CURSOR>\n", "äöü", 0, "x = ä<CURSOR>\n", Some(("öü", 0)));
    }

    #[test]
    fn what_was_cut_short_serves_no_request_by_hand() {
        for (finish, invoked, serves, worth) in [
            (FinishReason::Stop, false, true, true),
            (FinishReason::StopText, false, true, true),
            (FinishReason::Length, false, false, true),
            (FinishReason::Context, false, false, true),
            (FinishReason::Deadline, false, false, true),
            (FinishReason::Length, true, true, true),
            (FinishReason::Stop, true, true, false),
        ] {
            let mut cache = SuggestionCache::default();
            let text = "value".to_owned();
            cache.insert(Suggestion {
                scene: scene("x = <CURSOR>", "m"),
                text,
                overtyped: 0,
                invoked,
                is_worth_showing: worth,
                confidence: 0.5,
                finish,
            });
            let by_hand = cache.get(&scene("x = v<CURSOR>", "m"), true, 0.0).map(|hit| hit.text);
            assert_eq!(by_hand.as_deref(), serves.then_some("alue"), "{finish:?} {invoked}");
            let unasked = cache.get(&scene("x = v<CURSOR>", "m"), false, 0.0);
            assert_eq!(unasked.is_some(), worth, "{finish:?} {invoked}");
        }
    }

    #[test]
    fn the_text_around_must_agree() {
        check("x = <CURSOR>\nend\n", "v", 0, "x = <CURSOR>\nother\n", None);
        check("x = <CURSOR>\nend\n", "v", 0, "x = <CURSOR>\n\nend\nmore\n", Some(("v", 0)));
        check("x = <CURSOR>;\n", "v", 0, "x = <CURSOR>,\n", None);
        check("if a:\r\n<CURSOR>\r\n", "    b\n    c", 0, "if a:\r\n    b\r\n<CURSOR>\r\n", Some(("    c", 0)));
    }

    #[test]
    fn closers_come_and_go() {
        check("x = <CURSOR>\n", "f(a)", 0, "x = f(<CURSOR>)\n", Some(("a)", 1)));
        check("f(<CURSOR>)\n", "a)", 1, "f(a<CURSOR>)\n", Some((")", 1)));
        check("f(<CURSOR>)\n", "a);", 1, "f(a)<CURSOR>\n", Some((";", 0)));
        check("f(<CURSOR>)\n", "a", 0, "f(<CURSOR>\n", None);
        check("x = <CURSOR>\n", "f(a", 0, "x = f(<CURSOR>)\n", None);
    }

    #[test]
    fn old_suggestions_go_first() {
        let mut cache = SuggestionCache::default();
        for number in 0..200 {
            cache.insert(Suggestion {
                scene: scene(&format!("line {number}: <CURSOR>"), ""),
                text: number.to_string(),
                overtyped: 0,
                invoked: false,
                is_worth_showing: true,
                confidence: 1.0,
                finish: FinishReason::Stop,
            });
        }
        assert_eq!(cache.suggestions.len(), super::CAPACITY);
        assert!(cache.get(&scene("line 0: <CURSOR>", ""), false, 0.0).is_none());
        assert_eq!(cache.get(&scene("line 199: <CURSOR>", ""), false, 0.0).map(|hit| hit.text).as_deref(), Some("199"));
    }
}
