//! Callers who have not yet shown who they are: how many may try at once, and how much is said of them.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Handshakes at once, from everywhere and from one [`origin`].
const AT_ONCE: usize = 256;
const AT_ONCE_FROM_ONE: usize = 32;

/// Lines about refused callers in one window; of the rest it says how many there were.
const LINES: u32 = 10;
const WINDOW: Duration = Duration::from_secs(60);

/// Callers in the middle of a handshake, and what was said of those who failed.
#[derive(Default)]
pub(crate) struct Strangers {
    knocking: Mutex<HashMap<IpAddr, usize>>,
    said: Mutex<Said>,
}

#[derive(Default)]
struct Said {
    since: Option<Instant>,
    lines: u32,
    unsaid: u64,
}

/// A handshake under way; over when it is dropped.
pub(crate) struct Handshake {
    strangers: Arc<Strangers>,
    address: IpAddr,
}

impl Strangers {
    /// Lets a caller try, where not too many do already.
    pub(crate) fn knock(self: &Arc<Self>, address: IpAddr) -> Option<Handshake> {
        let address = origin(address);
        let mut knocking = locked(&self.knocking);
        if knocking.values().sum::<usize>() >= AT_ONCE {
            return None;
        }
        let from_it = knocking.entry(address).or_default();
        if *from_it >= AT_ONCE_FROM_ONE {
            return None;
        }
        *from_it += 1;
        Some(Handshake { strangers: Arc::clone(self), address })
    }

    /// Whether to say something of one more refused caller: if so, how many went by unsaid before.
    pub(crate) fn refused(&self, now: Instant) -> Option<u64> {
        let mut said = locked(&self.said);
        if said.since.is_none_or(|since| now.saturating_duration_since(since) >= WINDOW) {
            (said.since, said.lines) = (Some(now), 0);
        }
        if said.lines >= LINES {
            said.unsaid += 1;
            return None;
        }
        said.lines += 1;
        Some(std::mem::take(&mut said.unsaid))
    }
}

impl Drop for Handshake {
    fn drop(&mut self) {
        let mut knocking = locked(&self.strangers.knocking);
        if let Some(from_it) = knocking.get_mut(&self.address) {
            *from_it -= 1;
            if *from_it == 0 {
                knocking.remove(&self.address);
            }
        }
    }
}

/// Where a caller is from: its address, or of IPv6 its network, all of which is its own.
fn origin(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => address.into(),
        IpAddr::V6(address) => {
            Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX)).into()
        }
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_address_does_not_take_the_door_from_another_and_nothing_is_kept_of_who_has_left() {
        let strangers = Arc::new(Strangers::default());
        let address = |at: u8| IpAddr::from([10, 0, 0, at]);
        let knock = |at| {
            let mut inside = Vec::new();
            while let Some(handshake) = strangers.knock(address(at)) {
                inside.push(handshake);
            }
            inside
        };
        let one = knock(1);
        assert_eq!(one.len(), AT_ONCE_FROM_ONE);
        let all: Vec<_> = (2..100).map(knock).collect();
        assert_eq!(all.iter().map(Vec::len).sum::<usize>(), AT_ONCE - AT_ONCE_FROM_ONE);
        drop(one);
        assert!(strangers.knock(address(200)).is_some());
        drop(all);
        assert!(locked(&strangers.knocking).is_empty());
    }

    #[test]
    fn the_addresses_of_one_network_of_ipv6_are_one_and_those_of_ipv4_are_not() {
        let strangers = Arc::new(Strangers::default());
        let at = |text: &str| text.parse::<IpAddr>().unwrap();
        let knock = |number: usize| at(&format!("2001:db8:0:7:{number:x}::1"));
        let inside: Vec<_> = (0..100).filter_map(|n| strangers.knock(knock(n))).collect();
        assert_eq!(inside.len(), AT_ONCE_FROM_ONE);
        assert!(strangers.knock(at("2001:db8:0:8::1")).is_some());
        // As a socket that takes both writes them.
        let four = |number: usize| at(&format!("::ffff:10.0.0.{number}"));
        let others: Vec<_> = (0..100).filter_map(|n| strangers.knock(four(n))).collect();
        assert_eq!(others.len(), 100);
        drop((inside, others));
        assert!(locked(&strangers.knocking).is_empty());
    }

    #[test]
    fn of_many_refused_callers_a_few_are_told_of_and_the_rest_counted() {
        let (strangers, start) = (Strangers::default(), Instant::now());
        let said = (0..1_000).filter(|_| strangers.refused(start).is_some()).count();
        assert_eq!(said, 10);
        assert_eq!(strangers.refused(start + WINDOW), Some(990));
        assert_eq!(strangers.refused(start + WINDOW), Some(0));
    }
}
