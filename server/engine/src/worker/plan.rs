//! Which requests take part in the next forward pass, and with how many tokens. A plain function: it holds no lock and
//! knows no model.
//!
//! Only the highest priority present computes; the others keep their place and their memory. Of equal priority all that
//! decode go along in every pass, because a pass costs little more with several rows than with one; what is left of the
//! pass is prefill, first come, first served. Those that there is no memory for wait until others have ended.

use crate::Priority;

/// Tokens of prefill beside requests that decode: those wait for the whole pass.
const PREFILL_BESIDE_DECODE: usize = 32;

/// What a request needs next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Demand {
    pub(super) priority: Priority,
    /// Tokens that its sequence lacks.
    pub(super) pending: usize,
    /// It computes alone: a pass that it took part in failed, and it may be the cause.
    pub(super) alone: bool,
    /// There is no memory for it beside the others.
    pub(super) waits: bool,
}

/// A request's part of a pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Share {
    /// Index of the request.
    pub(super) run: usize,
    /// The first so many of its pending tokens.
    pub(super) tokens: usize,
}

/// Most pending tokens of a request that counts as decoding: the last token, and a draft of what may follow it.
const DECODE: usize = 16;

/// The next pass: shares in the order of the requests, oldest first; `chunk` tokens of prefill at most.
pub(super) fn plan(demands: &[Demand], chunk: usize, shares: &mut Vec<Share>) {
    shares.clear();
    let Some(priority) = demands.iter().map(|demand| demand.priority).max() else { return };
    let members = || demands.iter().enumerate().filter(move |(_, demand)| demand.priority == priority && !demand.waits);
    if let Some((run, demand)) = members().find(|(_, demand)| demand.alone) {
        shares.push(Share { run, tokens: demand.pending.min(chunk) });
        return;
    }
    let few = DECODE.min(chunk);
    let decodes = members().any(|(_, demand)| demand.pending <= few);
    let mut room = if decodes { chunk.min(PREFILL_BESIDE_DECODE) } else { chunk };
    for (run, demand) in members() {
        if demand.pending <= few {
            shares.push(Share { run, tokens: demand.pending });
        } else if room > 0 {
            let tokens = demand.pending.min(room);
            room -= tokens;
            shares.push(Share { run, tokens });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Demand, Share, plan};
    use crate::Priority::{self, Background, Interactive, Normal};

    const MEMBER: Demand = Demand { priority: Normal, pending: 90, alone: false, waits: false };

    fn check(demands: &[(Priority, usize)], chunk: usize, expected: &[(usize, usize)]) {
        let demands = demands.iter().map(|&(priority, pending)| Demand { priority, pending, ..MEMBER });
        check_demands(&demands.collect::<Vec<_>>(), chunk, expected);
    }

    fn check_demands(demands: &[Demand], chunk: usize, expected: &[(usize, usize)]) {
        let mut shares = vec![Share { run: 9, tokens: 9 }];
        plan(demands, chunk, &mut shares);
        let shares: Vec<_> = shares.iter().map(|share| (share.run, share.tokens)).collect();
        assert_eq!(shares, expected, "{demands:?}");
    }

    #[test]
    fn the_highest_priority_computes_alone() {
        check(&[], 64, &[]);
        check(&[(Background, 1), (Normal, 1), (Background, 100)], 64, &[(1, 1)]);
        check(&[(Normal, 1), (Interactive, 1000), (Normal, 1), (Interactive, 1)], 64, &[(1, 32), (3, 1)]);
    }

    #[test]
    fn prefill_shares_what_a_pass_can_hold() {
        check(&[(Normal, 1000), (Normal, 50)], 64, &[(0, 64)]);
        check(&[(Normal, 50), (Normal, 1000), (Normal, 1000)], 64, &[(0, 50), (1, 14)]);
        check(&[(Normal, 1), (Normal, 1000), (Normal, 3)], 512, &[(0, 1), (1, 32), (2, 3)]);
        check(&[(Normal, 1), (Normal, 1000)], 8, &[(0, 1), (1, 8)]);
    }

    #[test]
    fn who_waits_takes_no_part() {
        let waits = Demand { waits: true, ..MEMBER };
        check_demands(&[waits, MEMBER, Demand { alone: true, ..waits }], 64, &[(1, 64)]);
        check_demands(&[Demand { pending: 1, ..waits }, MEMBER], 64, &[(1, 64)]);
    }

    #[test]
    fn a_suspect_computes_alone() {
        let suspect = Demand { alone: true, ..MEMBER };
        check_demands(&[MEMBER, suspect, suspect], 64, &[(1, 64)]);
        check_demands(&[Demand { priority: Interactive, ..MEMBER }, suspect], 64, &[(0, 64)]);
    }
}
