//! What a lender claims of a subject: encrypted to the holder that compares it, and opened there alone.
//!
//! The platform relays the boxes and the other holders never see them; all have the commitments.

use std::collections::BTreeMap;

use ::catalogue::TypedAtom;
use domain::{ClassId, Duty, PartyId, RunId};
use formula::Claim;
use verification::{
    Carried, ClaimBox, ClaimKey, ClaimPublicKey, Commitment, Encode, MAX_CLAIM, Opening,
};
use wire::{CLAIM_BOX, Route, Routing, VerifyTerms};

use super::formula::{AgreedFormula, framed, strange};
use super::{no_route, ours};
use crate::governance::release::hashed;
use crate::node::Node;
use crate::{Trouble, setup};

/// The code with which a holder refuses a claim that does not fit.
pub(crate) const CLAIM: &str = "CLAIM";

// What is typed fits a box, and what a box is called on the wire is what it is.
const _: () = assert!(formula::MAX_TEXT <= MAX_CLAIM);
const _: () = assert!(CLAIM_BOX == verification::CLAIM_BOX_BYTES);

/// What a lender's operator claims in a formula, in its order.
pub(super) struct Claims(pub(super) Vec<Claim>);

/// Claims on their way.
pub(super) struct Boxed {
    pub(super) commitments: Vec<Commitment>,
    pub(super) boxes: Vec<[u8; CLAIM_BOX]>,
    /// To whom each is encrypted.
    to: Vec<PartyId>,
}

impl Claims {
    /// Encrypts each to the holder that the platform asks about its class.
    ///
    /// # Errors
    ///
    /// When there is none, or none that is pinned here as a holder.
    pub(super) fn boxed(
        &self,
        node: &Node,
        (formula, routes): (&AgreedFormula, &[Route]),
        platform: &PartyId,
        run: RunId,
    ) -> Result<Boxed, Trouble> {
        let mut rng = setup::chacha()?;
        let mut boxed = Boxed { commitments: Vec::new(), boxes: Vec::new(), to: Vec::new() };
        for ((claim, atom), place) in self.0.iter().zip(formula.claims()).zip(0..) {
            let class = formula.atoms()[atom].class();
            let (holder, key) = holder_of(node, routes, platform, class)?;
            let opening =
                Opening::new(claim.reveal().as_bytes(), &mut rng).map_err(|error| ours(&error))?;
            let run = verification::RunId(run.to_bytes());
            let commitment = opening.commitment(run, place);
            let parties = parties(&node.config.name, platform, holder);
            let carried = Carried { run, place, parties, commitment };
            let sealed = opening.sealed(&key, &carried, &mut rng).map_err(|error| ours(&error))?;
            boxed.commitments.push(commitment);
            boxed.boxes.push(sealed.to_bytes().try_into().map_err(|_| strange(&"its box"))?);
            boxed.to.push(holder.clone());
        }
        Ok(boxed)
    }
}

impl Boxed {
    /// Sees that each claim has gone to the holder that it was encrypted to.
    pub(super) fn fits(&self, formula: &AgreedFormula, routing: &Routing) -> Result<(), Trouble> {
        let asked = |atom: usize| routing.holders.get(usize::from(*routing.places.get(atom)?));
        let mut claims = self.to.iter().zip(formula.claims());
        if claims.all(|(to, atom)| asked(atom) == Some(to)) {
            return Ok(());
        }
        Err(Trouble::us(
            CLAIM,
            "the platform asks another holder than the one that a claim was encrypted to",
            "平台询问的数据方不是申报内容加密所对应的数据方",
        ))
    }
}

/// The holder that the platform asks about a class, and the key that it opens claims with.
fn holder_of<'a>(
    node: &Node,
    routes: &'a [Route],
    platform: &PartyId,
    class: ClassId,
) -> Result<(&'a PartyId, ClaimPublicKey), Trouble> {
    let route = routes.iter().find(|route| route.classes.contains(&class));
    let holder = &route.ok_or_else(|| no_route(class))?.holder;
    // Whatever a platform says of its routes, it must not be told the claim itself.
    let pinned = node
        .lines
        .get(holder)
        .filter(|line| line.peer.duties.contains(&Duty::Holder) && *holder != *platform);
    let line = pinned.ok_or_else(|| {
        Trouble::us(
            "HOLDER_UNKNOWN",
            format!(
                "what is claimed about class {class} is encrypted to its holder, {holder}, which is not pinned here as a holder: add its .party file with `tacit peer add`, and start this party again"
            ),
            format!(
                "第 {class} 类信息的申报内容须加密给其数据方 {holder}，而本方未将其登记为数据方：请用 `tacit peer add` 添加其 .party 文件并重启本节点"
            ),
        )
    })?;
    Ok((holder, ClaimPublicKey(line.peer.mask_key.0)))
}

/// The claims of a holder's own atoms, opened, by their places in the formula.
pub(super) struct Opened(BTreeMap<u8, Opening>);

impl Opened {
    /// Opens the boxes that came for the atoms that are `own`.
    ///
    /// # Errors
    ///
    /// [`CLAIM`] when one does not open, or is not what the terms name.
    pub(super) fn read(
        node: &Node,
        (asked, run, platform): (&VerifyTerms, RunId, &PartyId),
        formula: &AgreedFormula,
        own: impl Fn(usize) -> bool,
    ) -> Result<Self, Trouble> {
        let commitments = commitments(asked);
        let claims = (0..).zip(formula.claims()).zip(commitments);
        let own: Vec<(u8, usize, Commitment)> = claims
            .filter(|((_, atom), _)| own(*atom))
            .map(|((place, atom), commitment)| (place, atom, commitment))
            .collect();
        if own.len() != asked.boxes.len() {
            return Err(strange(&"it has not one box for each claim of this holder"));
        }
        let key = ClaimKey::from_secret_bytes(&node.identity.mask_key.to_secret_bytes());
        let run = verification::RunId(run.to_bytes());
        let parties = parties(&asked.lender, platform, &node.config.name);
        let open = |((place, atom, commitment), closed): (_, &[u8; CLAIM_BOX])| {
            let carried = Carried { run, place, parties, commitment };
            let opened =
                ClaimBox::from_bytes(closed).and_then(|closed| closed.open(&key, &carried));
            let opened = opened.map_err(|error| {
                let of = named(&formula.atoms()[atom], place);
                let zh = if error == verification::Error::ClosedBox {
                    "密文无法打开：它属于另一数据方，或是为另一次询问加密的"
                } else {
                    "内容与各方约定的承诺不符"
                };
                refused(&of, &error.to_string(), zh)
            });
            Ok((place, opened?))
        };
        own.into_iter().zip(&asked.boxes).map(open).collect::<Result<_, Trouble>>().map(Self)
    }

    /// An atom with its claims in place, by the rules of one that was typed.
    pub(super) fn atom(&self, atom: &TypedAtom) -> Result<TypedAtom, Trouble> {
        let claimed = atom.claiming(|place| self.0.get(&place).map(Opening::reveal));
        claimed.map_err(|(place, what)| refused(&named(atom, place), what.en(), what.zh()))
    }
}

/// What the terms of a question say of its claims.
pub(super) fn commitments(asked: &VerifyTerms) -> Vec<Commitment> {
    asked.claims.iter().copied().map(Commitment).collect()
}

/// The boxes of the atoms that are `own`, of those of all.
pub(super) fn boxes_of(
    boxes: &[[u8; CLAIM_BOX]],
    formula: &AgreedFormula,
    own: impl Fn(usize) -> bool,
) -> Vec<[u8; CLAIM_BOX]> {
    let boxes = boxes.iter().zip(formula.claims());
    boxes.filter(|(_, atom)| own(*atom)).map(|(closed, _)| *closed).collect()
}

/// Who asks, who relays and who opens.
fn parties(lender: &PartyId, platform: &PartyId, holder: &PartyId) -> [u8; 32] {
    let names = framed(&[lender.as_str(), platform.as_str(), holder.as_str()]);
    *hashed("tacit/party/v1/claim", &names).as_bytes()
}

/// The field that a claim is about.
fn named(atom: &TypedAtom, place: u8) -> String {
    let at = atom.claims().iter().position(|claim| *claim == place);
    at.and_then(|at| atom.fields().get(at)).map(ToString::to_string).unwrap_or_default()
}

fn refused(of: &str, en: &str, zh: &str) -> Trouble {
    Trouble::us(
        CLAIM,
        format!("what is claimed for {of} is refused: {en}"),
        format!("{of} 的申报内容被拒绝：{zh}"),
    )
}

#[cfg(test)]
#[path = "claims_tests.rs"]
mod tests;
