//! What holders and the lender send the three roles before the training, once, and then leave.

use bytes::Bytes;
use rand_core::CryptoRng;
use session::Role;
use sha2::{Digest, Sha256};
use sharing::{Layout, Receipt, Vector};

use crate::{
    Column, DOMAIN_UPLOADS, Error, FEATURE, Inputs, LENDER, Labels, SharedLabels, SharedWeights,
    Terms, Whose,
};

/// A holder's columns, or the lender's labels, on their way to the three roles (SPEC §3.1).
///
/// To each role go first its [`seeds`](Self::seeds), then one message a column. All messages but
/// the seeds look random to each role alone; two roles together can read the column.
pub struct Upload {
    inner: sharing::Upload,
    rows: usize,
    /// How many columns it has in all, and how many have gone.
    columns: usize,
    gone: usize,
}

impl Upload {
    /// The upload of the holder in this place of the terms.
    ///
    /// # Errors
    ///
    /// [`Error::Terms`], or [`Error::Shape`] if the terms have no such holder.
    pub fn of_holder(
        terms: &Terms,
        holder: usize,
        rng: &mut impl CryptoRng,
    ) -> Result<Self, Error> {
        terms.check()?;
        let columns = terms.columns.get(holder);
        let columns = columns.ok_or(Error::Shape {
            what: "holders at least",
            expected: terms.columns.len(),
            found: holder + 1,
        })?;
        Ok(Self::new(terms, usize::from(*columns), rng))
    }

    /// The upload of the lender's labels.
    ///
    /// # Errors
    ///
    /// [`Error::Terms`].
    pub fn of_labels(terms: &Terms, rng: &mut impl CryptoRng) -> Result<Self, Error> {
        terms.check()?;
        Ok(Self::new(terms, 0, rng))
    }

    fn new(terms: &Terms, columns: usize, rng: &mut impl CryptoRng) -> Self {
        let inner = sharing::Upload::new(Layout::Replicated, rng);
        Self { inner, rows: terms.rows as usize, columns, gone: 0 }
    }

    /// The first message to a role.
    pub fn seeds(&self, role: Role) -> Bytes {
        self.inner.seeds(role)
    }

    /// The next column's message to each role; empty to a role that has all from seeds.
    ///
    /// # Errors
    ///
    /// [`Error::Shape`] when it has more or fewer rows than the terms say, or is one too many.
    pub fn column(&mut self, column: &Column) -> Result<[Bytes; 3], Error> {
        let (expected, found) = (self.rows, column.len());
        if expected != found {
            return Err(Error::Shape { what: "rows", expected, found });
        }
        self.gone += 1;
        if self.gone > self.columns {
            let (expected, found) = (self.columns, self.gone);
            return Err(Error::Shape { what: "columns", expected, found });
        }
        Ok(self.inner.column(&column.values))
    }

    /// The messages of the labels to each role, in turn.
    ///
    /// # Errors
    ///
    /// [`Error::Shape`] or [`Error::Cover`] when the labels are not those of the terms.
    pub fn labels(mut self, labels: &Labels, terms: &Terms) -> Result<Vec<[Bytes; 3]>, Error> {
        labels.check(terms)?;
        let mut messages = vec![self.inner.column(&*labels.start), self.inner.column(&labels.bad)];
        if let Some(weighted) = &labels.weighted {
            messages.push(self.inner.column(&weighted.good));
            messages.push(self.inner.column(&weighted.weights));
        }
        Ok(messages)
    }
}

/// What one role has received of all uploads.
pub struct Uploads {
    terms: Terms,
    role: Role,
    holders: Vec<Option<Vec<Vector<FEATURE>>>>,
    labels: Option<SharedLabels>,
    /// The hashes of all messages, in the order of the terms, the labels' last.
    origins: Vec<[u8; 32]>,
}

impl Uploads {
    /// Nothing yet, at a role.
    ///
    /// # Errors
    ///
    /// [`Error::Terms`].
    pub fn new(terms: &Terms, role: Role) -> Result<Self, Error> {
        terms.check()?;
        let holders = terms.columns.len();
        Ok(Self {
            terms: terms.clone(),
            role,
            holders: (0..holders).map(|_| None).collect(),
            labels: None,
            origins: vec![[0; 32]; holders + 1],
        })
    }

    /// Takes the messages of a holder: its seeds, then one for each column.
    ///
    /// # Errors
    ///
    /// [`Error::Shape`] or [`Error::Sharing`] when messages are missing, too many, or of another
    /// length than the terms make them; [`Error::Upload`] when they came before.
    pub fn holder(&mut self, holder: usize, messages: &[Bytes]) -> Result<(), Error> {
        let columns = self.terms.columns.get(holder).map_or(0, |&columns| usize::from(columns));
        let origin = hash_of(messages);
        let (seeds, messages) = split(messages, columns)?;
        if self.holders.get(holder).is_none_or(Option::is_some) {
            return Err(Error::Upload { whose: Whose::Holder(holder), twice: true });
        }
        let mut receipt = self.receipt(holder_role(holder), seeds)?;
        let rows = self.terms.rows as usize;
        let columns = messages.iter().map(|message| receipt.column(message, rows));
        self.holders[holder] = Some(columns.collect::<Result<_, _>>()?);
        self.origins[holder] = origin;
        Ok(())
    }

    /// Takes the messages of the lender's labels.
    ///
    /// # Errors
    ///
    /// As [`holder`](Self::holder).
    pub fn labels(&mut self, messages: &[Bytes]) -> Result<(), Error> {
        let origin = hash_of(messages);
        let (seeds, messages) = split(messages, if self.terms.is_weighted() { 4 } else { 2 })?;
        if self.labels.is_some() {
            return Err(Error::Upload { whose: Whose::Labels, twice: true });
        }
        let mut receipt = self.receipt(LENDER, seeds)?;
        let rows = self.terms.rows as usize;
        let start = receipt.column(&messages[0], 1)?;
        let bad = receipt.column(&messages[1], rows)?;
        let weighted = match messages {
            [_, _, good, weights] => Some(SharedWeights {
                good: receipt.column(good, rows)?,
                weights: receipt.column(weights, rows)?,
            }),
            _ => None,
        };
        self.labels = Some(SharedLabels { bad, weighted, start });
        self.origins[self.holders.len()] = origin;
        Ok(())
    }

    /// What a training takes, once all uploads have come.
    ///
    /// # Errors
    ///
    /// [`Error::Upload`] that says which has not.
    pub fn complete(self) -> Result<Inputs, Error> {
        let mut columns = Vec::new();
        for (place, holder) in self.holders.into_iter().enumerate() {
            let missing = Error::Upload { whose: Whose::Holder(place), twice: false };
            columns.extend(holder.ok_or(missing)?);
        }
        let labels = self.labels.ok_or(Error::Upload { whose: Whose::Labels, twice: false })?;
        let mut inputs = Inputs::new(columns, labels);
        inputs.origin = hash(&self.origins.concat());
        Ok(inputs)
    }

    fn receipt(&self, from: Role, seeds: &[u8]) -> Result<Receipt, Error> {
        Ok(Receipt::new(Layout::Replicated, self.role, from, seeds)?)
    }
}

/// The seeds, and as many messages as there must be.
fn split(messages: &[Bytes], expected: usize) -> Result<(&[u8], &[Bytes]), Error> {
    match messages {
        [seeds, rest @ ..] if rest.len() == expected => Ok((seeds, rest)),
        _ => Err(Error::Shape { what: "messages", expected: expected + 1, found: messages.len() }),
    }
}

/// What a holder is called in an error of its upload: no role that computes.
fn holder_role(holder: usize) -> Role {
    Role(u8::try_from(holder + 3).unwrap_or(u8::MAX))
}

/// Every message, each after its length.
fn hash_of(messages: &[Bytes]) -> [u8; 32] {
    let mut hash = Sha256::new_with_prefix(DOMAIN_UPLOADS);
    for message in messages {
        hash.update((message.len() as u64).to_be_bytes());
        hash.update(message);
    }
    hash.finalize().into()
}

fn hash(bytes: &[u8]) -> [u8; 32] {
    Sha256::new().chain_update(DOMAIN_UPLOADS).chain_update(bytes).finalize().into()
}
