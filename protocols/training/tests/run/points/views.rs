//! What each role sees.

use std::collections::BTreeMap;

use session::{Fate, Role};

use super::card::Card;
use crate::support::random::chi_square;

/// 1,088 bins: enough that messages are long.
fn card() -> Card {
    let mut card = Card::made(41, 500, vec![vec![32; 12], vec![32; 12], vec![32; 10]]);
    card.terms.scale.offset = 0;
    card
}

fn models(card: &Card) -> [training::SharedModel; 3] {
    let slopes = (0..34).map(|j| 0.1 + 0.01 * f64::from(j));
    card.shared(&slopes.chain([-1.0]).collect::<Vec<_>>())
}

/// Each long message, for itself, is as good as random to the role that gets it.
#[test]
fn every_long_message_looks_random() {
    let card = card();
    let mut messages: BTreeMap<(Role, Role, u32), Vec<u8>> = BTreeMap::new();
    let ends = card.run(&models(&card), 3, |from, to, chunk| {
        messages.entry((from, to, chunk.round)).or_default().extend(&chunk.body[..]);
        Fate::Deliver
    });
    ends.result.unwrap();
    let mut long = 0;
    for (at, bytes) in messages.iter().filter(|(_, bytes)| bytes.len() >= 2_048) {
        long += 1;
        // Numbers of 22 bits are packed two to a word, whose last bits are 0.
        let low: Vec<u8> =
            bytes.as_chunks::<8>().0.iter().flat_map(|word| word[..5].to_vec()).collect();
        let statistic = chi_square(&low);
        // 255 degrees of freedom: beyond 400 less than once in a hundred million.
        assert!(statistic < 400.0, "{at:?}: {statistic}");
    }
    assert!(long > 60, "{long} long messages");
}

/// The shares of one role, of points that are all alike in a feature's bins and in thousands of bins.
#[test]
fn the_share_of_one_role_looks_random() {
    let mut card = card();
    card.values = vec![vec![0.5; 32]; 34];
    let scaled = card.honest(&models(&card), 4);
    for scaled in &scaled {
        let low = (0..3).flat_map(|holder| {
            let share = scaled.share(holder).unwrap().expose();
            share.iter().map(|word| word.to_le_bytes()[0]).collect::<Vec<_>>()
        });
        assert!(chi_square(&low.collect::<Vec<_>>()) < 400.0);
    }
}
