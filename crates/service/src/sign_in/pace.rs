//! How often somebody may try: a bucket for each key that refills steadily (the generic cell rate
//! algorithm), in memory, bounded.
//!
//! A bucket never shuts anybody out for good: it says in how many seconds the next try counts.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use model::digest::Digest;
use model::id::IdentityId;
use model::timestamp::Timestamp;

use crate::{Result, ServiceError};

/// Buckets that are remembered. Full ones are forgotten first, then those that are nearest to it.
const MOST: usize = 100_000;
/// How many of those are forgotten at once, so that making room costs nothing each time.
const ROOM: usize = MOST / 10;

/// Whose tries are counted.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Bucket {
    /// Everything from one address.
    Address(Option<Network>),
    /// One account, from one address.
    AccountFrom(Digest, Option<Network>),
    /// One account, from addresses that its owner never signed in from.
    Account(Digest),
    /// Proofs and codes that are exchanged for tokens, from one address.
    Exchange(Option<Network>),
    /// A signed-in person who types in a code.
    Codes(IdentityId),
}

impl Bucket {
    /// How many tries it holds, and how long one takes to come back.
    const fn size(&self) -> (u32, Duration) {
        match self {
            Self::Address(_) => (30, Duration::from_secs(10)),
            Self::AccountFrom(..) | Self::Codes(_) => (10, Duration::from_secs(30)),
            Self::Account(_) => (50, Duration::from_secs(10)),
            // The jobs of a CI system, and all clusters of a site, stand behind one address.
            Self::Exchange(_) => (300, Duration::from_millis(200)),
        }
    }
}

/// Who an address stands for: one machine of IPv4, one network of IPv6, whose 64 lower bits
/// everybody chooses as they like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Network(u128);

impl Network {
    pub(crate) fn of(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V4(address) => Self(u128::from(address.to_bits())),
            IpAddr::V6(address) => Self(address.to_bits() >> 64 << 64),
        }
    }
}

impl std::fmt::Display for Network {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

/// When each bucket would be full again.
#[derive(Debug, Default)]
pub(crate) struct Pace {
    full_at: Mutex<HashMap<Bucket, Timestamp>>,
}

impl Pace {
    /// Takes one try out of a bucket.
    ///
    /// # Errors
    /// Too many, with the seconds until the next one.
    pub(crate) fn take(&self, bucket: Bucket, now: Timestamp) -> Result<()> {
        let (size, refill) = bucket.size();
        let mut full_at = self.full_at.lock().unwrap_or_else(PoisonError::into_inner);
        if full_at.len() >= MOST {
            make_room(&mut full_at, now);
        }
        let at = full_at.get(&bucket).copied().unwrap_or(now).max(now);
        let next = at + refill;
        let held = refill.saturating_mul(size);
        if next.since(now) > held {
            let wait = next.since(now).saturating_sub(held);
            return Err(ServiceError::TooMany(wait.as_secs().saturating_add(1)));
        }
        full_at.insert(bucket, next);
        Ok(())
    }

    /// Fills a bucket again: whoever proved to be the owner did not guess.
    pub(crate) fn refill(&self, bucket: &Bucket) {
        self.full_at.lock().unwrap_or_else(PoisonError::into_inner).remove(bucket);
    }
}

/// Forgets what is full, and else what is nearest to it: whoever tried most is remembered longest.
/// Refusing whoever is new instead would let somebody with many networks shut everybody out.
fn make_room(full_at: &mut HashMap<Bucket, Timestamp>, now: Timestamp) {
    full_at.retain(|_, at| *at > now);
    if full_at.len() < MOST {
        return;
    }
    let mut times: Vec<Timestamp> = full_at.values().copied().collect();
    let (_, nearest, _) = times.select_nth_unstable(ROOM);
    let mut n_left = ROOM;
    full_at.retain(|_, at| {
        let is_forgotten = n_left > 0 && *at <= *nearest;
        n_left = n_left.saturating_sub(usize::from(is_forgotten));
        !is_forgotten
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_empties_and_refills_steadily() {
        let pace = Pace::default();
        let now = Timestamp::from_seconds(1_000);
        let bucket = Bucket::Codes(IdentityId(model::id::Suid::from_column(1)));
        for _ in 0..10 {
            pace.take(bucket.clone(), now).unwrap();
        }
        for _ in 0..10_000 {
            assert!(matches!(pace.take(bucket.clone(), now), Err(ServiceError::TooMany(31))));
        }
        // However often it was tried in vain, the next one comes back on time.
        let later = now + Duration::from_secs(30);
        pace.take(bucket.clone(), later).unwrap();
        assert!(pace.take(bucket.clone(), later).is_err());
        pace.refill(&bucket);
        pace.take(bucket, later).unwrap();
    }

    #[test]
    fn memory_is_bounded_and_nobody_is_shut_out_for_want_of_it() {
        let pace = Pace::default();
        let now = Timestamp::from_seconds(1_000);
        let n_held = || pace.full_at.lock().unwrap().len();
        let guessed = Bucket::Account(Digest::of(b"ada"));
        while pace.take(guessed.clone(), now).is_ok() {}
        let network = |nth: u32| Some(Network::of(std::net::Ipv4Addr::from_bits(nth).into()));
        for nth in 0..250_000 {
            pace.take(Bucket::Address(network(nth)), now).unwrap();
            assert!(n_held() <= MOST);
        }
        assert!(n_held() > MOST / 2);
        // Whoever tried most is remembered.
        assert!(pace.take(guessed.clone(), now).is_err());
        // And when all of it is over, so is the memory.
        let later = now + Duration::from_secs(3_600);
        for nth in 0..u32::try_from(MOST).unwrap() {
            pace.take(Bucket::Codes(IdentityId(model::id::Suid::from_column(nth.into()))), later)
                .unwrap();
        }
        pace.take(guessed, later).unwrap();
        assert!(n_held() <= MOST);
    }

    #[test]
    fn neighbours_of_one_ipv6_network_share_a_bucket_and_those_of_ipv4_do_not() {
        let network = |text: &str| Network::of(text.parse().unwrap());
        assert_eq!(network("2001:db8:1:2::1"), network("2001:db8:1:2:ffff::9"));
        assert_ne!(network("2001:db8:1:2::1"), network("2001:db8:1:3::1"));
        assert_ne!(network("192.0.2.1"), network("192.0.2.2"));
        assert_eq!(network("::ffff:192.0.2.1"), network("192.0.2.1"));
    }
}
