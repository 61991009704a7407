//! Where the subjects of a list stand in a table.

use std::collections::HashSet;

use domain::Subject;

use crate::{Table, Unfit};

/// The place of each subject of a list, or none: 4 bytes a row, for each column reads them all.
pub(crate) struct Places(Vec<u32>);

const ABSENT: u32 = u32::MAX;

impl Places {
    /// Finds each subject of a list in a table.
    ///
    /// # Errors
    ///
    /// [`Unfit::TableRepeats`], [`Unfit::ListRepeats`].
    pub(crate) fn of(table: &Table, list: &[Subject]) -> Result<Self, Unfit> {
        if table.repeated() > 0 {
            return Err(Unfit::TableRepeats { count: table.repeated() });
        }
        let mut seen = vec![false; table.len()];
        let mut absent = HashSet::new();
        let mut count = 0;
        let place = |subject| {
            let place = table.row(subject);
            let again = match place {
                Some(place) => std::mem::replace(&mut seen[place], true),
                None => !absent.insert(subject),
            };
            count += usize::from(again);
            place.map_or(ABSENT, |place| u32::try_from(place).expect("places are below 2^32 - 1"))
        };
        let places = list.iter().map(place).collect();
        if count > 0 { Err(Unfit::ListRepeats { count }) } else { Ok(Self(places)) }
    }

    /// The places, in the order of the list.
    pub(crate) fn iter(&self) -> impl Iterator<Item = Option<usize>> {
        let widened = |place: u32| usize::try_from(place).expect("usize has at least 32 bits");
        self.0.iter().map(move |place| (*place != ABSENT).then(|| widened(*place)))
    }

    /// How many subjects the list has.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// How many of them the table has.
    pub(crate) fn present(&self) -> usize {
        self.iter().flatten().count()
    }
}
