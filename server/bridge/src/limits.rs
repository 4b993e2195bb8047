//! Rate limits of keys and bans of addresses, as structures that are told the time.
//!
//! Both are bounded: there is one window for each configured key, and the ban list forgets
//! its oldest address rather than grow.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Length of a rate window, and of the span in which failed keys count towards a ban.
const WINDOW: Duration = Duration::from_secs(60);

/// Most addresses remembered. One takes about 100 bytes.
const MAX_ADDRESSES: usize = 10_000;

/// What a key has left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Quota {
    /// Requests a minute.
    pub(crate) limit: u32,
    /// Requests left in this window.
    pub(crate) remaining: u32,
    /// Time until the window ends.
    pub(crate) resets_in: Duration,
    /// False: this request is over the limit.
    pub(crate) allowed: bool,
}

/// The requests of one key: a window of one minute that opens with its first request.
#[derive(Debug, Default)]
pub(crate) struct RateWindow {
    opened: Option<Instant>,
    used: u32,
}

impl RateWindow {
    /// Counts a request.
    pub(crate) fn count(&mut self, limit: u32, now: Instant) -> Quota {
        let opened = match self.opened {
            Some(opened) if now.duration_since(opened) < WINDOW => opened,
            _ => {
                self.used = 0;
                *self.opened.insert(now)
            }
        };
        let allowed = self.used < limit;
        if allowed {
            self.used += 1;
        }
        let resets_in = WINDOW.saturating_sub(now.duration_since(opened));
        Quota { limit, remaining: limit.saturating_sub(self.used), resets_in, allowed }
    }
}

/// Addresses that sent wrong keys.
#[derive(Debug)]
pub(crate) struct Bans {
    after_failures: u32,
    duration: Duration,
    addresses: Mutex<HashMap<IpAddr, Record>>,
}

#[derive(Clone, Copy, Debug)]
struct Record {
    first_failure: Instant,
    failures: u32,
    banned_until: Option<Instant>,
}

impl Record {
    fn is_over(&self, now: Instant) -> bool {
        match self.banned_until {
            Some(until) => until <= now,
            None => now.duration_since(self.first_failure) >= WINDOW,
        }
    }
}

impl Bans {
    /// An empty list; `after_failures` 0 never bans.
    pub(crate) fn new(after_failures: u32, duration: Duration) -> Self {
        Self { after_failures, duration, addresses: Mutex::new(HashMap::new()) }
    }

    /// How much longer the address is banned.
    pub(crate) fn banned_for(&self, address: IpAddr, now: Instant) -> Option<Duration> {
        let until = self.lock().get(&address)?.banned_until?;
        until.checked_duration_since(now).filter(|it| !it.is_zero())
    }

    /// Counts a failed key; true when it brought a ban.
    pub(crate) fn count_failure(&self, address: IpAddr, now: Instant) -> bool {
        if self.after_failures == 0 {
            return false;
        }
        let mut addresses = self.lock();
        if addresses.len() >= MAX_ADDRESSES && !addresses.contains_key(&address) {
            make_room(&mut addresses, now);
        }
        let fresh = Record { first_failure: now, failures: 0, banned_until: None };
        let record = addresses.entry(address).or_insert(fresh);
        if record.is_over(now) {
            *record = fresh;
        }
        record.failures += 1;
        let bans = record.failures >= self.after_failures && record.banned_until.is_none();
        if bans {
            record.banned_until = Some(now + self.duration);
        }
        bans
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<IpAddr, Record>> {
        // Every update leaves the map whole, so a panic elsewhere does not spoil it.
        self.addresses.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Drops what is over; where nothing is, the address whose first failure is the oldest.
fn make_room(addresses: &mut HashMap<IpAddr, Record>, now: Instant) {
    addresses.retain(|_, record| !record.is_over(now));
    if addresses.len() >= MAX_ADDRESSES
        && let Some(oldest) = addresses.iter().min_by_key(|(_, it)| it.first_failure).map(|(address, _)| *address)
    {
        addresses.remove(&oldest);
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    fn address(n: u32) -> IpAddr {
        Ipv4Addr::from_bits(n).into()
    }

    /// Counts requests at these seconds and prints `remaining`, or `no` where one is over the limit.
    fn check_window(limit: u32, at_seconds: &[u64], expect: &str) {
        let start = Instant::now();
        let mut window = RateWindow::default();
        let answers: Vec<_> = at_seconds
            .iter()
            .map(|second| {
                let quota = window.count(limit, start + Duration::from_secs(*second));
                assert_eq!(quota.limit, limit);
                let reset = quota.resets_in.as_secs();
                if quota.allowed { format!("{}/{reset}", quota.remaining) } else { format!("no/{reset}") }
            })
            .collect();
        assert_eq!(answers.join(" "), expect);
    }

    #[test]
    fn rate_window() {
        check_window(2, &[0, 0, 0], "1/60 0/60 no/60");
        check_window(2, &[0, 10, 59, 60, 61], "1/60 0/50 no/1 1/60 0/59");
        check_window(1, &[0, 119, 120], "0/60 0/60 no/59");
        check_window(0, &[0], "no/60");
    }

    /// Failed keys at these seconds, then the remaining ban in seconds at `asked_at`.
    fn check_ban(failures_at: &[u64], asked_at: u64, expect: Option<u64>) {
        let start = Instant::now();
        let bans = Bans::new(3, Duration::from_secs(900));
        for second in failures_at {
            bans.count_failure(address(1), start + Duration::from_secs(*second));
        }
        let now = start + Duration::from_secs(asked_at);
        assert_eq!(bans.banned_for(address(1), now).map(|it| it.as_secs()), expect, "{failures_at:?} at {asked_at}");
        assert_eq!(bans.banned_for(address(2), now), None);
    }

    #[test]
    fn bans() {
        check_ban(&[0, 1], 1, None);
        check_ban(&[0, 1, 2], 2, Some(900));
        check_ban(&[0, 1, 2], 901, Some(1));
        check_ban(&[0, 1, 2], 902, None);
        // The first failure is a minute old, so counting began anew.
        check_ban(&[0, 1, 60], 60, None);
        // A failure while banned does not lengthen the ban.
        check_ban(&[0, 1, 2, 500], 901, Some(1));
        // After the ban the count is at zero.
        check_ban(&[0, 1, 2, 902, 903], 903, None);
    }

    #[test]
    fn the_list_is_bounded_and_drops_the_oldest() {
        let start = Instant::now();
        let bans = Bans::new(1, Duration::from_secs(900));
        for n in 0..=MAX_ADDRESSES as u32 {
            assert!(bans.count_failure(address(n), start + Duration::from_millis(u64::from(n))));
        }
        let now = start + Duration::from_secs(20);
        assert_eq!(bans.lock().len(), MAX_ADDRESSES);
        assert_eq!(bans.banned_for(address(0), now), None);
        assert!(bans.banned_for(address(1), now).is_some());
        assert!(bans.banned_for(address(MAX_ADDRESSES as u32), now).is_some());
    }

    #[test]
    fn zero_failures_never_ban() {
        let bans = Bans::new(0, Duration::from_secs(900));
        let now = Instant::now();
        assert!((0..100).all(|_| !bans.count_failure(address(1), now)));
        assert_eq!(bans.banned_for(address(1), now), None);
    }
}
