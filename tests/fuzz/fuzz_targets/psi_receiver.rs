//! The receiver's side of an intersection against a peer that sends anything.

#![no_main]

use fuzz::psi::{check, sides};
use fuzz::{Script, provoke};
use libfuzzer_sys::fuzz_target;
use psi::{RECEIVER, SENDER};

fuzz_target!(|bytes: &[u8]| {
    let mut script = Script(bytes);
    let (terms, receiver, sender) = sides(&mut script);
    let learned = provoke((RECEIVER, receiver), (SENDER, sender), &mut script);
    if let Some(learned) = learned {
        check(&learned, &terms, terms.receiver_items);
    }
});
