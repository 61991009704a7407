//! Every session and decoder of scoring against a peer that sends anything.
//!
//! Behind a feature, since tfhe takes minutes to build:
//! `cargo +nightly fuzz run --fuzz-dir tests/fuzz --features scoring scoring`.

#![no_main]

use std::sync::{Arc, LazyLock};

use chacha20::ChaCha20Rng;
use chacha20::rand_core::SeedableRng;
use fuzz::{Script, provoke};
use libfuzzer_sys::fuzz_target;
use scoring::{
    Answer, LENDER, LenderKey, MaskKey, ModelDigest, PLATFORM, PublicKey, QueryId, RunId,
    Scorecard, Sum, Table, TableTerms, Terms, holder, issue, score,
};

static KEY: LazyLock<Arc<LenderKey>> = LazyLock::new(|| Arc::new(LenderKey::generate(&mut rng())));

fn rng() -> ChaCha20Rng {
    ChaCha20Rng::from_seed([1; 32])
}

fn card() -> Scorecard {
    Scorecard::new(&[vec![1, 2]]).expect("a small scorecard")
}

fn terms() -> Terms {
    let holders = vec![MaskKey::generate(&mut rng()).public()];
    let (run, query) = (RunId([0; 16]), QueryId([0; 16]));
    let key = KEY.public().fingerprint();
    Terms::new(key, ModelDigest([0; 32]), run, query, 2, holders).expect("small terms")
}

fuzz_target!(|bytes: &[u8]| {
    let mut script = Script(bytes);
    let fingerprint = KEY.public().fingerprint();
    match script.byte() % 4 {
        0 => {
            let receiver = issue::KeyReceiver::new(fingerprint);
            let sender = issue::KeySender::new(KEY.public());
            provoke((PLATFORM, receiver), (LENDER, sender), &mut script);
        }
        1 => {
            let terms = TableTerms::new(fingerprint, ModelDigest([0; 32]), card().shape().clone());
            let sender = issue::TableSender::new(&terms, KEY.public(), card(), &mut rng())
                .expect("the terms fit");
            let receiver = issue::TableReceiver::new(terms);
            provoke((holder(0), receiver), (PLATFORM, sender), &mut script);
        }
        2 => {
            let lender = score::Lender::new(terms(), Arc::clone(&KEY)).expect("the key fits");
            // Nobody honest is on the other side: what comes is the script's own invention.
            let sender = issue::KeySender::new(KEY.public());
            provoke((LENDER, lender), (PLATFORM, sender), &mut script);
        }
        _ => {
            let terms = terms();
            let _ = Answer::from_bytes(script.0, &terms, holder(0));
            let _ = Sum::from_bytes(script.0, &terms);
            let _ = Table::from_bytes(script.0);
            let _ = PublicKey::from_bytes(script.0);
            let _ = LenderKey::from_secret_bytes(script.0);
            let _ = MaskKey::from_secret_bytes(script.0);
        }
    }
});
