//! The menu, with and without a model.

use engine::CancelToken;
use expect_test::{Expect, expect};

use super::{CompletionItemKind, completion};
use crate::inline_completion::tests::{assist_with, assist_without_model, open};
use crate::{Assist, AssistError};

/// The first items: kind, label, and for the suggestion everything else.
async fn check(assist: Assist, name: &str, fixture: &str, with_suggestion: bool, expect: Expect) {
    let (snapshot, offset) = open(&assist, name, 1, fixture);
    let (items, is_incomplete) =
        completion(&assist, &snapshot, offset, with_suggestion, CancelToken::new()).await.expect("not cancelled");
    assert!(is_incomplete || !with_suggestion, "typing on makes other suggestions");
    assert!(items.is_sorted_by_key(|item| item.sort_text.clone()), "as the client will sort them");
    let text = snapshot.document().text();
    let mut found = String::new();
    for item in items.iter().take(6) {
        let replaced = text.slice(item.range);
        let typed = text.slice(syntax::TextRange::new(item.range.start, offset));
        assert!(item.filter_text.to_lowercase().starts_with(&typed.to_lowercase()), "clients would drop {item:?}");
        found += &format!("{:?} {} [{replaced}]", item.kind, item.label);
        if item.kind == CompletionItemKind::Suggestion {
            assert!(item.suggestion_id.is_some());
            let documentation = item.documentation.as_deref().unwrap_or_default();
            found += &format!(" -> {:?}, filter {:?}\n{documentation}", item.insert_text, item.filter_text);
        }
        found.push('\n');
    }
    expect.assert_eq(&found);
}

#[tokio::test]
async fn names_and_keywords_without_a_model() {
    check(
        assist_without_model(),
        "a.py",
        "def compute(contents):\n    count = 1\n    co<CURSOR>\n",
        true,
        expect![[r#"
            Name(Variable) count [co]
            Name(Parameter) contents [co]
            Name(Function) compute [co]
            Keyword continue [co]
        "#]],
    )
    .await;
}

#[tokio::test]
async fn the_suggestion_comes_first() {
    check(
        assist_with(&["unt + 1"], None).await,
        "a.py",
        "def compute(contents):\n    count = 1\n    return co<CURSOR>\n",
        true,
        expect![[r#"
            Suggestion count + 1 [co] -> "count + 1", filter "co"
            ```python
            return count + 1
            ```
            Name(Variable) count [co]
            Name(Parameter) contents [co]
            Name(Function) compute [co]
            Keyword continue [co]
        "#]],
    )
    .await;
    check(
        assist_with(&["hello\")"], None).await,
        "a.py",
        "print(\"<CURSOR>\")\n",
        true,
        expect![[r#"
            Suggestion hello") [")] -> "hello\")", filter "print(\""
            ```python
            print("hello")
            ```
        "#]],
    )
    .await;
}

#[tokio::test]
async fn no_words_where_members_or_prose_are_meant() {
    check(assist_without_model(), "a.py", "import os\nos.<CURSOR>\n", false, expect![[r#""#]]).await;
    check(assist_without_model(), "a.py", "# re<CURSOR>\n", false, expect![[r#""#]]).await;
    check(assist_without_model(), "a.txt", "re<CURSOR>\n", false, expect![[r#""#]]).await;
}

#[tokio::test]
async fn a_cancelled_request_says_so() {
    for with_suggestion in [false, true] {
        let assist = assist_without_model();
        let (snapshot, offset) = open(&assist, "a.py", 1, "re<CURSOR>\n");
        let cancel = CancelToken::new();
        cancel.cancel();
        let answer = completion(&assist, &snapshot, offset, with_suggestion, cancel).await;
        assert_eq!(answer, Err(AssistError::Cancelled));
    }
}
