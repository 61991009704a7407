//! What may leave a party.

/// Something that may be sent or stored as it is: a public key, a table, an answer, a sum.
///
/// Secrets do not implement it. A lender key cannot be encoded:
///
/// ```compile_fail,E0277
/// # fn send(_: &impl scoring::Encode) {}
/// # fn with(key: scoring::LenderKey) {
/// send(&key);
/// # }
/// ```
///
/// nor can a mask key, nor the bins that a holder picked:
///
/// ```compile_fail,E0277
/// # fn send(_: &impl scoring::Encode) {}
/// # fn with(key: scoring::MaskKey) {
/// send(&key);
/// # }
/// ```
///
/// ```compile_fail,E0277
/// # fn send(_: &impl scoring::Encode) {}
/// # fn with(picks: scoring::Picks) {
/// send(&picks);
/// # }
/// ```
///
/// ```compile_fail,E0277
/// # fn with(picks: scoring::Picks) {
/// session::Chunk::whole(1, picks);
/// # }
/// ```
///
/// nor a scorecard in clear:
///
/// ```compile_fail,E0277
/// # fn send(_: &impl scoring::Encode) {}
/// # fn with(scorecard: scoring::Scorecard) {
/// send(&scorecard);
/// # }
/// ```
///
/// while a public key can:
///
/// ```
/// # fn send(_: &impl scoring::Encode) {}
/// # fn with(key: scoring::PublicKey) {
/// send(&key);
/// # }
/// ```
pub trait Encode {
    /// The bytes of SPEC §4.
    fn to_bytes(&self) -> Vec<u8>;
}
