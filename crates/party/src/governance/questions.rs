//! Signed questions: a lender signs what it asks, and every holder verifies that before it looks at
//! anything.

use consent::{Question, SignedQuestion, SubjectSalt};
use domain::{Digest, Refusal};
use envelope::Envelope;
use rand::Rng;

use crate::clock::now;
use crate::governance::registry::SKEW;
use crate::node::Node;
use crate::{Trouble, setup};

/// A lender's question that this holder has verified.
pub(crate) struct VerifiedQuestion {
    /// SHA-256 of its payload: what records call the request.
    pub(crate) id: Digest,
    pub(crate) signed: Envelope,
    pub(crate) salt: SubjectSalt,
}

/// Draws what hides a subject in a question.
pub(crate) fn salt() -> Result<[u8; 32], Trouble> {
    let mut salt = [0; 32];
    setup::chacha()?.fill_bytes(&mut salt);
    Ok(salt)
}

/// Signs a question of ours, at this moment; returns it as it travels.
pub(crate) fn sign(node: &Node, question: Question) -> Result<Vec<u8>, Trouble> {
    let signed = question.sign(&node.identity.signing_key, now());
    Ok(signed.map_err(|error| Trouble::from_error("QUESTION", &error))?.to_json())
}

/// Verifies that the lender itself has just asked the question that a platform brings.
///
/// # Errors
///
/// `QUESTION_SIGNATURE`, `QUESTION_ALTERED`, `QUESTION_STALE`.
pub(crate) fn verify(node: &Node, bytes: &[u8], brought: &Question) -> Result<Envelope, Trouble> {
    let key = node.line(&brought.lender)?.peer.signing_key;
    let signed = Envelope::from_json(bytes);
    let signed = signed.map_err(|_| Trouble::refused(Refusal::QuestionSignature))?;
    SignedQuestion::verify(&signed, &key, brought, (now(), SKEW)).map_err(Trouble::refused)?;
    Ok(signed)
}

/// [`verify`] of a question about one subject, which is answered in one run and once.
///
/// # Errors
///
/// Those of [`verify`], and `QUESTION_REPLAYED`.
pub(crate) async fn verify_once(
    node: &Node,
    bytes: &[u8],
    brought: &Question,
    salt: [u8; 32],
) -> Result<VerifiedQuestion, Trouble> {
    let signed = verify(node, bytes, brought)?;
    if node.store.has_run(brought.run).await? {
        return Err(Trouble::refused(Refusal::QuestionReplayed));
    }
    let id = SignedQuestion::id(&signed).map_err(|error| Trouble::from_error("OURS", &error))?;
    Ok(VerifiedQuestion { id, signed, salt: SubjectSalt::from_bytes(salt) })
}
