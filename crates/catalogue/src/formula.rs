//! Formulas of verification against a catalogue: which fields, which questions, which thresholds.

mod answer;
mod gate;
mod mistake;
mod typed_atom;
mod typing;

use std::fmt;

use domain::{Answer, Digest, Field};
use formula::Formula;

pub use answer::{Asking, Clear, Sealed, band};
pub use gate::Gate;
pub use mistake::{Mistake, Mistyped};
pub use typed_atom::TypedAtom;

pub(crate) use typed_atom::{Asked, Number};
use typing::Typing;

use crate::Catalogue;
use crate::canonical::Canonical;

const DOMAIN: &str = "tacit/formula/v1";

/// A formula whose fields a catalogue lists and whose questions their types permit.
///
/// Modes, openness and purposes are for [`crate::decide`], which takes [`TypedFormula::fields`].
///
/// ```
/// use catalogue::Catalogue;
/// use formula::Formula;
///
/// let formula: Formula = "vat_paid_12m_cny >= 500_000 and not 2.in_arrears_now".parse()?;
/// let typed = Catalogue::jiangsu().typed(&formula).expect("both are listed");
/// assert_eq!(typed.to_string(), "1.vat_paid_12m_cny >= 500000 and not 2.in_arrears_now");
///
/// let text = "vat_paid_12m_cny >= 499_999";
/// let mistake = Catalogue::jiangsu().typed(&text.parse()?).expect_err("off the grid");
/// assert_eq!(mistake.caret(text), "vat_paid_12m_cny >= 499_999\n                    ^^^^^^^");
/// assert_eq!(mistake.en(), "this threshold is not on the field's grid; nearest: 100000 and 500000");
/// # Ok::<(), formula::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TypedFormula {
    formula: Formula,
    atoms: Vec<TypedAtom>,
    gate: Gate,
}

impl Catalogue {
    /// The formula with its fields resolved, where everything in it may be asked about them.
    ///
    /// # Errors
    ///
    /// The first [`Mistake`] of the text, with its place.
    pub fn typed(&self, formula: &Formula) -> Result<TypedFormula, Mistake> {
        let formula = formula.named(&mut |name| self.resolved(name))?;
        let mut typing = Typing::new(self);
        let gate = typing.gate(&formula, false)?;
        Ok(TypedFormula { formula, atoms: typing.into_atoms(), gate })
    }
}

impl TypedFormula {
    /// The formula, every field named in full.
    #[must_use]
    pub const fn formula(&self) -> &Formula {
        &self.formula
    }

    /// The atoms, each once, in the order in which the text first has them.
    ///
    /// The same question asked twice is one atom; sealed and claimed ones are never known to be the same.
    #[must_use]
    pub fn atoms(&self) -> &[TypedAtom] {
        &self.atoms
    }

    /// The fields that the formula draws on, each once, in the order of the text.
    #[must_use]
    pub fn fields(&self) -> Vec<Field> {
        let mut fields = Vec::new();
        for field in self.atoms.iter().flat_map(TypedAtom::fields) {
            if !fields.contains(field) {
                fields.push(field.clone());
            }
        }
        fields
    }

    /// How the atoms' answers make the formula's, as threshold gates over their places.
    #[must_use]
    pub const fn gate(&self) -> &Gate {
        &self.gate
    }

    /// How many numbers come encrypted.
    #[must_use]
    pub fn sealed(&self) -> usize {
        self.atoms.iter().filter(|atom| atom.slot().is_some()).count()
    }

    /// Which atom has each of the claims that are not in the text, in the order of the claims.
    #[must_use]
    pub fn claims(&self) -> Vec<usize> {
        let places = |(index, atom): (usize, &TypedAtom)| {
            atom.claims().into_iter().map(move |place| (place, index)).collect::<Vec<_>>()
        };
        let mut claims: Vec<_> = self.atoms.iter().enumerate().flat_map(places).collect();
        claims.sort_unstable();
        claims.into_iter().map(|(_, index)| index).collect()
    }

    /// The formula's answer, when its atoms have these; an atom without one is unknown.
    #[must_use]
    pub fn answer(&self, atoms: &[Answer]) -> Answer {
        self.gate.answer(atoms)
    }

    /// SHA-256 of the canonical form, bound to its use and version.
    #[must_use]
    pub fn hash(&self) -> Digest {
        let mut canonical = Canonical::new(DOMAIN);
        canonical.text(&self.to_string());
        canonical.finish()
    }
}

/// The canonical form, which parses to this formula again.
impl fmt::Display for TypedFormula {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.formula.fmt(f)
    }
}
