//! What is proposed, against the plainest search; and how the length follows success.

use proptest::collection::vec;
use proptest::prelude::{Strategy, prop_oneof, proptest};

use super::{Draft, FIRST_DRAFT, FIRST_PAUSE, MAX_DRAFT, MAX_PAUSE};

/// The continuation of the latest earlier occurrence of the last three tokens, else of the last two.
fn plain(tokens: &[u32], most: usize) -> Vec<u32> {
    for n in [3, 2] {
        if tokens.len() < n {
            continue;
        }
        let context = &tokens[tokens.len() - n..];
        if let Some(start) = (n..tokens.len()).rev().find(|start| tokens[start - n..*start] == *context) {
            return tokens[start..].iter().copied().take(most).collect();
        }
    }
    Vec::new()
}

/// Texts of few tokens, so that they repeat themselves; ids of the whole range occur as well.
fn texts() -> impl Strategy<Value = Vec<u32>> {
    vec(prop_oneof![20 => 0_u32..4, 1 => u32::MAX - 2..=u32::MAX, 1 => 0_u32..200_000], 0..80)
}

proptest! {
    #[test]
    fn the_latest_occurrence_of_the_longest_context(prompt in texts(), answer in texts(), most in 0_usize..10) {
        let mut draft = Draft::new(&prompt);
        let mut tokens = prompt;
        for token in answer {
            assert_eq!(draft.propose(most, &[]), plain(&tokens, most.min(FIRST_DRAFT)));
            draft.push(token);
            tokens.push(token);
        }
        assert_eq!(draft.propose(most, &[]), plain(&tokens, most.min(FIRST_DRAFT)));
    }

    /// A greedy model behind a draft writes what it writes alone: the contract of the module's doc in small.
    #[test]
    fn a_verified_draft_changes_nothing(prompt in vec(0_u32..6, 1..30), seed in 0_u64..1000, len in 1_usize..80) {
        // A model whose next token depends on the last two and is often a repetition.
        let next = |tokens: &[u32]| {
            let last = tokens.iter().rev().take(2).fold(seed, |hash, token| hash * 31 + u64::from(*token));
            ((last * 2_654_435_761) >> 7) as u32 % 6
        };
        let mut alone = prompt.clone();
        for _ in 0..len {
            alone.push(next(&alone));
        }
        let (mut tokens, mut draft, mut passes) = (prompt.clone(), Draft::new(&prompt), 0);
        while tokens.len() < alone.len() {
            let proposed = draft.propose(alone.len() - tokens.len() - 1, &[]).to_vec();
            passes += 1;
            let mut right = 0;
            loop {
                let token = next(&tokens);
                tokens.push(token);
                draft.push(token);
                if proposed.get(right) != Some(&token) {
                    break;
                }
                right += 1;
            }
            assert!(right <= proposed.len());
            draft.report(proposed.len(), right);
        }
        assert_eq!(tokens, alone);
        // Every pass gives a token, and a model that goes in circles is found out: at most 36 pairs differ.
        assert!(passes <= len && (len < 70 || passes < len), "{passes} passes for {len} tokens");
    }
}

#[test]
fn the_length_follows_success() {
    let prompt: Vec<u32> = (0..100).chain(0..3).collect();
    let mut draft = Draft::new(&prompt);
    let mut check = |right: Option<usize>, expected: usize| {
        let proposed = draft.propose(usize::MAX, &[]).len();
        assert_eq!(proposed, expected);
        draft.report(proposed, right.map_or(proposed, |right| right.min(proposed)));
    };
    check(None, FIRST_DRAFT);
    check(None, MAX_DRAFT);
    check(None, MAX_DRAFT);
    check(Some(5), MAX_DRAFT);
    check(Some(1), 6);
    check(None, 1);
    check(None, 2);
    check(Some(0), 4);
    check(Some(0), 2);
    check(Some(0), 1);
    let mut pause = FIRST_PAUSE;
    for _ in 0..8 {
        for _ in 0..pause {
            check(None, 0);
        }
        check(Some(0), 1);
        pause = (pause * 2).min(MAX_PAUSE);
    }
    for _ in 0..pause {
        check(None, 0);
    }
    check(None, 1);
    check(Some(1), 2);
    check(Some(0), 2);
    check(Some(0), 1);
    // A success makes the next pause short again.
    for _ in 0..FIRST_PAUSE {
        check(None, 0);
    }
    check(None, 1);
}

#[test]
fn short_texts_propose_nothing() {
    for prompt in [&[][..], &[1], &[1, 1], &[1, 2, 3, 4]] {
        assert!(Draft::new(prompt).propose(8, &[]).is_empty(), "{prompt:?}");
    }
    assert_eq!(Draft::new(&[1, 1, 1]).propose(8, &[]), [1]);
    assert_eq!(Draft::new(&[1, 2, 3, 1, 2]).propose(2, &[]), [3, 1]);
    // What is expected comes first, and is cut as well.
    assert_eq!(Draft::new(&[1, 2, 3, 1, 2]).propose(2, &[7, 8, 9]), [7, 8]);
    assert_eq!(Draft::new(&[1]).propose(8, &[7, 7, 7, 7, 7, 7]), [7; FIRST_DRAFT]);
}
