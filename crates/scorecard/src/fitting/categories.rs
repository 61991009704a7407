//! Categories as pre-bins: which order, which bins.

use crate::Error;
use crate::fitting::{Counts, Partition};

/// In which order categories stand; only neighbours can become one bin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// From the least bad rate to the greatest; of equals, as they were given. What has no order of
    /// its own.
    BadRate,
    /// As they were given: what has one.
    Given,
}

/// Categories with their counts, in an order.
///
/// # Errors
///
/// [`Error::Fitting`] when there are not as many counts as categories.
pub fn ordered(
    categories: Vec<String>,
    counts: &[Counts],
    order: Order,
) -> Result<(Vec<String>, Vec<Counts>), Error> {
    if categories.len() != counts.len() {
        return Err(Error::Fitting(format!(
            "{} categories and {} counts",
            categories.len(),
            counts.len()
        )));
    }
    let mut all: Vec<_> = categories.into_iter().zip(counts.iter().copied()).collect();
    match order {
        // Without rows there is no rate; such a category stands first.
        Order::BadRate => all.sort_by(|(_, one), (_, other)| {
            let has_rows = |counts: &Counts| counts.total() > 0;
            has_rows(one).cmp(&has_rows(other)).then_with(|| one.cmp_rate(*other))
        }),
        Order::Given => {}
    }
    Ok(all.into_iter().unzip())
}

/// The partition in which these groups of categories stand together, for bins that somebody has
/// pinned: `categories` in the order of the groups, and the partition of them.
///
/// # Errors
///
/// [`Error::Fitting`] without a group or with an empty one.
pub fn pinned(groups: Vec<Vec<String>>) -> Result<(Vec<String>, Partition), Error> {
    let starts = groups.iter().scan(0, |next, group| {
        let start = *next;
        *next += group.len();
        Some(start)
    });
    let partition = Partition::new(starts.collect(), groups.iter().map(Vec::len).sum())?;
    Ok((groups.into_iter().flatten().collect(), partition))
}

#[cfg(test)]
mod tests {
    use super::{Order, ordered, pinned};
    use crate::fitting::Counts;

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn categories_stand_by_bad_rate_or_as_given() {
        let counts = [Counts::new(1, 9), Counts::new(9, 1), Counts::new(5, 5), Counts::default()];
        let by = |order| ordered(names(&["a", "b", "c", "d"]), &counts, order).unwrap().0;
        assert_eq!(by(Order::BadRate), ["d", "b", "c", "a"]);
        assert_eq!(by(Order::Given), ["a", "b", "c", "d"]);
        assert!(ordered(names(&["a"]), &counts, Order::Given).is_err());
    }

    #[test]
    fn pinned_groups_are_a_partition_of_their_categories() {
        let (categories, partition) = pinned(vec![names(&["b"]), names(&["c", "a"])]).unwrap();
        assert_eq!(
            (categories.as_slice(), partition.starts()),
            (&names(&["b", "c", "a"])[..], &[0, 1][..])
        );
        assert_eq!(partition.groups(&categories), [names(&["b"]), names(&["c", "a"])]);
        assert!(pinned(vec![]).is_err() && pinned(vec![vec![], names(&["a"])]).is_err());
    }
}
