//! A party's set, packed.

use std::fmt;
use std::hash::{DefaultHasher, Hasher};

use rayon::slice::ParallelSliceMut;

use crate::Error;

/// A party's set: distinct byte strings in one arena, at their length and 4 bytes each.
///
/// An item carries its type (`uscc:91320100MA1XXXXX0X`), normalised and checked by the host: two
/// spellings of one subject are two items here.
///
/// ```
/// use psi::{Error, Items};
///
/// let items = Items::new(["uscc:1", "uscc:2"])?;
/// assert_eq!((items.len(), items.item(1)), (2, &b"uscc:2"[..]));
///
/// let twice = Items::new(["uscc:1", "uscc:2", "uscc:1"]);
/// assert_eq!(twice.err(), Some(Error::SameItem { first: 0, second: 2 }));
/// # Ok::<(), Error>(())
/// ```
pub struct Items {
    bytes: Vec<u8>,
    /// Where each item ends in `bytes`.
    ends: Vec<u32>,
}

impl Items {
    /// Packs `items`, which must be distinct.
    ///
    /// # Errors
    ///
    /// [`Error::SameItem`] with the two places, or [`Error::SetTooLarge`].
    pub fn new<I>(items: I) -> Result<Self, Error>
    where
        I: IntoIterator,
        I::Item: AsRef<[u8]>,
    {
        let items = items.into_iter();
        let mut packed = Self { bytes: Vec::new(), ends: Vec::with_capacity(items.size_hint().0) };
        for item in items {
            packed.bytes.extend_from_slice(item.as_ref());
            let end = u32::try_from(packed.bytes.len()).map_err(|_| Error::SetTooLarge)?;
            // The last index that a u32 holds belongs to the 2^32nd item.
            u32::try_from(packed.ends.len()).map_err(|_| Error::SetTooLarge)?;
            packed.ends.push(end);
        }
        packed.bytes.shrink_to_fit();
        packed.ends.shrink_to_fit();
        packed.expect_distinct()?;
        Ok(packed)
    }

    /// How many items there are.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The item at `index`.
    ///
    /// # Panics
    ///
    /// When there is none.
    pub fn item(&self, index: usize) -> &[u8] {
        let start = index.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.bytes[start as usize..self.ends[index] as usize]
    }

    /// Expects no more items than the terms allow.
    pub(crate) fn expect_at_most(&self, agreed: u64) -> Result<(), Error> {
        let found = self.len() as u64;
        if found > agreed { Err(Error::MoreThanAgreed { agreed, found }) } else { Ok(()) }
    }

    /// Sorts by a hash, which lies beside its index, and only then by the item, which lies anywhere:
    /// 16 bytes an item more for a moment, and exact whatever the hash.
    fn expect_distinct(&self) -> Result<(), Error> {
        let mut order: Vec<(u64, u32)> = (0..=u32::MAX)
            .take(self.len())
            .map(|index| {
                let mut hash = DefaultHasher::new();
                hash.write(self.item(index as usize));
                (hash.finish(), index)
            })
            .collect();
        order.par_sort_unstable_by(|&(one, a), &(other, b)| {
            let items = || self.item(a as usize).cmp(self.item(b as usize));
            one.cmp(&other).then_with(items).then(a.cmp(&b))
        });
        let same = order
            .array_windows()
            .filter(|[(one, a), (other, b)]| {
                one == other && self.item(*a as usize) == self.item(*b as usize)
            })
            .min_by_key(|[_, (_, later)]| *later);
        match same {
            Some(&[(_, first), (_, second)]) => Err(Error::SameItem { first, second }),
            None => Ok(()),
        }
    }
}

// The items are identifiers of a party's customers, so they are never printed.
impl fmt::Debug for Items {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Items {{ {} }}", self.len())
    }
}
