//! Memory of texts that were typed away: at the same place the same text is worth less.

use std::collections::VecDeque;

use crate::inline_completion::scene::Scene;

/// Texts remembered.
const CAPACITY: usize = 64;

/// The texts, the most recently rejected first.
#[derive(Default)]
pub(super) struct Rejections {
    rejected: VecDeque<Rejection>,
}

struct Rejection {
    scene: Scene,
    text: String,
    times: u32,
}

impl Rejections {
    /// Remembers a rejection; one more of the same text counts up.
    pub(super) fn add(&mut self, scene: &Scene, text: &str) {
        let again = self.rejected.iter().position(|rejection| rejection.is_about(scene, text));
        let times = again.and_then(|at| self.rejected.remove(at)).map_or(1, |older| older.times.saturating_add(1));
        self.rejected.truncate(CAPACITY - 1);
        self.rejected.push_front(Rejection { scene: scene.clone(), text: text.to_owned(), times });
    }

    /// How often `text`, or what began with it, was rejected at `scene`.
    pub(super) fn times(&self, scene: &Scene, text: &str) -> u32 {
        self.rejected.iter().find(|rejection| rejection.is_about(scene, text)).map_or(0, |rejection| rejection.times)
    }

    /// The text was accepted after all.
    pub(super) fn forget(&mut self, scene: &Scene, text: &str) {
        self.rejected.retain(|rejection| !rejection.is_about(scene, text));
    }
}

impl Rejection {
    /// Whether `text` at `scene` is the rest of the rejected one. The first line decides: it is what people look at, and
    /// more lines below it do not make it another suggestion.
    fn is_about(&self, scene: &Scene, text: &str) -> bool {
        if !self.scene.is_of_same_kind(scene) {
            return false;
        }
        let Some(typed) = scene.typed_of(&self.scene, &self.text) else { return false };
        first_line(&self.text[typed..]) == first_line(text)
    }
}

/// The first line that is not blank; a suggestion may begin with a line end.
fn first_line(text: &str) -> &str {
    text.trim_start().lines().next().unwrap_or_default().trim_end()
}

#[cfg(test)]
mod tests {
    use syntax::{Document, Language};

    use super::Rejections;
    use crate::inline_completion::scene::Scene;

    fn scene(fixture: &str) -> Scene {
        let (text, offset) = testkit::cursor(fixture);
        Scene::new(&Document::new(&text, Language::plain_text(), 1), offset, String::new())
    }

    #[test]
    fn the_same_text_at_the_same_place_is_known() {
        let mut rejections = Rejections::default();
        rejections.add(&scene("x = <CURSOR>\n"), "value\nmore");
        let times = |fixture, text| rejections.times(&scene(fixture), text);
        assert_eq!(times("x = <CURSOR>\n", "value\nmore"), 1);
        assert_eq!(times("x = <CURSOR>\n", "value"), 1);
        assert_eq!(times("x = va<CURSOR>\n", "lue"), 1, "the rest of it");
        assert_eq!(times("x = <CURSOR>\n", "values"), 0);
        assert_eq!(times("y = <CURSOR>\n", "value"), 0);
        assert_eq!(times("x = <CURSOR>\nother line\n", "value"), 0);
    }

    #[test]
    fn rejections_add_up_and_are_forgotten() {
        let mut rejections = Rejections::default();
        let here = scene("x = <CURSOR>\n");
        (0..3).for_each(|_| rejections.add(&here, "value"));
        assert_eq!(rejections.times(&here, "value"), 3);
        rejections.add(&here, "other");
        rejections.forget(&here, "value");
        assert_eq!((rejections.times(&here, "value"), rejections.times(&here, "other")), (0, 1));
        (0..200).for_each(|number| rejections.add(&here, &format!("text {number}")));
        assert_eq!((rejections.times(&here, "other"), rejections.times(&here, "text 199")), (0, 1));
        assert_eq!(rejections.rejected.len(), super::CAPACITY);
    }
}
