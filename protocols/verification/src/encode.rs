//! What may leave a party.

/// Something that may be sent or stored as it is: a key to upload, atoms, a combined answer.
///
/// Secrets do not implement it. A lender key cannot be encoded:
///
/// ```compile_fail,E0277
/// # fn send(_: &impl verification::Encode) {}
/// # fn with(key: verification::LenderKey) {
/// send(&key);
/// # }
/// ```
///
/// nor can what a holder knows, nor the answer that a lender opened:
///
/// ```compile_fail,E0277
/// # fn send(_: &impl verification::Encode) {}
/// # fn with(known: verification::Known) {
/// send(&known);
/// # }
/// ```
///
/// ```compile_fail,E0277
/// # fn with(known: verification::Known) {
/// session::Chunk::whole(1, known);
/// # }
/// ```
///
/// ```compile_fail,E0277
/// # fn send(_: &impl verification::Encode) {}
/// # fn with(answer: verification::Answer) {
/// send(&answer);
/// # }
/// ```
///
/// nor a threshold in clear:
///
/// ```compile_fail,E0277
/// # fn send(_: &impl verification::Encode) {}
/// # fn with(threshold: verification::Threshold) {
/// send(&threshold);
/// # }
/// ```
///
/// while a sealed one can:
///
/// ```
/// # fn send(_: &impl verification::Encode) {}
/// # fn with(threshold: verification::SealedThreshold) {
/// send(&threshold);
/// # }
/// ```
pub trait Encode {
    /// The bytes of SPEC §4.
    fn to_bytes(&self) -> Vec<u8>;
}
