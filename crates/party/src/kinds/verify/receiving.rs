//! Evaluation keys that are coming: each from one run.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use verification::Fingerprint;

/// Keys that are being taken in.
#[derive(Default)]
pub(super) struct Receiving(Arc<Mutex<HashSet<Fingerprint>>>);

impl Receiving {
    /// Marks a key as coming, unless it is already.
    pub(super) fn begin(&self, key: Fingerprint) -> Option<Coming> {
        let is_new = self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(key);
        is_new.then(|| Coming { keys: Arc::clone(&self.0), key })
    }

    pub(super) fn is_coming(&self, key: Fingerprint) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).contains(&key)
    }
}

/// A key that is coming, until this is dropped.
pub(super) struct Coming {
    keys: Arc<Mutex<HashSet<Fingerprint>>>,
    key: Fingerprint,
}

impl Drop for Coming {
    fn drop(&mut self) {
        self.keys.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_comes_once_at_a_time_and_again_when_that_has_ended() {
        let receiving = Receiving::default();
        let (one, other) = (Fingerprint([1; 32]), Fingerprint([2; 32]));
        let coming = receiving.begin(one);
        assert!(coming.is_some() && receiving.begin(one).is_none());
        assert!(receiving.begin(other).is_some(), "of another lender");
        assert!(receiving.is_coming(one) && !receiving.is_coming(other));
        drop(coming);
        assert!(!receiving.is_coming(one) && receiving.begin(one).is_some());
    }
}
