//! A formula as all parties agree on it.

use std::ops::Range;

use ::catalogue::formula::{Asking, Gate};
use ::catalogue::{Catalogue, Mistake, TypedAtom, TypedFormula};
use domain::formula::{self, Atom, Bound, Test};
use domain::{Digest, Field, Formula, PartyId, Purpose, RunId, Subject};
use sha2::{Digest as _, Sha256};
use verification::{
    Circuit, Comparison, Fingerprint, HolderId, QueryId, QuestionDigest, Terms, ThresholdDigest,
};
use wire::Routing;

use crate::Trouble;
use crate::governance::release::hashed;

/// A formula in its canonical form, typed by our own catalogue, and what the protocol makes of it.
///
/// An atom of the catalogue is one atom of the protocol, but a sealed declared number is two: at
/// least the lower end of its band, and at most the upper.
pub(crate) struct AgreedFormula {
    text: String,
    typed: TypedFormula,
    /// In the order of the protocol's atoms.
    pieces: Vec<Piece>,
    hash: Digest,
}

/// An atom of the protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Piece {
    /// The place of its atom in the formula.
    pub(crate) atom: usize,
    /// How a sealed number is compared; none where the holder sees what is asked.
    pub(crate) sealed: Option<Comparison>,
}

/// All that a question is bound to beside its formula.
pub(crate) struct Bindings<'a> {
    pub(crate) run: RunId,
    pub(crate) lender: &'a PartyId,
    pub(crate) lender_key: Fingerprint,
    pub(crate) platform: &'a PartyId,
    pub(crate) subject: &'a Subject,
    pub(crate) purpose: Purpose,
    pub(crate) routing: &'a Routing,
    pub(crate) thresholds: &'a [ThresholdDigest],
}

impl AgreedFormula {
    /// Reads what a lender's operator typed.
    ///
    /// # Errors
    ///
    /// The first mistake of the text, with its place in it.
    pub(crate) fn typed(catalogue: &Catalogue, text: &str) -> Result<Self, Mistake> {
        let formula: Formula = text.parse::<Formula>()?;
        let canonical = catalogue.typed(&formula)?.to_string();
        let typed = catalogue.typed(&canonical.parse::<Formula>()?)?;
        Ok(Self::over(canonical, typed))
    }

    /// Reads what a peer sent: the canonical form, and nothing else.
    ///
    /// # Errors
    ///
    /// `FORMULA`, which says where and never repeats the text.
    pub(crate) fn received(catalogue: &Catalogue, text: &str) -> Result<Self, Trouble> {
        let agreed = Self::typed(catalogue, text).map_err(|mistake| refused(&mistake))?;
        if agreed.text == text {
            return Ok(agreed);
        }
        Err(Trouble::us(
            "FORMULA",
            "the formula did not come in its canonical form",
            "公式不是规范形式",
        ))
    }

    fn over(text: String, typed: TypedFormula) -> Self {
        let mut pieces = Vec::new();
        for (atom, typed) in typed.atoms().iter().enumerate() {
            pieces.extend(comparisons(typed).map(|sealed| Piece { atom, sealed }));
        }
        let hash = hashed("tacit/party/v1/formula", shown(&text, typed.formula()).as_bytes());
        Self { text, typed, pieces, hash }
    }

    /// The canonical form; it may hold names and numbers of persons.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// The canonical form with what was supplied or declared left out: for records and operators.
    pub(crate) fn shown(&self) -> String {
        shown(&self.text, self.typed.formula())
    }

    /// SHA-256 of the form without what was supplied or declared: there are too few names and numbers
    /// for their hash to hide them.
    pub(crate) fn hash(&self) -> Digest {
        self.hash
    }

    /// The atoms, by the catalogue.
    pub(crate) fn atoms(&self) -> &[TypedAtom] {
        self.typed.atoms()
    }

    /// The fields that it draws on.
    pub(crate) fn fields(&self) -> Vec<Field> {
        self.typed.fields()
    }

    /// How many numbers come encrypted.
    pub(crate) fn sealed(&self) -> usize {
        self.typed.sealed()
    }

    /// The atoms of the protocol, in their order.
    pub(crate) fn pieces(&self) -> &[Piece] {
        &self.pieces
    }

    /// The digests of what came encrypted, one a sealed number of the formula, in its order.
    pub(crate) fn slots(&self, thresholds: &[ThresholdDigest]) -> Vec<Digest> {
        let mut slots = vec![Sha256::new(); self.typed.sealed()];
        let sealed = self.pieces.iter().filter(|piece| piece.sealed.is_some());
        for (piece, threshold) in sealed.zip(thresholds) {
            let slot = self.atoms()[piece.atom].slot();
            if let Some(slot) = slot.and_then(|slot| slots.get_mut(usize::from(slot))) {
                slot.update(threshold.0);
            }
        }
        slots.into_iter().map(|slot| Digest::from_bytes(slot.finalize().into())).collect()
    }

    /// Whether the protocol can combine it.
    ///
    /// # Errors
    ///
    /// When it is too deep, or counts too many parts.
    pub(crate) fn combines(&self) -> Result<(), Trouble> {
        let compiled = Circuit::compile(&self.combination(), self.pieces.len());
        compiled.map(drop).map_err(|error| {
            Trouble::us("FORMULA", error.to_string(), format!("公式无法合并计算：{error}"))
        })
    }

    /// The terms of one question, the same at every party.
    ///
    /// # Errors
    ///
    /// When routing or thresholds are not those of this formula.
    pub(crate) fn terms(&self, of: &Bindings<'_>) -> Result<Terms, Trouble> {
        let Routing { holders, places } = of.routing;
        let mut thresholds = of.thresholds.iter().copied();
        if places.len() != self.atoms().len() {
            return Err(strange(&"its routing has not one place for each atom"));
        }
        let atoms: Option<Vec<verification::Atom>> = self
            .pieces
            .iter()
            .map(|piece| {
                let holder = places[piece.atom].into();
                Some(match piece.sealed {
                    None => verification::Atom::Plain { holder },
                    Some(comparison) => {
                        let threshold = thresholds.next()?;
                        verification::Atom::Sealed { holder, comparison, threshold }
                    }
                })
            })
            .collect();
        let (Some(atoms), None) = (atoms, thresholds.next()) else {
            return Err(strange(&"it has not one threshold for each sealed number"));
        };
        let id = |holder: &PartyId| {
            HolderId(*hashed("tacit/party/v1/holder", holder.as_str().as_bytes()).as_bytes())
        };
        let holders = holders.iter().map(id).collect();
        // One question a run: the run's number is the question's too.
        let number = of.run.to_bytes();
        let (run, query) = (verification::RunId(number), QueryId(number));
        let question = QuestionDigest(*self.digest(of).as_bytes());
        Terms::new(of.lender_key, question, run, query, holders, atoms, &self.combination())
            .map_err(|error| strange(&error))
    }

    /// What the parties agree on beside the formula's shape.
    fn digest(&self, of: &Bindings<'_>) -> Digest {
        let all = [
            &self.text,
            of.lender.as_str(),
            of.platform.as_str(),
            of.subject.kind().code(),
            of.subject.reveal(),
            of.purpose.code(),
        ];
        let framed: Vec<u8> = all
            .into_iter()
            .flat_map(|text| [&(text.len() as u64).to_be_bytes()[..], text.as_bytes()].concat())
            .collect();
        hashed("tacit/party/v1/verification", &framed)
    }

    fn combination(&self) -> verification::Formula {
        combined(self.typed.gate(), &self.pieces)
    }
}

/// What a peer's message about a formula has wrong.
fn strange(error: &dyn std::fmt::Display) -> Trouble {
    Trouble::us(
        "UNREADABLE",
        format!("the question does not fit its formula: {error}"),
        format!("问题与公式不符：{error}"),
    )
}

fn refused(mistake: &Mistake) -> Trouble {
    let at = mistake.at.start;
    Trouble::us(
        "FORMULA",
        format!("the formula cannot be asked, at byte {at}: {}", mistake.en()),
        format!("公式无法询问（第 {at} 字节处）：{}", mistake.zh()),
    )
}

/// How the protocol compares for an atom: once in clear, or once or twice with what it cannot see.
fn comparisons(atom: &TypedAtom) -> impl Iterator<Item = Option<Comparison>> + use<> {
    let sealed = match atom.asking() {
        Asking::Clear(_) => [Some(None), None],
        Asking::Sealed(sealed) => match sealed.comparison() {
            Some(comparison) => [Some(Some(compared(comparison))), None],
            None => [Some(Some(Comparison::AtLeast)), Some(Some(Comparison::AtMost))],
        },
    };
    sealed.into_iter().flatten()
}

fn compared(comparison: formula::Comparison) -> Comparison {
    match comparison {
        formula::Comparison::AtLeast => Comparison::AtLeast,
        formula::Comparison::MoreThan => Comparison::Greater,
        formula::Comparison::AtMost => Comparison::AtMost,
        formula::Comparison::LessThan => Comparison::Less,
    }
}

fn combined(gate: &Gate, pieces: &[Piece]) -> verification::Formula {
    match gate {
        Gate::Atom { index, negated } => {
            let own = (0..pieces.len()).filter(|at| pieces[*at].atom == *index);
            let mut own: Vec<_> = own.map(verification::Formula::Atom).collect();
            let all = match own.pop() {
                Some(only) if own.is_empty() => only,
                last => verification::Formula::all(own.into_iter().chain(last)),
            };
            if *negated { !all } else { all }
        }
        Gate::AtLeast { k, of } => {
            let of = of.iter().map(|one| combined(one, pieces)).collect();
            verification::Formula::AtLeast(*k, of)
        }
    }
}

/// The text with every supplied text and declared number left out.
fn shown(text: &str, formula: &Formula) -> String {
    let mut shown = text.to_owned();
    let mut claims: Vec<Range<usize>> = formula.atoms().into_iter().flat_map(claims).collect();
    claims.sort_by_key(|claim| std::cmp::Reverse(claim.start));
    for claim in claims {
        shown.replace_range(claim, "…");
    }
    shown
}

fn claims(atom: &Atom) -> Vec<Range<usize>> {
    match atom {
        Atom::Match { parts, span: _ } => parts.iter().map(|(_, text)| text.span.range()).collect(),
        Atom::Test { test: Test::Near { declared, .. }, .. } => match declared.part {
            Bound::Number(_) => vec![declared.span.range()],
            Bound::Grade(_) | Bound::Sealed(_) => Vec::new(),
        },
        Atom::Test {
            test:
                Test::True
                | Test::Compare(..)
                | Test::Between(..)
                | Test::OneOf(_)
                | Test::Before(_)
                | Test::After(_)
                | Test::WithinMonths(_),
            ..
        } => Vec::new(),
    }
}

#[cfg(test)]
#[path = "formula_tests.rs"]
mod tests;
