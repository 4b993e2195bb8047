//! What the copy engine finds at a place and what the model is asked there, one by one: what the numbers of
//! `copy_engine/evidence.rs` are fitted to. Nothing in the product uses it; the cargo feature `fit` builds it, for the
//! example `followers`.

use std::time::Duration;

use engine::{ModelState, Prompt};

use crate::copy_engine::{CONTINUATION, CopyView, Ending, Nearness, head, weigh};
use crate::inline_completion::prompt::{self, prompt};
use crate::sync::lock;
use crate::{Assist, Snapshot};

/// A hole that is to be filled to the end of its line.
pub struct LineHole {
    copies: CopyView,
    prompt: Prompt,
}

/// What followed at one place whose text agrees with the text before the hole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineFollower {
    /// The rest of the line there, or the beginning of it; empty where the line ends.
    pub text: String,
    /// The beginning of `text` by which places are said to agree.
    pub head: String,
    /// Bytes before the place that agree.
    pub length: usize,
    /// How many bytes away it is, in the same document.
    pub distance: Option<usize>,
    /// Whether it is in another file of the same folder.
    pub is_beside: bool,
}

impl LineHole {
    /// The hole at `offset` of the snapshot's document. `None` without a model that fills holes.
    pub fn new(assist: &Assist, snapshot: &Snapshot, offset: usize) -> Option<Self> {
        let ModelState::Ready(model) = assist.engine().status().model else { return None };
        let config = assist.config();
        let time = Duration::from_millis(config.inline_completion.deadline_ms);
        let window = lock(assist.prompt_budget()).tokens(&model, None, time);
        let document = snapshot.document();
        let context = analysis::completion_context(document, offset);
        let place = prompt::Place::new(document, offset, &context);
        Some(Self {
            prompt: prompt(snapshot, place, &model, window, assist.context())?,
            copies: assist.copies().view(snapshot, document, offset, true, &assist.project().shards()),
        })
    }

    /// What the model is asked.
    pub fn prompt(&self) -> &Prompt {
        &self.prompt
    }

    /// What may follow `generated`, as it is weighed.
    pub fn followers(&self, generated: &str) -> Vec<LineFollower> {
        let followers = self.copies.followers(generated, CONTINUATION).into_iter();
        let followers = followers.map(|follower| {
            let text = Ending::Line.cut(&follower.text);
            LineFollower {
                head: head(text).to_owned(),
                text: text.to_owned(),
                length: follower.length,
                distance: match follower.nearness {
                    Nearness::Here(distance) => Some(distance),
                    Nearness::Beside | Nearness::Elsewhere => None,
                },
                is_beside: follower.nearness == Nearness::Beside,
            }
        });
        followers.collect()
    }

    /// The log-odds of what may follow `generated` against the built-in model, by the numbers of this build.
    pub fn trust(&self, generated: &str) -> f32 {
        let followers = self.copies.followers(generated, CONTINUATION);
        weigh(&followers, |follower| Some(Ending::Line.cut(&follower.text))).trust
    }
}

#[cfg(test)]
mod tests {
    use engine::Prompt;

    use super::LineHole;
    use crate::DocumentId;
    use crate::inline_completion::tests::{assist_with, assist_without_model};

    #[tokio::test]
    async fn a_hole_has_a_prompt_and_followers() {
        let assist = assist_with(&[], None).await;
        let open = |name: &str, text: &str| {
            assist.workspace().open(DocumentId::new(&format!("file:///project/{name}")), "python", 1, text);
        };
        open("far.py", "print(self.width = )\n");
        open("src/other.py", "self.width = first\n");
        open("src/a.py", "self.width = width.of(it)\nself.width = \n");
        let snapshot = assist.workspace().snapshot(&DocumentId::new("file:///project/src/a.py")).expect("open");
        let hole = LineHole::new(&assist, &snapshot, 39).expect("a script fills holes");
        let Prompt::Fim(prompt) = hole.prompt() else { panic!("a hole is to be filled") };
        assert_eq!(
            (prompt.prefix.as_str(), prompt.suffix.as_str()),
            ("self.width = width.of(it)\nself.width = ", "\n")
        );
        let found = hole.followers("");
        let found: Vec<_> =
            found.iter().map(|it| (&*it.text, &*it.head, it.length, it.distance, it.is_beside)).collect();
        assert_eq!(
            found,
            [
                ("width.of(it)", "width", 13, Some(26), false),
                ("first", "first", 13, None, true),
                (")", ")", 13, None, false),
            ]
        );
        assert_eq!(hole.followers("width")[0].text, ".of(it)");
        assert_eq!(hole.followers("width.of(it)")[0].text, "", "the line ends");
        assert!(hole.trust("width.of(") > hole.trust(""), "a longer agreement, and but one place");
        assert_eq!(hole.trust("no such text"), f32::NEG_INFINITY);
    }

    #[test]
    fn without_a_model_there_is_nothing_to_ask() {
        let assist = assist_without_model();
        let id = DocumentId::new("file:///project/a.py");
        assist.workspace().open(id.clone(), "python", 1, "a = 1\n");
        let snapshot = assist.workspace().snapshot(&id).expect("open");
        assert!(LineHole::new(&assist, &snapshot, 3).is_none());
    }
}
