//! Numbers that a lender compares with and shows to no holder.

use ::catalogue::formula::{Asking, band};
use domain::{Field, Subject};
use formula::Quantity;
use rand::SeedableRng;
use rand::rngs::StdRng;
use sha2::{Digest as _, Sha256};
use verification::{LenderKey, SealedThreshold, Threshold};

use super::formula::AgreedFormula;
use crate::Trouble;

/// The numbers that `sealed` stands for in a formula, by slot.
pub(super) struct Numbers(Vec<Quantity>);

impl Numbers {
    /// Reads the numbers that were given for a formula.
    ///
    /// # Errors
    ///
    /// `USAGE` when they are too few, too many, or none.
    pub(super) fn read(formula: &AgreedFormula, given: &[String]) -> Result<Self, Trouble> {
        let wanted = formula.sealed();
        if given.len() != wanted {
            let given = given.len();
            return Err(Trouble::us(
                "USAGE",
                format!(
                    "the formula says `sealed` {wanted} times, and --sealed gives {given} numbers"
                ),
                format!("公式中有 {wanted} 处 `sealed`，--sealed 给出了 {given} 个数"),
            ));
        }
        let read = |number: &String| {
            number.parse().map_err(|error: formula::Error| {
                Trouble::us(
                    "USAGE",
                    format!("--sealed: {}", error.en()),
                    format!("--sealed 有误：{}", error.zh()),
                )
            })
        };
        given.iter().map(read).collect::<Result<_, _>>().map(Self)
    }

    /// Seals them about one subject, in the order of the protocol's atoms.
    ///
    /// The same number about the same field and subject gives the same bytes: a holder knows a
    /// repetition again without seeing what is repeated, and repeating costs nothing.
    pub(super) fn seal(
        &self,
        formula: &AgreedFormula,
        key: &LenderKey,
        subject: &Subject,
    ) -> Result<Vec<SealedThreshold>, Trouble> {
        let mut all = Vec::new();
        if self.0.is_empty() {
            return Ok(all);
        }
        let secret = Sha256::new()
            .chain_update(b"tacit/party/v1/sealing")
            .chain_update(key.to_secret_bytes().as_slice());
        for atom in formula.atoms() {
            let Asking::Sealed(sealed) = atom.asking() else { continue };
            let declared = self.0.get(usize::from(sealed.slot())).copied();
            let declared =
                declared.ok_or_else(|| Trouble::from_error("OURS", &"a slot has no number"))?;
            let numbers = match sealed.tolerance() {
                Some(percent) => band(percent, declared).to_vec(),
                None => vec![declared],
            };
            for number in numbers {
                let seed = seed(&secret, subject, sealed.field(), number);
                let threshold = Threshold(number.ordinal());
                all.push(SealedThreshold::seal(&threshold, key, &mut StdRng::from_seed(seed)));
            }
        }
        Ok(all)
    }
}

/// The seed of a number's encryption: nobody without the key can make it, and no two numbers,
/// fields or subjects share one.
fn seed(secret: &Sha256, subject: &Subject, field: &Field, number: Quantity) -> [u8; 32] {
    let mut hasher = secret.clone();
    for part in [subject.kind().code(), subject.reveal(), &field.to_string()] {
        hasher.update((part.len() as u64).to_be_bytes());
        hasher.update(part);
    }
    hasher.update(number.ordinal().to_be_bytes());
    hasher.finalize().into()
}
