//! A formula's shape, as a protocol combines it.

use domain::Answer;

/// How atoms are combined: threshold gates, with negations at the atoms only.
///
/// `and` is all of n and `or` is one of n; `not` goes down through a gate by De Morgan's law for
/// thresholds, which holds in three values too: not (k of n) is (n - k + 1 of n) of what is not.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Gate {
    /// An atom's answer, or its opposite.
    Atom {
        /// The atom's place among [`crate::TypedFormula::atoms`].
        index: usize,
        /// Whether the opposite is meant.
        negated: bool,
    },
    /// Yes when at least `k` of these are.
    AtLeast {
        /// From 1 to their number.
        k: usize,
        /// Two or more.
        of: Vec<Gate>,
    },
}

impl Gate {
    /// The combined answer, when the atoms have these; an atom without one is unknown.
    #[must_use]
    pub fn answer(&self, atoms: &[Answer]) -> Answer {
        match self {
            Self::Atom { index, negated } => {
                let answer = atoms.get(*index).copied().unwrap_or(Answer::Unknown);
                if *negated { !answer } else { answer }
            }
            Self::AtLeast { k, of } => Answer::at_least(*k, of.iter().map(|one| one.answer(atoms))),
        }
    }
}
