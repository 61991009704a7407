//! What is asked: a formula over atoms, which knows no field.

use crate::{Answer, Error, MAX_ATOMS};

/// A formula of Kleene's strong three-valued logic over numbered atoms.
///
/// "At least k of n" is yes when k parts are, no when so many are no that k cannot be yes any more,
/// and otherwise unknown. `all` and `any` are its two ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Formula {
    /// The atom at this place of the terms.
    Atom(usize),
    /// The opposite.
    Not(Box<Formula>),
    /// At least so many of these.
    AtLeast(usize, Vec<Formula>),
}

/// The deepest nesting of a formula: what compiling it may recurse.
const MAX_NESTING: usize = 64;

/// The most parts that a formula may have in all.
const MAX_PARTS: usize = 4096;

impl Formula {
    /// All of these.
    pub fn all(parts: impl IntoIterator<Item = Self>) -> Self {
        let parts: Vec<_> = parts.into_iter().collect();
        Self::AtLeast(parts.len(), parts)
    }

    /// Any of these.
    pub fn any(parts: impl IntoIterator<Item = Self>) -> Self {
        Self::AtLeast(1, parts.into_iter().collect())
    }

    /// Its answer in clear, when the atoms have these answers.
    ///
    /// # Errors
    ///
    /// As [`Terms::new`](crate::Terms::new) about the formula.
    pub fn answer(&self, atoms: &[Answer]) -> Result<Answer, Error> {
        self.check(atoms.len())?;
        Ok(self.answer_checked(atoms))
    }

    fn answer_checked(&self, atoms: &[Answer]) -> Answer {
        match self {
            Self::Atom(place) => atoms[*place],
            Self::Not(part) => !part.answer_checked(atoms),
            Self::AtLeast(least, parts) => {
                let answers: Vec<_> = parts.iter().map(|part| part.answer_checked(atoms)).collect();
                let count = |wanted| answers.iter().filter(|&&answer| answer == wanted).count();
                if count(Answer::Yes) >= *least {
                    Answer::Yes
                } else if count(Answer::No) > parts.len() - least {
                    Answer::No
                } else {
                    Answer::Unknown
                }
            }
        }
    }

    /// Refuses a formula that does not use each of so many atoms, or another one, or is malformed.
    pub(crate) fn check(&self, atoms: usize) -> Result<(), Error> {
        if atoms == 0 || atoms > MAX_ATOMS {
            return Err(Error::Atoms { found: atoms });
        }
        let mut used = vec![false; atoms];
        let mut parts = 0;
        self.walk(&mut used, &mut parts, 0)?;
        match used.iter().position(|used| !used) {
            Some(atom) => Err(Error::UnusedAtom { atom }),
            None => Ok(()),
        }
    }

    fn walk(&self, used: &mut [bool], parts: &mut usize, depth: usize) -> Result<(), Error> {
        *parts += 1;
        if depth > MAX_NESTING || *parts > MAX_PARTS {
            return Err(Error::TooDeep);
        }
        match self {
            Self::Atom(atom) => {
                *used.get_mut(*atom).ok_or(Error::NoAtom { atom: *atom })? = true;
                Ok(())
            }
            Self::Not(part) => part.walk(used, parts, depth + 1),
            Self::AtLeast(least, of) => {
                if *least == 0 || *least > of.len() {
                    return Err(Error::NoThreshold { least: *least, of: of.len() });
                }
                of.iter().try_for_each(|part| part.walk(used, parts, depth + 1))
            }
        }
    }

    /// The formula in prefix form, for the terms (SPEC §2.6). Checked before.
    pub(crate) fn write(&self, bytes: &mut Vec<u8>) {
        let number = |number: usize| {
            u16::try_from(number).expect("a checked formula has at most 4096 parts")
        };
        match self {
            Self::Atom(atom) => {
                bytes.push(0);
                bytes.extend(number(*atom).to_le_bytes());
            }
            Self::Not(part) => {
                bytes.push(1);
                part.write(bytes);
            }
            Self::AtLeast(least, parts) => {
                bytes.push(2);
                bytes.extend(number(*least).to_le_bytes());
                bytes.extend(number(parts.len()).to_le_bytes());
                parts.iter().for_each(|part| part.write(bytes));
            }
        }
    }
}

/// The opposite.
impl std::ops::Not for Formula {
    type Output = Self;

    fn not(self) -> Self {
        Self::Not(Box::new(self))
    }
}
