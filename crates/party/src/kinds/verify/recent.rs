//! The few things that were used last.

/// A few things by their keys; one more takes the place of the one that was not used for longest.
pub(super) struct Recent<K, T>(
    /// The last one is the one that was used last.
    Vec<(K, T)>,
);

impl<K: PartialEq, T: Clone> Recent<K, T> {
    /// What is kept under a key, which is used by this.
    pub(super) fn find(&mut self, key: &K) -> Option<T> {
        let at = self.0.iter().position(|(kept, _)| kept == key)?;
        let found = self.0.remove(at);
        let thing = found.1.clone();
        self.0.push(found);
        Some(thing)
    }

    /// Keeps one more, and at most `most` in all.
    pub(super) fn keep(&mut self, key: K, thing: T, most: usize) {
        self.0.retain(|(kept, _)| *kept != key);
        self.0.push((key, thing));
        let surplus = self.0.len().saturating_sub(most);
        self.0.drain(..surplus);
    }
}

impl<K, T> Default for Recent<K, T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

#[cfg(test)]
mod tests {
    use super::Recent;

    #[test]
    fn one_more_takes_the_place_of_the_one_that_was_not_used_for_longest() {
        let mut recent = Recent::default();
        recent.keep(1, "a", 2);
        recent.keep(2, "b", 2);
        assert_eq!(recent.find(&1), Some("a"));
        recent.keep(3, "c", 2);
        assert_eq!([1, 2, 3].map(|key| recent.find(&key)), [Some("a"), None, Some("c")]);
        // The same again takes nobody's place.
        recent.keep(3, "d", 2);
        assert_eq!([1, 3].map(|key| recent.find(&key)), [Some("a"), Some("d")]);
        assert_eq!(recent.0.len(), 2);
    }
}
