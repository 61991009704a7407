//! An upload of a counting as the role that receives it takes, keeps and reads it again.

use std::io::Read;

use bytes::Bytes;
use session::Role;
use sha2::{Digest, Sha256};
use sharing::{Bits, Layout, Receipt};
use zeroize::Zeroizing;

use super::Terms;
use super::upload::Shape;
use crate::transfer::Incoming;
use crate::upload::encoded;
use crate::{DOMAIN_WOE_KEPT, Error, NotKept, UPLOADER, Whose};

const VERSION: u8 = 1;
/// Version, role, binding, whose.
const HEADER: usize = 1 + 1 + 32 + 9;

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
        let mut hash = [0; 32];
        let mut last = |bytes: &[u8]| {
            hash = bytes.try_into().unwrap_or(hash);
            Ok(())
        };
        let mut intake = Intake::new(terms, whose, role, &mut last)?;
        let mut exact = |bytes: &mut [u8]| kept.read_exact(bytes).map_err(|_| Error::KeptUpload);
        let mut header = [0; HEADER];
        exact(&mut header)?;
        if header != intake.header() {
            return Err(Error::KeptUpload);
        }
        while let Some(expected) = intake.due() {
            let mut message = Zeroizing::new(vec![0; expected]);
            exact(&mut message)?;
            intake.take(&message)?;
        }
        let received = intake.finish()?;
        let mut found = [0; 32];
        exact(&mut found)?;
        match found == hash {
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
        let mut intake = Intake::new(terms, whose, role, keep)?;
        let (expected, found) = (1 + intake.shape.planes(), messages.len());
        if expected != found {
            return Err(Error::Shape { what: "messages", expected, found });
        }
        for message in messages {
            intake.take(&message)?;
        }
        intake.finish()
    }
}

/// An upload on its way in: each message is kept and made shares of at once.
pub(crate) struct Intake<K> {
    shape: Shape,
    role: Role,
    binding: [u8; 32],
    receipt: Option<Receipt>,
    planes: Vec<Bits>,
    hash: Sha256,
    keep: K,
}

impl<K: FnMut(&[u8]) -> Result<(), NotKept>> Intake<K> {
    pub(crate) fn new(terms: &Terms, whose: Whose, role: Role, keep: K) -> Result<Self, Error> {
        assert!(crate::ROLES.contains(&role), "uploads go to the roles that compute");
        let shape = Shape::of(terms, whose)?;
        let (binding, hash) = (terms.binding(), Sha256::new_with_prefix(DOMAIN_WOE_KEPT));
        Ok(Self { shape, role, binding, receipt: None, planes: Vec::new(), hash, keep })
    }

    /// > §W.4 Version (1), role (1), binding (32), whose (9).
    fn header(&self) -> [u8; HEADER] {
        let mut header = [0; HEADER];
        let whose = encoded(self.shape.whose);
        let parts = [&[VERSION, self.role.0][..], &self.binding, &whose].concat();
        header.copy_from_slice(&parts);
        header
    }

    fn record(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.hash.update(bytes);
        (self.keep)(bytes).map_err(|NotKept| Error::NotKept)
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
                self.record(&self.header())?;
            }
            Some(receipt) => self.planes.push(receipt.plane(message, self.shape.rows)?),
        }
        self.record(message)
    }

    /// Ends what is kept by the hash of it all.
    fn finish(mut self) -> Result<Received, Error> {
        debug_assert!(self.due().is_none(), "every message has been taken");
        let hash: [u8; 32] = self.hash.finalize_reset().into();
        (self.keep)(&hash).map_err(|NotKept| Error::NotKept)?;
        let mut planes = self.planes.iter();
        let widths = self.shape.widths.iter();
        let features = widths
            .map(|&width| Bits::concat(&planes.by_ref().take(width).collect::<Vec<_>>()))
            .collect();
        let Self { shape: Shape { whose, .. }, role, binding, .. } = self;
        Ok(Received { whose, role, binding, features })
    }
}
