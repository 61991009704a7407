//! Which neighbouring pre-bins make a bin.

use std::iter::once;
use std::ops::Range;

use crate::Error;
use crate::fitting::Counts;

/// Which neighbouring pre-bins make a bin: every pre-bin is in one, and no bin is empty of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Partition {
    /// The first pre-bin of every bin; the first is 0.
    starts: Vec<usize>,
    /// How many pre-bins there are.
    of: usize,
}

impl Partition {
    /// The partition of `of` pre-bins whose bins start at these, ascending, the first at 0.
    ///
    /// # Errors
    ///
    /// [`Error::Fitting`] where they do not.
    pub fn new(starts: Vec<usize>, of: usize) -> Result<Self, Error> {
        let ascends = starts.is_sorted_by(|one, next| one < next);
        if starts.first() != Some(&0) || !ascends || starts.last() >= Some(&of) {
            return Err(Error::Fitting(
                "bins start at ascending pre-bins, the first at the first".into(),
            ));
        }
        Ok(Self { starts, of })
    }

    /// Every pre-bin for itself.
    ///
    /// # Errors
    ///
    /// [`Error::Fitting`] of none.
    pub fn apart(of: usize) -> Result<Self, Error> {
        Self::new((0..of).collect(), of)
    }

    /// The partition with these breaks between bins, of those between pre-bins: somebody has chosen
    /// them. Its [`Partition::starts`] but the first are what they pin.
    ///
    /// # Errors
    ///
    /// [`Error::Fitting`] for a break that is none between pre-bins, and where they do not ascend.
    pub fn at_breaks(between: &[f64], breaks: &[f64]) -> Result<Self, Error> {
        let start = |at: &f64| -> Result<usize, Error> {
            let place = between.iter().position(|one| one == at).ok_or_else(|| {
                Error::Fitting(format!("{at} is no break between pre-bins: {between:?}"))
            })?;
            Ok(place + 1)
        };
        let starts = once(Ok(0)).chain(breaks.iter().map(start)).collect::<Result<_, Error>>()?;
        Self::new(starts, between.len() + 1)
    }

    /// How many bins there are.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "a partition always has a bin")]
    pub fn len(&self) -> usize {
        self.starts.len()
    }

    /// The first pre-bin of every bin.
    #[must_use]
    pub fn starts(&self) -> &[usize] {
        &self.starts
    }

    /// The pre-bins of each bin.
    pub fn ranges(&self) -> impl Iterator<Item = Range<usize>> {
        let ends = self.starts.iter().skip(1).copied().chain(once(self.of));
        self.starts.iter().copied().zip(ends).map(|(start, end)| start..end)
    }

    /// The bin of a pre-bin; of what lies beyond, the last.
    #[must_use]
    pub fn bin_of(&self, prebin: usize) -> usize {
        self.starts.partition_point(|start| *start <= prebin) - 1
    }

    /// The counts of each bin, of those of the pre-bins; pre-bins without counts have none.
    #[must_use]
    pub fn counts(&self, prebins: &[Counts]) -> Vec<Counts> {
        let of = |range: Range<usize>| prebins.get(range).unwrap_or_default().iter().copied().sum();
        self.ranges().map(of).collect()
    }

    /// The breaks between bins, of those between pre-bins: one less than there are of them.
    #[must_use]
    pub fn breaks(&self, between: &[f64]) -> Vec<f64> {
        let before = |start: &usize| between.get(start - 1).copied();
        self.starts.iter().skip(1).filter_map(before).collect()
    }

    /// What each bin holds, where every pre-bin is one thing.
    #[must_use]
    pub fn groups<T: Clone>(&self, prebins: &[T]) -> Vec<Vec<T>> {
        self.ranges().map(|range| prebins.get(range).unwrap_or_default().to_vec()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::Partition;
    use crate::fitting::Counts;

    #[test]
    fn bins_take_the_counts_the_breaks_and_the_values_of_their_pre_bins() {
        let partition = Partition::new(vec![0, 2, 3], 4).unwrap();
        let counts = [Counts::new(1, 2), Counts::new(3, 4), Counts::new(5, 6), Counts::new(7, 8)];
        let merged = [Counts::new(4, 6), counts[2], counts[3]];
        assert_eq!(partition.counts(&counts), merged);
        assert_eq!(partition.breaks(&[10.0, 20.0, 30.0]), [20.0, 30.0]);
        assert_eq!(partition.groups(&["a", "b", "c", "d"]), [vec!["a", "b"], vec!["c"], vec!["d"]]);
        let bins: Vec<_> = (0..4).map(|prebin| partition.bin_of(prebin)).collect();
        assert_eq!(bins, [0, 0, 1, 2]);
    }

    #[test]
    fn breaks_that_somebody_chose_are_breaks_between_pre_bins() {
        let between = [10.0, 20.0, 30.0];
        assert_eq!(Partition::at_breaks(&between, &[10.0, 30.0]).unwrap().starts(), [0, 1, 3]);
        assert_eq!(Partition::at_breaks(&between, &[]).unwrap().len(), 1);
        let refused = Partition::at_breaks(&between, &[15.0]).unwrap_err().to_string();
        assert!(refused.contains("15 is no break"), "{refused}");
        assert!(Partition::at_breaks(&between, &[30.0, 10.0]).is_err());
    }

    #[test]
    fn starts_that_leave_a_pre_bin_out_or_repeat_one_are_refused() {
        for (starts, of) in
            [(vec![], 0), (vec![0], 0), (vec![1], 2), (vec![0, 0], 2), (vec![0, 2], 2)]
        {
            assert!(Partition::new(starts, of).is_err());
        }
    }
}
