//! A formula as all parties agree on it.

use ::catalogue::formula::{Asking, Gate, Mistyped};
use ::catalogue::{Catalogue, Mistake, TypedAtom, TypedFormula};
use domain::{Digest, Field, PartyId, Purpose, RunId, Subject};
use formula::{Claim, Formula};
use sha2::{Digest as _, Sha256};
use verification::{
    Circuit, Commitment, Comparison, Fingerprint, HolderId, QueryId, QuestionDigest, Terms,
    ThresholdDigest,
};
use wire::Routing;

use crate::Trouble;
use crate::governance::release::hashed;

/// A formula in its canonical form, typed by our own catalogue, and what the protocol makes of it.
///
/// It holds no claim: every supplied text and declared number is left out, and goes to the holder that
/// compares it in another way. So it stands in records and hashes as it is.
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
    pub(crate) claims: &'a [Commitment],
}

impl AgreedFormula {
    /// Reads what a lender's operator typed: the formula, and what it claims.
    ///
    /// # Errors
    ///
    /// The first mistake of the text, with its place in it.
    pub(crate) fn typed(catalogue: &Catalogue, text: &str) -> Result<(Self, Vec<Claim>), Mistake> {
        let formula: Formula = text.parse::<Formula>()?;
        if let Some(place) = formula.placeholders().first() {
            return Err(Mistake { at: place.range(), what: Mistyped::Claimed });
        }
        let (withheld, claims) = catalogue.typed(&formula)?.formula().withheld()?;
        let canonical = withheld.to_string();
        let typed = catalogue.typed(&canonical.parse::<Formula>()?)?;
        Ok((Self::over(canonical, typed), claims))
    }

    /// Reads what a peer sent: the canonical form without claims, and nothing else.
    ///
    /// # Errors
    ///
    /// `FORMULA`, which says where and never repeats the text.
    pub(crate) fn received(catalogue: &Catalogue, text: &str) -> Result<Self, Trouble> {
        let read = || {
            let formula: Formula = text.parse::<Formula>()?;
            let typed = catalogue.typed(&formula)?;
            Ok((formula.withheld()?.1, typed))
        };
        let (claims, typed) = read().map_err(|mistake: Mistake| refused(&mistake))?;
        if typed.to_string() == text && claims.is_empty() {
            return Ok(Self::over(text.into(), typed));
        }
        Err(Trouble::us(
            "FORMULA",
            "the formula did not come in its canonical form, with `claimed` for what is claimed",
            "公式不是规范形式（所提供的文字和申报数应以 `claimed` 代替）",
        ))
    }

    fn over(text: String, typed: TypedFormula) -> Self {
        let mut pieces = Vec::new();
        for (atom, typed) in typed.atoms().iter().enumerate() {
            pieces.extend(comparisons(typed).map(|sealed| Piece { atom, sealed }));
        }
        let hash = hashed("tacit/party/v1/formula", text.as_bytes());
        Self { text, typed, pieces, hash }
    }

    /// The canonical form.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// SHA-256 of the canonical form.
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

    /// Which atom has each claim, in the order of the claims.
    pub(crate) fn claims(&self) -> Vec<usize> {
        self.typed.claims()
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
    /// When routing, thresholds or claims are not those of this formula.
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
        if of.claims.len() != self.claims().len() {
            return Err(strange(&"it has not one commitment for each claim"));
        }
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
        let mut bytes = framed(&all);
        bytes.extend(of.claims.iter().flat_map(|claim| claim.0));
        hashed("tacit/party/v1/verification", &bytes)
    }

    fn combination(&self) -> verification::Formula {
        combined(self.typed.gate(), &self.pieces)
    }
}

/// Texts one after the other, each behind its length.
pub(super) fn framed(texts: &[&str]) -> Vec<u8> {
    let framed = |text: &&str| [&(text.len() as u64).to_be_bytes()[..], text.as_bytes()].concat();
    texts.iter().flat_map(framed).collect()
}

/// What a peer's message about a formula has wrong.
pub(super) fn strange(error: &dyn std::fmt::Display) -> Trouble {
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

#[cfg(test)]
#[path = "formula_tests.rs"]
mod tests;
