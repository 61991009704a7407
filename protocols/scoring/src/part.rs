//! Tables of points that nobody sees: each maker encrypts its share, and the holder adds them up
//! (SPEC §3.1).

use std::fmt;

use rand_core::CryptoRng;
use zeroize::Zeroizing;

use crate::digest::Use;
use crate::scorecard::Plain;
use crate::{Encode, Error, MAX_POINTS, PublicKey, Shape, Table, TableKey, TableTerms, batch};

/// One maker's share of a holder's points: a number below 2^10 for each bin of its features. Those of
/// all makers add up to the points, modulo 2^10. Wiped on drop.
///
/// ```compile_fail,E0277
/// # fn with(share: scoring::ScorecardShare) {
/// println!("{share:?}");
/// # }
/// ```
/// ```compile_fail,E0277
/// # fn send(_: &impl scoring::Encode) {}
/// # fn with(share: scoring::ScorecardShare) {
/// send(&share);
/// # }
/// ```
pub struct ScorecardShare(pub(crate) Plain);

impl ScorecardShare {
    /// The share of the points of a table of this shape, feature after feature.
    ///
    /// # Errors
    ///
    /// [`Error::NoShare`] when there is not one number below 2^10 a bin.
    pub fn new(shape: Shape, points: Zeroizing<Vec<u16>>) -> Result<Self, Error> {
        let fits = points.iter().all(|&number| number <= MAX_POINTS);
        match fits && points.len() == shape.entries() {
            true => Ok(Self(Plain { points, shape })),
            false => Err(Error::NoShare),
        }
    }
}

/// The terms of one part of a table: which of how many.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartTerms {
    whole: TableTerms,
    /// Those of the whole, under the digest of this part.
    part: TableTerms,
    place: usize,
    parts: usize,
}

impl PartTerms {
    /// The most parts of a table: what its noise was reckoned with (SPEC §2.9).
    pub const MOST: usize = 3;

    /// Part `place`, from 0, of the `parts` of a table: 2 or 3.
    ///
    /// # Errors
    ///
    /// [`Error::Parts`].
    pub fn new(whole: TableTerms, place: usize, parts: usize) -> Result<Self, Error> {
        if !(2..=Self::MOST).contains(&parts) || place >= parts {
            return Err(Error::Parts);
        }
        let digest = Use::TablePart
            .hasher()
            .with(&whole.digest())
            .with(&[byte(place), byte(parts)])
            .finish();
        Ok(Self { part: whole.with_digest(digest), whole, place, parts })
    }

    /// The terms of the whole table.
    pub fn whole(&self) -> &TableTerms {
        &self.whole
    }

    pub(crate) fn part(&self) -> &TableTerms {
        &self.part
    }
}

/// One part of a table, which scores nothing by itself: [`Table::of_parts`] adds them up.
pub struct TablePart<K = PublicKey> {
    terms: PartTerms,
    table: Table<K>,
}

impl<K: TableKey> TablePart<K> {
    /// Encrypts a share of points under the lender's public key. Whoever has the share does this.
    ///
    /// # Errors
    ///
    /// [`Error::OtherKey`] or [`Error::OtherShape`] when key or share are not those of the terms.
    pub fn encrypt(
        terms: &PartTerms,
        key: &K,
        share: ScorecardShare,
        rng: &mut impl CryptoRng,
    ) -> Result<Self, Error> {
        let table = Table::pressed(terms.part(), key, share.0, rng)?;
        Ok(Self::new(terms.clone(), table))
    }

    /// What it is a part of.
    pub fn terms(&self) -> &PartTerms {
        &self.terms
    }

    pub(crate) fn new(terms: PartTerms, table: Table<K>) -> Self {
        Self { terms, table }
    }

    fn decode(bytes: &[u8]) -> Result<Self, Error> {
        let Some((&[place, parts], table)) = bytes.split_first_chunk() else {
            return Err(Error::Parts);
        };
        let part_of = |whole| PartTerms::new(whole, place.into(), parts.into());
        let table = Table::decode_under(table, |whole| Ok(part_of(whole)?.part))?;
        let terms = part_of(table.terms().whole())?;
        Ok(Self { terms, table })
    }
}

impl TablePart {
    /// Reads a stored part.
    ///
    /// # Errors
    ///
    /// [`Error::Parts`], and as [`Table::from_bytes`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        Self::decode(bytes)
    }
}

impl TablePart<batch::PublicKey> {
    /// Reads a stored part of a batch table.
    ///
    /// # Errors
    ///
    /// [`Error::Parts`], and as [`Table::from_batch_bytes`].
    pub fn from_batch_bytes(bytes: &[u8]) -> Result<Self, Error> {
        Self::decode(bytes)
    }
}

impl<K: TableKey> Encode for TablePart<K> {
    fn to_bytes(&self) -> Vec<u8> {
        let place = [byte(self.terms.place), byte(self.terms.parts)];
        [place.as_slice(), &self.table.to_bytes()].concat()
    }
}

impl<K: TableKey> Table<K> {
    /// Adds up a table's parts, which may come in any order. The holder does this.
    ///
    /// # Errors
    ///
    /// [`Error::Parts`] unless they are all the parts of one table, each once.
    pub fn of_parts(mut parts: Vec<TablePart<K>>) -> Result<Self, Error> {
        parts.sort_by_key(|part| part.terms.place);
        let count = parts.len();
        let first = parts.first().ok_or(Error::Parts)?;
        let whole = first.terms.whole.clone();
        let fits = |(place, part): (usize, &TablePart<K>)| {
            let PartTerms { whole: of, place: at, parts, .. } = &part.terms;
            *of == whole && *at == place && *parts == count
        };
        if !parts.iter().enumerate().all(fits) {
            return Err(Error::Parts);
        }
        Self::sum(whole, parts.into_iter().map(|part| part.table)).ok_or(Error::Parts)
    }
}

fn byte(number: usize) -> u8 {
    u8::try_from(number).expect("a table has at most 3 parts")
}

impl<K> fmt::Debug for TablePart<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TablePart({} of {})", self.terms.place + 1, self.terms.parts)
    }
}
