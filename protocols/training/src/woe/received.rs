//! An upload of a counting as the role that receives it takes, keeps and reads it again.

use std::io::Read;

use bytes::Bytes;
use session::Role;
use sharing::{Bits, Layout, Receipt};
use zeroize::Zeroizing;

use super::Terms;
use super::upload::Shape;
use crate::received::record::{HEADER, Record};
use crate::transfer::{Incoming, own};
use crate::{DOMAIN_WOE_KEPT, Error, NotKept, UPLOADER, Whose};

/// One upload, whole, as one role holds it: what [`Uploads::take`](super::Uploads::take) takes.
///
/// It holds shares: it has no encoding and no `Debug`.
///
/// ```compile_fail
/// fn printable<T: std::fmt::Debug>() {}
/// printable::<training::woe::Received>();
/// ```
pub struct Received {
    pub(crate) whose: Whose,
    pub(crate) role: Role,
    pub(crate) binding: [u8; 32],
    /// The planes of each feature, or of the labels.
    pub(crate) features: Vec<Bits>,
    /// A hash of every message, which tells this upload from any other.
    origin: [u8; 32],
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
        mut kept: impl Read,
    ) -> Result<Self, Error> {
        let mut intake = Intake::new(terms, whose, role, |_: &[u8]| Ok(()))?;
        let mut exact = |bytes: &mut [u8]| kept.read_exact(bytes).map_err(|_| Error::KeptUpload);
        let mut header = [0; HEADER];
        exact(&mut header)?;
        if header != intake.record.header {
            return Err(Error::KeptUpload);
        }
        while let Some(expected) = intake.due() {
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

    /// Takes the messages that an uploader has for itself, being the role `role`. `keep` takes them
    /// as [`receive`](super::transfer::receive) does.
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
        let intake = Intake::new(terms, whose, role, keep)?;
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
    planes: Vec<Bits>,
    record: Record<K>,
}

impl<K: FnMut(&[u8]) -> Result<(), NotKept>> Intake<K> {
    pub(crate) fn new(terms: &Terms, whose: Whose, role: Role, keep: K) -> Result<Self, Error> {
        assert!(crate::ROLES.contains(&role), "uploads go to the roles that compute");
        let shape = Shape::of(terms, whose)?;
        let binding = terms.binding();
        let record = Record::new(DOMAIN_WOE_KEPT, role, &binding, whose, keep);
        Ok(Self { shape, role, binding, receipt: None, planes: Vec::new(), record })
    }
}

impl<K: FnMut(&[u8]) -> Result<(), NotKept>> Incoming for Intake<K> {
    type Received = Received;

    fn due(&self) -> Option<usize> {
        if self.receipt.is_none() {
            return Some(Receipt::seeds_bytes(Layout::Replicated, self.role));
        }
        let place = self.planes.len();
        let index = u32::try_from(place).expect("there are at most 7 planes of 512 features");
        let bytes = || Receipt::plane_bytes(Layout::Replicated, self.role, index, self.shape.rows);
        (place < self.shape.planes()).then(bytes)
    }

    fn take(&mut self, message: &[u8]) -> Result<(), Error> {
        match &mut self.receipt {
            None => {
                let context = &self.shape.context;
                let receipt =
                    Receipt::new(Layout::Replicated, self.role, UPLOADER, context, message)?;
                self.receipt = Some(receipt);
                self.record.begin()?;
            }
            Some(receipt) => self.planes.push(receipt.plane(message, self.shape.rows)?),
        }
        self.record.add(message)
    }

    /// Ends what is kept by the hash of it all.
    fn finish(self) -> Result<Received, Error> {
        debug_assert!(self.due().is_none(), "every message has been taken");
        let Self { shape: Shape { whose, widths, .. }, role, binding, planes, record, .. } = self;
        let origin = record.end()?;
        let (mut planes, widths) = (planes.iter(), widths.iter());
        let features = widths
            .map(|&width| Bits::concat(&planes.by_ref().take(width).collect::<Vec<_>>()))
            .collect();
        Ok(Received { whose, role, binding, features, origin })
    }
}
