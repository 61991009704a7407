//! The two sides of an intersection, small enough for thousands of runs a second.

use ::psi::{Items, Learned, Output, Receiver, Sender, Terms};
use chacha20::ChaCha20Rng;
use chacha20::rand_core::SeedableRng;

use crate::Script;

/// Terms, sets and both sides by the script.
///
/// # Panics
///
/// Never: the sets keep the terms.
pub fn sides(script: &mut Script<'_>) -> (Terms, Receiver, Sender) {
    let output = match script.byte() % 3 {
        0 => Output::OneSided,
        1 => Output::TwoSided,
        _ => Output::Cardinality,
    };
    let sizes = script.byte();
    let (ours, theirs) = (u64::from(sizes % 4), u64::from(sizes / 4 % 4));
    let receiver_items = ours + u64::from(sizes >> 6 & 1);
    let sender_items = theirs + u64::from(sizes >> 7);
    let terms = Terms { receiver_items, sender_items, output, context: [7; 32] };
    let set = |from: u64, length: u64| {
        Items::new((from..from + length).map(|item| format!("uscc:{item}"))).expect("distinct")
    };
    let mut rng = ChaCha20Rng::seed_from_u64(u64::from(sizes));
    let receiver = Receiver::new(terms, set(0, ours), &mut rng).expect("it keeps the terms");
    let sender = Sender::new(terms, set(1, theirs), &mut rng).expect("it keeps the terms");
    (terms, receiver, sender)
}

/// Checks that an output can be one of these terms, for a side of `items` points.
///
/// # Panics
///
/// When it cannot.
pub fn check(learned: &Learned, terms: &Terms, items: u64) {
    let shared = terms.receiver_items.min(terms.sender_items);
    match learned {
        Learned::Nothing => {}
        Learned::Count(count) => assert!(*count <= shared),
        Learned::Items(found) => {
            assert!(found.len() as u64 <= shared);
            assert!(found.is_sorted_by(|one, next| one < next));
            assert!(found.iter().all(|&item| u64::from(item) < items));
        }
    }
}
