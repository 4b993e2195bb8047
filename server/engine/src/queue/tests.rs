//! The queue as a table of operations.

use std::time::{Duration, Instant};

use super::{Full, Queue, Ticket};
use crate::{CancelToken, Priority};

/// Runs a script of operations: `i1`, `n2`, `b3` push item 1, 2, 3 with that priority; `x2` cancels item 2, `l2` makes
/// it late; `-` pops; `?` removes the dead. The result lists what came out, `full` for each refusal.
fn check(capacity: usize, operations: &str, expected: &str) {
    let start = Instant::now();
    let mut queue = Queue::new(capacity);
    let mut cancels = std::collections::HashMap::new();
    let mut out = Vec::new();
    let late: Vec<&str> = operations.split(' ').filter_map(|operation| operation.strip_prefix('l')).collect();
    for operation in operations.split(' ') {
        let (kind, name) = operation.split_at(1);
        let priority = match kind {
            "i" => Priority::Interactive,
            "n" => Priority::Normal,
            "b" => Priority::Background,
            "x" => {
                let cancel: &CancelToken = &cancels[name];
                cancel.cancel();
                continue;
            }
            "l" => continue,
            "-" => {
                let top = queue.top();
                let item = queue.pop();
                assert_eq!(top.is_some(), item.is_some());
                out.push(item.unwrap_or("none").to_owned());
                continue;
            }
            "?" => {
                out.push(format!("dead:{}", queue.remove_dead(start + Duration::from_secs(1)).join("+")));
                continue;
            }
            other => panic!("unknown operation {other}"),
        };
        let cancel = CancelToken::new();
        cancels.insert(name, cancel.clone());
        let deadline = late.contains(&name).then_some(start);
        if let Err(Full { waiting }) = queue.push(Ticket { priority, cancel, deadline }, name) {
            assert_eq!(waiting, capacity);
            out.push("full".to_owned());
        }
    }
    assert_eq!(out.join(" "), expected, "{operations}");
}

#[test]
fn order_and_admission() {
    check(8, "-", "none");
    check(8, "n1 n2 n3 - - - -", "1 2 3 none");
    check(8, "b1 n2 i3 b4 n5 i6 - - - - - -", "3 6 2 5 1 4");
    check(8, "b1 - n2 i3 - -", "1 3 2");
    check(2, "b1 b2 i3 - i4 - -", "full 1 4 2");
    check(0, "i1 -", "full none");
}

#[test]
fn dead_items_are_handed_back() {
    check(8, "n1 ? -", "dead: 1");
    check(8, "n1 n2 n3 x2 ? - - -", "dead:2 1 3 none");
    check(8, "n1 i2 b3 l1 x3 ? - -", "dead:1+3 2 none");
    check(1, "n1 x1 ? n2 -", "dead:1 2");
}

#[test]
fn drain_gives_the_order_of_service() {
    let mut queue = Queue::new(9);
    for (index, priority) in [Priority::Background, Priority::Interactive, Priority::Normal].into_iter().enumerate() {
        let ticket = Ticket { priority, cancel: CancelToken::new(), deadline: None };
        queue.push(ticket, index).unwrap();
    }
    assert_eq!(queue.drain(), [1, 2, 0]);
    assert_eq!((queue.len(), queue.capacity()), (0, 9));
}
