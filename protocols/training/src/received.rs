//! An upload as the role that receives it takes, keeps and reads it again.

pub(crate) mod record;

use std::io::Read;

use bytes::Bytes;
use session::Role;
use sharing::{Layout, Receipt, Vector};
use zeroize::Zeroizing;

use self::record::{HEADER, Record};
use crate::transfer::{Incoming, own};
use crate::upload::Shape;
use crate::{
    DOMAIN_UPLOADS, Error, FEATURE, NotKept, ROW_WEIGHT, SharedLabels, SharedWeights, Terms,
    UPLOADER, WEIGHT, Whose,
};

/// One upload, whole, as one role holds it: what [`Uploads::take`](crate::Uploads::take) takes.
///
/// It holds shares: it has no encoding and no `Debug`.
///
/// ```compile_fail
/// fn printable<T: std::fmt::Debug>() {}
/// printable::<training::Received>();
/// ```
pub struct Received {
    pub(crate) whose: Whose,
    pub(crate) role: Role,
    pub(crate) binding: [u8; 32],
    pub(crate) shares: Shares,
    /// A hash of every message, which tells this upload from any other.
    pub(crate) origin: [u8; 32],
}

/// What an upload brings.
pub(crate) enum Shares {
    Columns(Vec<Vector<FEATURE>>),
    Labels(Box<SharedLabels>),
}

impl Received {
    /// Reads an upload back from what was kept of it, a message at a time. What follows it is not
    /// read.
    ///
    /// # Errors
    ///
    /// [`Error::KeptUpload`] when it is not whole, was altered, or is of other terms, another
    /// uploader or role.
    ///
    /// # Panics
    ///
    /// When `role` is not one of [`ROLES`](crate::ROLES).
    pub fn from_kept(
        terms: &Terms,
        whose: Whose,
        role: Role,
        kept: impl Read,
    ) -> Result<Self, Error> {
        Self::read(Intake::new(terms, whose, role, |_: &[u8]| Ok(()))?, kept)
    }

    /// Reads what was kept of an upload that this intake would take.
    pub(crate) fn read<K: FnMut(&[u8]) -> Result<(), NotKept>>(
        mut intake: Intake<K>,
        mut kept: impl Read,
    ) -> Result<Self, Error> {
        let mut exact = |bytes: &mut [u8]| kept.read_exact(bytes).map_err(|_| Error::KeptUpload);
        let mut header = [0; HEADER];
        exact(&mut header)?;
        if header != intake.record.header {
            return Err(Error::KeptUpload);
        }
        while let Some(expected) = intake.due() {
            let mut length = [0; 8];
            exact(&mut length)?;
            if length != (expected as u64).to_be_bytes() {
                return Err(Error::KeptUpload);
            }
            let mut message = Zeroizing::new(vec![0; expected]);
            exact(&mut message)?;
            intake.take(&message)?;
        }
        let (mut hash, received) = ([0; 32], intake.finish()?);
        exact(&mut hash)?;
        match hash == received.origin {
            true => Ok(received),
            false => Err(Error::KeptUpload),
        }
    }

    /// Takes the messages that an uploader has for itself, being the role `role`; each is let go
    /// once it is taken. `keep` takes them as [`receive`](crate::transfer::receive) does.
    ///
    /// # Errors
    ///
    /// [`Error::Shape`] or [`Error::Sharing`] when they are not those of the terms, and
    /// [`Error::NotKept`].
    ///
    /// # Panics
    ///
    /// When `role` is not one of [`ROLES`](crate::ROLES).
    pub fn of_own(
        terms: &Terms,
        whose: Whose,
        role: Role,
        messages: Vec<Bytes>,
        keep: impl FnMut(&[u8]) -> Result<(), NotKept>,
    ) -> Result<Self, Error> {
        Self::taken(Intake::new(terms, whose, role, keep)?, messages)
    }

    /// Takes the messages that an uploader has for itself, as this intake does.
    pub(crate) fn taken<K: FnMut(&[u8]) -> Result<(), NotKept>>(
        intake: Intake<K>,
        messages: Vec<Bytes>,
    ) -> Result<Self, Error> {
        let expected = intake.shape.messages();
        own(intake, expected, messages)
    }
}

/// An upload on its way in: each message is kept and made shares of at once.
pub(crate) struct Intake<K> {
    shape: Shape,
    role: Role,
    binding: [u8; 32],
    receipt: Option<Receipt>,
    /// How many messages have been taken.
    taken: usize,
    columns: Vec<Vector<FEATURE>>,
    labels: Labels,
    record: Record<K>,
}

/// Labels of which not all have come.
#[derive(Default)]
struct Labels {
    start: Option<Vector<WEIGHT>>,
    bad: Option<Vector<0>>,
    good: Option<Vector<0>>,
    weights: Option<Vector<ROW_WEIGHT>>,
}

impl<K: FnMut(&[u8]) -> Result<(), NotKept>> Intake<K> {
    pub(crate) fn new(terms: &Terms, whose: Whose, role: Role, keep: K) -> Result<Self, Error> {
        let shape = Shape::of(terms, whose)?;
        Ok(Self::of(shape, terms.binding(), role, DOMAIN_UPLOADS, keep))
    }

    /// Of an upload of this shape, under terms of whatever kind; what is kept of it is hashed in the
    /// domain.
    pub(crate) fn of(shape: Shape, binding: [u8; 32], role: Role, domain: &[u8], keep: K) -> Self {
        assert!(crate::ROLES.contains(&role), "uploads go to the roles that compute");
        let record = Record::new(domain, role, &binding, shape.whose, keep);
        let (columns, labels) = (Vec::new(), Labels::default());
        Self { shape, role, binding, receipt: None, taken: 0, columns, labels, record }
    }
}

impl<K: FnMut(&[u8]) -> Result<(), NotKept>> Incoming for Intake<K> {
    type Received = Received;

    fn due(&self) -> Option<usize> {
        let Some(place) = self.taken.checked_sub(1) else {
            return Some(Receipt::seeds_bytes(Layout::Replicated, self.role));
        };
        let rows = *self.shape.lengths.get(place)?;
        let place = u32::try_from(place).expect("there are at most 512 columns");
        Some(Receipt::column_bytes(Layout::Replicated, self.role, place, rows))
    }

    /// Takes the next message.
    ///
    /// > §4.3 Its length (8), and itself.
    fn take(&mut self, message: &[u8]) -> Result<(), Error> {
        let first = self.taken == 0;
        match &mut self.receipt {
            None => {
                let context = &self.shape.context;
                let receipt =
                    Receipt::new(Layout::Replicated, self.role, UPLOADER, context, message)?;
                self.receipt = Some(receipt);
            }
            Some(receipt) => {
                let (place, labels) = (self.taken - 1, &mut self.labels);
                let rows = self.shape.lengths[place];
                match (self.shape.whose, place) {
                    (Whose::Holder(_), _) => self.columns.push(receipt.column(message, rows)?),
                    (Whose::Labels, 0) => labels.start = Some(receipt.column(message, rows)?),
                    (Whose::Labels, 1) => labels.bad = Some(receipt.column(message, rows)?),
                    (Whose::Labels, 2) => labels.good = Some(receipt.column(message, rows)?),
                    (Whose::Labels, _) => labels.weights = Some(receipt.column(message, rows)?),
                }
            }
        }
        self.taken += 1;
        if first {
            self.record.begin()?;
        }
        self.record.add(&(message.len() as u64).to_be_bytes())?;
        self.record.add(message)
    }

    /// Ends what is kept by the hash of it all, when every message has been taken.
    fn finish(self) -> Result<Received, Error> {
        debug_assert!(self.due().is_none(), "every message has been taken");
        let Self { shape: Shape { whose, .. }, role, binding, columns, labels, record, .. } = self;
        let origin = record.end()?;
        let shares = match (whose, labels) {
            (Whose::Holder(_), _) => Shares::Columns(columns),
            (Whose::Labels, Labels { start: Some(start), bad: Some(bad), good, weights }) => {
                let weighted = good.zip(weights);
                let weighted = weighted.map(|(good, weights)| SharedWeights { good, weights });
                Shares::Labels(Box::new(SharedLabels { bad, weighted, start }))
            }
            (Whose::Labels, Labels { .. }) => {
                return Err(Error::Upload { whose, twice: false });
            }
        };
        Ok(Received { whose, role, binding, shares, origin })
    }
}
