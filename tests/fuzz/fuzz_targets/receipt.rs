//! Anything at all as a receipt, an audit record, or the proof of a release.

#![no_main]

use audit::{Freshness, Keys, Proof, Receipt, Record, verify};
use envelope::{Envelope, SigningKey};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    // What was understood says the same when it is said again.
    if let Ok(record) = Record::from_json(bytes) {
        assert_eq!(Record::from_json(&record.to_json()), Ok(record));
    }
    let key = SigningKey::from_seed(&[1; 32]);
    let sealed = Envelope::sign(Receipt::TYPE, bytes.to_vec(), &key);
    if let Ok(receipt) = Receipt::unverified(&sealed) {
        assert_eq!(Receipt::unverified(&receipt.sign(&key)), Ok(receipt));
    }
    if let Ok(proof) = Proof::from_json(bytes) {
        assert_eq!(proof.to_json(), bytes);
    }
    // Nobody is trusted, so nothing is proved.
    assert!(verify(bytes, &Keys::default(), Freshness::default()).is_err());
});
