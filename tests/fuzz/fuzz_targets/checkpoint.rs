//! Anything at all as a signed note, a checkpoint, a verifier key, or a proof of the tree.

#![no_main]

use audit::{
    Checkpoint, Deposits, Head, Note, NoteKey, DepositOutcome, consistency_needs, consistency_proof,
    inclusion_needs, inclusion_proof, leaf_hash, verify_consistency, verify_inclusion,
};
use domain::Digest;
use fuzz::Script;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(note) = Note::from_bytes(bytes) {
        assert_eq!(note.to_bytes(), bytes);
        let _ = Checkpoint::unverified(&note);
        assert_eq!(Deposits::default().accept(&note, &[]), DepositOutcome::BadSignature);
    }
    if let Ok(text) = std::str::from_utf8(bytes)
        && let Ok(key) = text.parse::<NoteKey>()
    {
        assert_eq!(key.to_string(), text);
    }

    let mut script = Script(bytes);
    let mut number = || {
        let mut number = [0; 8];
        number.iter_mut().for_each(|byte| *byte = script.byte());
        u64::from_be_bytes(number)
    };
    let (one, other) = (number(), number());
    let hashes: Vec<Digest> = script.0.chunks(32).map(leaf_hash).collect();
    let head = |size| Head { size, root: leaf_hash(&[]) };
    assert!(inclusion_needs(one, other).unwrap_or_default().len() <= 127);
    assert!(consistency_needs(one, other).unwrap_or_default().len() <= 127);
    let _ = inclusion_proof(one, other, &hashes);
    let _ = consistency_proof(one, other, &hashes);
    // No hash of these leads to that root but by chance.
    assert!(verify_inclusion(&leaf_hash(&[1]), one, &head(other), &hashes).is_err());
    let grown = verify_consistency(&head(one), &head(other), &hashes);
    assert!(grown.is_err() || (one == other && hashes.is_empty()));
});
