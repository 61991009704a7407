//! What each role sees.

use std::collections::BTreeMap;
use std::path::Path;

use session::{Fate, Role};
use training::Terms;

use crate::support::made::Made;
use crate::support::random::chi_square;
use crate::support::run::Job;

/// Every place in the sources where secrecy ends: SPEC §5 has one line for each.
const OPENINGS: &[(&str, &str)] = &[
    ("evaluation.rs", "engine.open_to(LENDER, &self.0)"),
    ("fit.rs", "engine.open_to(LENDER, &saturated)"),
    ("fit.rs", "engine.open_to(LENDER, &weights)"),
    ("agreement.rs", "engine.open(&product)"),
    ("classes.rs", "engine.open_bits(&short)"),
    ("fit.rs", "engine.open_bits(&sign)"),
    ("points/rules.rs", "engine.open_bits(&broken)"),
    ("significance.rs", "engine.open_to(LENDER, &diagonal)"),
];

#[test]
fn nothing_is_opened_but_what_the_spec_lists() {
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    let mut paths = vec![sources.clone()];
    while let Some(path) = paths.pop() {
        if path.is_dir() {
            paths.extend(std::fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()));
            continue;
        }
        let name = path.strip_prefix(&sources).unwrap().to_string_lossy().into_owned();
        let text = std::fs::read_to_string(&path).unwrap();
        let text = text.split("#[cfg(test)]").next().unwrap();
        for (at, _) in text.match_indices("engine.open") {
            let call = text[at..].split(".await").next().unwrap();
            found.push((name.clone(), call.split_whitespace().collect::<Vec<_>>().join(" ")));
        }
        // Nothing else of the engine ends secrecy but what is released to a holder, and nothing
        // speaks to a link itself but uploads, which are masked (`an_upload_tells_one_role_nothing`),
        // and a release.
        assert!(!text.contains("raw_open"), "{name}");
        assert_eq!(text.contains(".release()"), name == "woe/count.rs", "{name}");
        // A role's share of points leaves for its own encryption.
        assert_eq!(text.contains(".residues("), name == "points/session.rs", "{name}");
        let speaks = ["transfer.rs", "woe/release.rs"].contains(&name.as_str());
        assert_eq!(text.contains("link.send"), speaks, "{name}");
    }
    found.sort();
    let mut listed: Vec<_> =
        OPENINGS.iter().map(|(file, call)| (file.to_string(), call.to_string())).collect();
    listed.sort();
    assert_eq!(found, listed);
}

/// Each long message, for itself, is as good as random to the role that gets it.
#[test]
fn every_long_message_looks_random() {
    let table = Made::from(61).table(2_500, &[0.8, -0.5], 0.1);
    let job = Job::of(&table, Terms::new(2_500, vec![2], [5; 32]));
    let mut messages: BTreeMap<(Role, Role, u32), Vec<u8>> = BTreeMap::new();
    let ends = job.run(3, |from, to, chunk| {
        messages.entry((from, to, chunk.round)).or_default().extend(&chunk.body[..]);
        Fate::Deliver
    });
    ends.unwrap().result.unwrap();
    let mut long = 0;
    for (at, bytes) in messages.iter().filter(|(_, bytes)| bytes.len() >= 4_096) {
        long += 1;
        // Numbers of fewer than 64 bits are packed three to a word, and leave its last bits 0;
        // planes leave the bits of rows that are not there. Both are in the last bytes of words.
        let low: Vec<u8> =
            bytes.as_chunks::<8>().0.iter().flat_map(|word| word[..6].to_vec()).collect();
        let statistic = chi_square(&low);
        // 255 degrees of freedom: beyond 400 less than once in a hundred million.
        assert!(statistic < 400.0, "{at:?}: {statistic}");
    }
    assert!(long > 225, "{long} long messages");
}

#[test]
fn a_message_that_carries_the_column_itself_does_not_look_random() {
    let column = Made::from(62).normals(2_500);
    let bare: Vec<u8> =
        column.iter().flat_map(|x| sharing::encode::<12>(*x).unwrap().to_le_bytes()).collect();
    let low: Vec<u8> = bare.as_chunks::<8>().0.iter().flat_map(|word| word[..6].to_vec()).collect();
    assert!(chi_square(&low) > 400.0);
}

/// Two columns that differ in all rows: what one role receives of their uploads has the same form,
/// and looks random either way.
#[test]
fn an_upload_tells_one_role_nothing() {
    let table = Made::from(63).table(2_500, &[0.8, -0.5, 0.4], 0.1);
    let job = Job::of(&table, Terms::new(2_500, vec![3], [5; 32]));
    for messages in job.messages(1).unwrap() {
        for message in messages.iter().flatten().filter(|message| message.len() >= 4_096) {
            assert!(chi_square(message) < 400.0);
        }
    }
}
