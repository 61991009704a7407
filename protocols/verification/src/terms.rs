//! What the parties agree on before a chunk is sent.

use lattice::hexadecimal;
use session::Role;

use crate::digest::Use;
use crate::{
    Circuit, Comparison, Error, Fingerprint, Formula, MAX_HOLDERS, MAX_SEALED, QueryId, RunId,
    holder,
};

/// The terms of one question, the same at every role.
///
/// Every message is bound to them: who disagrees about one field is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terms {
    lender_key: Fingerprint,
    question: QuestionDigest,
    run: RunId,
    query: QueryId,
    holders: Vec<HolderId>,
    atoms: Vec<Atom>,
    circuit: Circuit,
    digest: [u8; 32],
}

/// One atom of a formula: at which holder (its place, from 0), and how it is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Atom {
    /// The holder decides a predicate that it sees.
    Plain {
        /// The place of the holder.
        holder: usize,
    },
    /// The holder compares its value with a threshold that it does not see.
    Sealed {
        /// The place of the holder.
        holder: usize,
        /// How value and threshold are compared.
        comparison: Comparison,
        /// The digest of the [`SealedThreshold`](crate::SealedThreshold).
        threshold: ThresholdDigest,
    },
}

impl Terms {
    /// Terms of the query `query` in the run `run`: `formula` over exactly these atoms of exactly
    /// these holders, each of which has one at least.
    ///
    /// `question` stands for all that this protocol does not know: fields, predicates, subject,
    /// purpose. A query id is used once: the host stores the ids that it answered and refuses one
    /// that comes back.
    ///
    /// # Errors
    ///
    /// [`Error::Holders`], [`Error::SameHolder`], [`Error::NoPlace`] or [`Error::NothingAsked`];
    /// [`Error::Atoms`], [`Error::Sealed`], [`Error::NoAtom`] or [`Error::UnusedAtom`];
    /// [`Error::NoThreshold`], [`Error::TooWide`] or [`Error::TooDeep`].
    pub fn new(
        lender_key: Fingerprint,
        question: QuestionDigest,
        run: RunId,
        query: QueryId,
        holders: Vec<HolderId>,
        atoms: Vec<Atom>,
        formula: &Formula,
    ) -> Result<Self, Error> {
        check_holders(&holders, &atoms)?;
        let circuit = Circuit::compile(formula, atoms.len())?;
        let mut asked = Vec::new();
        asked.push(small(holders.len()));
        asked.extend(holders.iter().flat_map(|id| id.0));
        asked.extend(u16::try_from(atoms.len()).expect("at most 256 atoms").to_le_bytes());
        atoms.iter().for_each(|atom| atom.write(&mut asked));
        formula.write(&mut asked);
        let digest = Use::Terms
            .hasher()
            .with(&lender_key.0)
            .with(&question.0)
            .with(&run.0)
            .with(&query.0)
            .with(&asked)
            .finish();
        Ok(Self { lender_key, question, run, query, holders, atoms, circuit, digest })
    }

    /// The lender key under which the answer is opened.
    pub fn lender_key(&self) -> Fingerprint {
        self.lender_key
    }

    /// What the host agreed on.
    pub fn question(&self) -> QuestionDigest {
        self.question
    }

    /// The run that this query belongs to.
    pub fn run(&self) -> RunId {
        self.run
    }

    /// This query.
    pub fn query(&self) -> QueryId {
        self.query
    }

    /// The holders, in the order of their roles.
    pub fn holders(&self) -> &[HolderId] {
        &self.holders
    }

    /// The atoms, in the order in which the formula numbers them.
    pub fn atoms(&self) -> &[Atom] {
        &self.atoms
    }

    /// The compiled formula.
    pub fn circuit(&self) -> &Circuit {
        &self.circuit
    }

    /// SHA-256 over all of the terms (SPEC §2.6).
    pub fn digest(&self) -> [u8; 32] {
        self.digest
    }

    /// The place of `role` among the holders.
    pub(crate) fn index_of(&self, role: Role) -> Result<usize, Error> {
        let mut places = 0..self.holders.len();
        places.find(|&place| holder(place) == role).ok_or(Error::NoHolder { found: role })
    }

    /// The atoms of the holder at `place`, each with its number.
    pub(crate) fn atoms_of(&self, place: usize) -> impl Iterator<Item = (usize, Atom)> {
        self.atoms.iter().copied().enumerate().filter(move |(_, atom)| atom.holder() == place)
    }

    /// How many plain and how many sealed atoms the holder at `place` has.
    pub(crate) fn shape_of(&self, place: usize) -> (usize, usize) {
        let all = self.atoms_of(place).count();
        let sealed = self.thresholds_of(place).count();
        (all - sealed, sealed)
    }

    /// The digests of the thresholds with which the holder at `place` compares, in order.
    pub(crate) fn thresholds_of(&self, place: usize) -> impl Iterator<Item = ThresholdDigest> {
        self.atoms_of(place).filter_map(|(_, atom)| atom.threshold())
    }
}

impl Atom {
    /// The place of the holder that answers it.
    pub fn holder(self) -> usize {
        match self {
            Self::Plain { holder } | Self::Sealed { holder, .. } => holder,
        }
    }

    /// The digest of its threshold, if it is sealed.
    pub fn threshold(self) -> Option<ThresholdDigest> {
        match self {
            Self::Plain { .. } => None,
            Self::Sealed { threshold, .. } => Some(threshold),
        }
    }

    fn write(self, bytes: &mut Vec<u8>) {
        bytes.push(small(self.holder()));
        match self {
            Self::Plain { .. } => bytes.push(0),
            Self::Sealed { comparison, threshold, .. } => {
                bytes.push(1 + comparison.code());
                bytes.extend(threshold.0);
            }
        }
    }
}

fn check_holders(holders: &[HolderId], atoms: &[Atom]) -> Result<(), Error> {
    if holders.is_empty() || holders.len() > MAX_HOLDERS {
        return Err(Error::Holders { found: holders.len() });
    }
    for (place, id) in holders.iter().enumerate() {
        if holders[..place].contains(id) {
            return Err(Error::SameHolder { second: holder(place) });
        }
        if !atoms.iter().any(|atom| atom.holder() == place) {
            return Err(Error::NothingAsked { of: holder(place) });
        }
    }
    if let Some(atom) = atoms.iter().position(|atom| atom.holder() >= holders.len()) {
        return Err(Error::NoPlace { atom });
    }
    let sealed = atoms.iter().filter(|atom| atom.threshold().is_some()).count();
    if sealed > MAX_SEALED { Err(Error::Sealed { found: sealed }) } else { Ok(()) }
}

/// A place or a number of holders, in one byte.
pub(crate) fn small(number: usize) -> u8 {
    u8::try_from(number).expect("terms have at most 32 holders")
}

/// The digest of what the host agreed on beside the formula. Opaque to this protocol.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct QuestionDigest(pub [u8; 32]);

/// SHA-256 of a sealed threshold.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct ThresholdDigest(pub [u8; 32]);

/// A holder's identity: the host's digest of it. Opaque to this protocol.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct HolderId(pub [u8; 32]);

hexadecimal!(QuestionDigest, ThresholdDigest, HolderId);
