//! Anything at all as a signed envelope, or as a public key.

#![no_main]

use envelope::{Envelope, MAX_ENVELOPE, PublicKey, SigningKey};
use libfuzzer_sys::fuzz_target;

const TYPE: &str = "application/vnd.tacit.example.v1+json";

fuzz_target!(|bytes: &[u8]| {
    if let Ok(read) = Envelope::from_json(bytes) {
        assert!(bytes.len() <= MAX_ENVELOPE);
        // What was understood says the same when it is said again.
        assert_eq!(Envelope::from_json(&read.to_json()), Ok(read.clone()));
        let stranger = SigningKey::from_seed(&[1; 32]).public();
        assert!(read.open(TYPE, &stranger).is_err());
    }
    if let Ok(text) = std::str::from_utf8(bytes)
        && let Ok(key) = text.parse::<PublicKey>()
    {
        assert_eq!(key.to_string().parse(), Ok(key));
        assert!(key.verify(bytes, &[0; 64]).is_err());
    }
});
