//! Sequences that share blocks beside lists that share nothing.

use proptest::prelude::*;

use super::{BLOCK, KvLayout, KvPool, PoolExhausted, Sequence, blocks_for};
use crate::KvCacheType;

const LAYOUT: KvLayout = KvLayout { n_layers: 2, heads: 2, head_size: 2, kind: KvCacheType::F16 };

/// Appends a position whose keys and values say `mark`, and which layer, head and kind they are of.
fn append(sequence: &mut Sequence, mark: usize) -> Result<(), PoolExhausted> {
    sequence.reserve(1)?;
    for layer in 0..LAYOUT.n_layers {
        let row = |kind: usize| -> Vec<f32> {
            (0..4).map(|index| (mark * 16 + layer * 8 + kind * 4 + index) as f32).collect()
        };
        sequence.store(layer, &row(0), &row(1));
    }
    sequence.advance(1);
    Ok(())
}

/// The marks that a sequence holds, after checking that all layers and heads agree.
fn marks(sequence: &Sequence) -> Vec<usize> {
    let mut marks = Vec::new();
    for position in 0..sequence.len() {
        let mut found = Vec::new();
        for (layer, head) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
            let mut out = [f32::NAN; 2];
            sequence.keys(layer, head, position..position + 1, &mut out);
            found.push(out.map(|x| x as usize - layer * 8 - head * 2));
            sequence.values(layer, head, position..position + 1, &mut out);
            found.push(out.map(|x| x as usize - layer * 8 - 4 - head * 2));
        }
        assert!(found.iter().all(|pair| *pair == [found[0][0], found[0][0] + 1]), "{position}: {found:?}");
        marks.push(found[0][0] / 16);
    }
    marks
}

#[derive(Clone, Debug)]
enum Step {
    Append { sequence: usize, count: usize },
    Truncate { sequence: usize, len: usize },
    Fork { sequence: usize, len: usize },
    Drop { sequence: usize },
}

fn step() -> impl Strategy<Value = Step> {
    let sequence = 0usize..8;
    prop_oneof![
        3 => (sequence.clone(), 1usize..100).prop_map(|(sequence, count)| Step::Append { sequence, count }),
        1 => (sequence.clone(), 0usize..200).prop_map(|(sequence, len)| Step::Truncate { sequence, len }),
        2 => (sequence.clone(), 0usize..200).prop_map(|(sequence, len)| Step::Fork { sequence, len }),
        1 => sequence.prop_map(|sequence| Step::Drop { sequence }),
    ]
}

proptest! {
    /// Sequences that share blocks behave like lists that share nothing, and no block is lost.
    #[test]
    fn sequences_are_lists(steps in prop::collection::vec(step(), 1..40)) {
        let pool = KvPool::new(LAYOUT, 12);
        let mut sequences = vec![(pool.sequence(), Vec::new())];
        // Marks fit in `f16` exactly.
        let mut mark = 0;
        for step in steps {
            let count = sequences.len();
            match step {
                Step::Append { sequence, count: positions } => {
                    let (sequence, expected) = &mut sequences[sequence % count];
                    for _ in 0..positions {
                        mark = (mark + 1) % 100;
                        let needed = sequence.blocks_to_reserve(1);
                        let room = pool.available();
                        match append(sequence, mark) {
                            Ok(()) => expected.push(mark),
                            Err(PoolExhausted) => prop_assert!(room < needed),
                        }
                    }
                }
                Step::Truncate { sequence, len } => {
                    let (sequence, expected) = &mut sequences[sequence % count];
                    sequence.truncate(len);
                    expected.truncate(len);
                }
                Step::Fork { sequence, len } => {
                    let (sequence, expected) = &sequences[sequence % count];
                    let fork = (sequence.fork(len), expected[..len.min(expected.len())].to_vec());
                    sequences.push(fork);
                }
                Step::Drop { sequence } if count > 1 => {
                    sequences.remove(sequence % count);
                }
                Step::Drop { .. } => {}
            }
            for (sequence, expected) in &sequences {
                prop_assert_eq!(&marks(sequence), expected);
            }
        }
        drop(sequences);
        prop_assert_eq!(pool.available(), 12);
    }
}

#[test]
fn shared_blocks_are_counted_once() {
    let pool = KvPool::new(LAYOUT, 10);
    let mut first = pool.sequence();
    for mark in 0..BLOCK + 10 {
        append(&mut first, mark % 100).expect("there is room");
    }
    assert_eq!(pool.available(), 8);
    let mut second = first.fork(BLOCK + 5);
    assert_eq!((pool.available(), second.blocks_to_reserve(1)), (8, 1), "the last block will be copied");
    append(&mut second, 1).expect("there is room");
    assert_eq!((pool.available(), second.blocks_to_reserve(1)), (7, 0));
    let third = second.fork(BLOCK);
    assert_eq!(third.blocks_to_reserve(1), 1, "nothing is copied at the end of a block");
    drop(first);
    assert_eq!(pool.available(), 8, "the first block is still in use");
    assert_eq!((blocks_for(0), blocks_for(1), blocks_for(BLOCK), blocks_for(BLOCK + 1)), (0, 1, 1, 2));
    assert_eq!(pool.capacity_bytes(), 10 * 2 * 2 * 2 * 2 * 2 * BLOCK as u64);
}
