//! Records and their chain: what may be written, and what whoever tampers with a log leaves behind.

use std::collections::BTreeSet;

use audit::{
    Authorised, Broken, Chain, Counts, Error, Event, Fault, Fields, Head, LegalBasis, Logged,
    MAX_FIELDS, MAX_RECEIPT, MAX_RECORD, Moment, Named, Receipt, Record, Released, Verified,
    Version, leaf_hash,
};
use domain::{ClassId, Digest, Field, Refusal};
use proptest::prelude::*;

use crate::story::{
    Ledger, NOW, Story, asked, digest, firm, key, named, party, pseudonym, release, seed, used,
};

/// A log of seven records of several kinds.
fn ledger() -> Ledger {
    let mut ledger = Ledger::of("tax");
    ledger.write(NOW, Event::Configuration { catalogue: digest(1), profile: digest(2) });
    Story::verification().proof(&mut ledger);
    let (subject, operator) = (Some(pseudonym(&firm())), None);
    let refusal = Refusal::AuthRevoked;
    ledger.write(NOW, Event::Refused { refusal, asked: asked(2), subject, operator });
    ledger
}

type Leaf = (Digest, Vec<u8>);

fn leaves(ledger: &Ledger) -> Vec<Leaf> {
    ledger.records.iter().map(|logged| (logged.leaf(), logged.bytes().to_vec())).collect()
}

fn walk(leaves: &[Leaf], checkpoints: &[Head]) -> Result<Verified, Broken> {
    Record::verify_chain(leaves.iter().map(|(leaf, bytes)| (*leaf, bytes)), checkpoints)
}

fn broken(sequence: usize, fault: Fault) -> Result<Verified, Broken> {
    Err(Broken { sequence: sequence as u64, fault })
}

/// The leaf of other bytes, with the hash that fits them.
fn leaf(bytes: Vec<u8>) -> Leaf {
    (leaf_hash(&bytes), bytes)
}

fn altered(leaf: &Leaf, edit: impl FnOnce(&mut Record)) -> Vec<u8> {
    let mut record = Record::from_json(&leaf.1).unwrap();
    edit(&mut record);
    record.to_json()
}

#[test]
fn a_log_as_it_was_written_holds_and_is_resumed() {
    let mut ledger = ledger();
    let leaves = leaves(&ledger);
    let checkpoints = [3, 0, 7].map(|size| ledger.tree.at(size));
    let verified = walk(&leaves, &checkpoints).unwrap();
    assert_eq!(verified.frontier, ledger.tree.frontier);
    assert_eq!((verified.last, verified.confirmed), (leaves[6].0, 7));
    assert_eq!(walk(&leaves, &[]).unwrap().confirmed, 0);
    assert_eq!(walk(&[], &[]).unwrap().frontier.size(), 0);

    let last = Logged::from_json(leaves[6].1.clone()).unwrap();
    ledger.chain = Chain::resume(&last, Version([0, 2, 0]));
    let next = ledger.write(NOW, Event::Configuration { catalogue: digest(1), profile: digest(3) });
    assert_eq!((next.record().sequence, next.record().previous), (7, last.leaf()));
    assert!(walk(&self::leaves(&ledger), &[]).is_ok());
}

#[test]
fn an_altered_record_is_named_wherever_it_is() {
    let honest = leaves(&ledger());
    for place in 0..honest.len() {
        for bit in 0..honest[place].1.len() {
            let mut forged = honest.clone();
            forged[place].1[bit] ^= 1 << (bit % 8);
            assert_eq!(walk(&forged, &[]), broken(place, Fault::Altered));
        }
    }
}

#[test]
fn a_record_replaced_together_with_its_leaf_is_named_by_its_successor_or_a_checkpoint() {
    let ledger = ledger();
    let honest = leaves(&ledger);
    for place in 0..honest.len() {
        let mut forged = honest.clone();
        forged[place] = leaf(altered(&honest[place], |record| record.software = Version([9; 3])));
        let last = place + 1 == honest.len();
        if last {
            // Nothing follows that would name it: that is what checkpoints are deposited for.
            assert!(walk(&forged, &[]).is_ok());
            let checkpoints = [ledger.tree.at(4), ledger.tree.head()];
            assert_eq!(walk(&forged, &checkpoints), broken(4, Fault::Rewritten));
        } else {
            assert_eq!(walk(&forged, &[]), broken(place, Fault::Replaced));
        }
    }
}

#[test]
fn a_deleted_record_is_named() {
    let ledger = ledger();
    let honest = leaves(&ledger);
    for place in 0..honest.len() {
        let mut forged = honest.clone();
        forged.remove(place);
        let fault = if place + 1 == honest.len() { Fault::CutOff } else { Fault::OutOfPlace };
        assert_eq!(walk(&forged, &[ledger.tree.head()]), broken(place, fault));
    }
}

#[test]
fn a_log_that_was_cut_off_is_found_by_its_deposited_checkpoint_only() {
    let ledger = ledger();
    let honest = leaves(&ledger);
    for size in 0..honest.len() {
        assert!(walk(&honest[..size], &[]).is_ok());
        let deposited = [ledger.tree.head()];
        assert_eq!(walk(&honest[..size], &deposited), broken(size, Fault::CutOff));
    }
}

#[test]
fn records_in_another_order_are_named_by_the_first_of_them() {
    let honest = leaves(&ledger());
    for one in 0..honest.len() {
        for other in one + 1..honest.len() {
            let mut forged = honest.clone();
            forged.swap(one, other);
            assert_eq!(walk(&forged, &[]), broken(one, Fault::OutOfPlace));
        }
    }
}

#[test]
fn an_inserted_record_is_named() {
    let honest = leaves(&ledger());
    for place in 0..honest.len() {
        // A copy of one that is there.
        for from in 0..honest.len() {
            let mut forged = honest.clone();
            forged.insert(place, honest[from].clone());
            let fault = walk(&forged, &[]).unwrap_err();
            let expected = if from == place || from + 1 == place { from } else { place.min(from) };
            assert_eq!(fault, Broken { sequence: expected as u64, fault: Fault::OutOfPlace });
        }
        // A new one, written to fit.
        let mut forged = honest.clone();
        let new = altered(&honest[place], |record| record.software = Version([9; 3]));
        forged.insert(place, leaf(new));
        assert_eq!(walk(&forged, &[]), broken(place, Fault::OutOfPlace));
    }
}

#[test]
fn a_log_rewritten_from_some_record_on_is_found_by_its_checkpoint() {
    let ledger = ledger();
    for from in 0..7 {
        let mut other = Ledger::of("tax");
        for (place, logged) in ledger.records.iter().enumerate() {
            let at = if place < from { NOW } else { NOW + time::Duration::SECOND };
            other.write(at, logged.record().event.clone());
        }
        let forged = leaves(&other);
        assert!(walk(&forged, &[]).is_ok());
        let checkpoints: Vec<_> = (1..=7).map(|size| ledger.tree.at(size)).collect();
        assert_eq!(walk(&forged, &checkpoints), broken(from, Fault::Rewritten));
        // Two checkpoints that contradict each other, whichever comes first.
        for both in [[&ledger, &other], [&other, &ledger]] {
            let heads = both.map(|ledger| ledger.tree.head());
            assert_eq!(walk(&forged, &heads), broken(0, Fault::Rewritten));
        }
    }
}

#[test]
fn a_record_that_is_none_another_partys_or_at_no_place_is_named() {
    let honest = leaves(&ledger());
    let mut forged = honest.clone();
    forged[4] = leaf(b"{}".to_vec());
    assert_eq!(walk(&forged, &[]), broken(4, Fault::Unreadable));
    forged[4] = leaf(altered(&honest[4], |record| record.party = party("social")));
    assert_eq!(walk(&forged, &[]), broken(4, Fault::AnotherParty));
    // The beginning cut off, and the rest counted anew.
    let moved = altered(&honest[1], |record| record.sequence = 0);
    assert_eq!(walk(&[leaf(moved)], &[]), broken(0, Fault::OutOfPlace));
    let far = altered(&honest[1], |record| record.sequence = u64::MAX);
    assert!(matches!(Record::from_json(&far), Err(Error::Leaves { .. })));
}

#[test]
fn a_record_holds_no_identifier_and_no_answer() {
    let mut ledger = ledger();
    Story::verification().proof(&mut ledger);
    for logged in &ledger.records {
        let text = String::from_utf8(logged.bytes().to_vec()).unwrap();
        assert!(!text.contains(firm().reveal()) && !text.contains("ciphertext"), "{text}");
    }
    let text = String::from_utf8(ledger.records[4].bytes().to_vec()).unwrap();
    assert!(text.contains(&pseudonym(&firm()).to_string()), "{text}");
}

#[test]
fn a_record_is_read_as_it_is_written_and_nothing_else_is() {
    let ledger = ledger();
    for logged in &ledger.records {
        let text = String::from_utf8(logged.bytes().to_vec()).unwrap();
        assert_eq!(Logged::from_json(text.clone().into_bytes()).unwrap(), *logged);
        for (from, to) in [
            (r#"{"sequence""#, r#"{"note":"x","sequence""#),
            (r#""event":{"#, r#""event":{"note":"x","#),
            (r#""party":"tax""#, r#""party":"Tax Office""#),
            ("+08:00", "Z"),
            (r#""time":"2026"#, r#""time":"1926"#),
            (r#""clock":"synchronised""#, r#""clock":"right""#),
        ] {
            let other = text.replacen(from, to, 1);
            assert!(other == text || Record::from_json(other.as_bytes()).is_err(), "{other}");
        }
    }
    let text = String::from_utf8(ledger.records[2].bytes().to_vec()).unwrap();
    for (from, to) in [
        (r#""ground":{"verification":"#, r#""ground":{"public":"#),
        (r#""ground":{"#, r#""ground":{"note":1,"#),
        (r#""persons":[]"#, r#""persons":[],"name":"x""#),
        (r#"["1.vat_paid_12m_cny","2.in_arrears_now"]"#, r#"["2.a","1.a"]"#),
        (r#"["1.vat_paid_12m_cny","2.in_arrears_now"]"#, r#"["1.a","1.a"]"#),
        (r#""question":{"predicate":{"#, r#""question":{"predicate":{"text":"x > 5","#),
        (r#""purpose":"pre_loan""#, r#""purpose":"marketing""#),
        ("hmac-sha256:", "uscc:"),
    ] {
        let other = text.replacen(from, to, 1);
        assert!(other != text, "{from}");
        assert!(Record::from_json(other.as_bytes()).is_err(), "{other}");
    }
    // A platform does not know the fields; that no receipt passes so is for `receipts` to show.
    let none = text.replacen(r#"["1.vat_paid_12m_cny","2.in_arrears_now"]"#, "[]", 1);
    assert_ne!(none, text);
    assert!(Record::from_json(none.as_bytes()).is_ok(), "{none}");
    let long = vec![b' '; MAX_RECORD + 1];
    assert!(matches!(Record::from_json(&long), Err(Error::Oversized { .. })));
}

#[test]
fn an_events_word_is_the_one_that_records_have() {
    let run = domain::RunId::from_bytes([3; 16]);
    let more = [
        Event::AlignmentNotCompleted { run },
        Event::SelfReport { subject: pseudonym(&firm()), lines: 1 },
        Event::Checkpoint { size: 1, root: digest(4) },
    ];
    let ledger = ledger();
    let written = ledger.records.iter().map(|logged| logged.record().event.clone());
    let words: BTreeSet<&str> = written
        .chain(more)
        .map(|event| {
            let json = serde_json::to_value(&event).unwrap();
            assert!(json.get(event.code()).is_some(), "{json}");
            event.code()
        })
        .collect();
    assert!(words.len() >= 7, "{words:?}");
}

#[test]
fn an_error_about_a_record_does_not_repeat_it() {
    let text = r#"{"sequence":"91320500PDY0001750"}"#;
    let error = Record::from_json(text.as_bytes()).unwrap_err().to_string();
    assert!(!error.contains("PDY"), "{error}");
}

/// A release with every list full and every word as long as it can be.
fn largest() -> audit::Release {
    let class = ClassId::new(999).unwrap();
    let name = |number| format!("{number:03}{}", "f".repeat(60));
    let all = (0..MAX_FIELDS).map(|number| Field::new(class, &format!("f{}", name(number))));
    let fields: BTreeSet<_> = all.map(Result::unwrap).collect();
    let named = Named {
        id: "A".repeat(64).parse().unwrap(),
        version: u32::MAX,
        record: digest(1),
        statement: digest(2),
    };
    let ground = LegalBasis::Verification(Authorised {
        subject: named.clone(),
        persons: vec![named; domain::MAX_PERSONS],
    });
    let mut release = release(1, ground);
    release.asked.fields = Fields::new(fields).unwrap();
    release
}

#[test]
fn the_largest_release_fits_into_a_record_and_into_a_receipt() {
    let release = largest();
    let commitment = digest(3);
    let used = used(release.clone(), 2);
    let released = Released {
        begun: digest(1),
        receipt: digest(2),
        commitment,
        used,
        counts: Counts::default(),
    };
    let logged = Ledger::of(&"t".repeat(40)).write(NOW, Event::Released(released));
    assert!(logged.bytes().len() < MAX_RECORD, "{}", logged.bytes().len());
    Record::from_json(logged.bytes()).unwrap();

    let time = Moment::new(NOW).unwrap();
    let receipt = Receipt { release, holder: party("tax"), time, commitment, previous: digest(4) };
    let (holder, platform) = (key(seed::TAX), key(seed::PLATFORM));
    let signed = Receipt::countersign(receipt.sign(&holder), &holder.public(), &platform).unwrap();
    let payload = signed.unverified(Receipt::TYPE).unwrap();
    assert!(payload.len() < MAX_RECEIPT, "{}", payload.len());
    let read = envelope::Envelope::from_json(&signed.to_json()).unwrap();
    assert_eq!(Receipt::open(&read, &holder.public(), &platform.public()), Ok(receipt));
}

#[test]
fn more_fields_or_persons_than_a_release_may_have_are_refused() {
    let release = largest();
    let text = String::from_utf8(serde_json::to_vec(&release).unwrap()).unwrap();
    assert_eq!(serde_json::from_str::<audit::Release>(&text).unwrap(), release);
    let person = serde_json::to_string(&named(&Story::verification().shown[0])).unwrap();
    for (from, to) in [
        (r#""fields":["#, r#""fields":["1.a","#.to_string()),
        (r#""persons":["#, format!(r#""persons":[{person},"#)),
    ] {
        let more = text.replacen(from, &to, 1);
        assert!(serde_json::from_str::<audit::Release>(&more).is_err());
    }
}

proptest! {
    #[test]
    fn noise_never_panics(
        noise in prop::collection::vec(any::<u8>(), 0..300),
        place in any::<prop::sample::Index>(),
        byte in any::<u8>(),
    ) {
        let _ = Record::from_json(&noise);
        let mut bytes = Story::verification().proof(&mut Ledger::of("tax")).record.into_bytes();
        let place = place.index(bytes.len());
        bytes[place] = byte;
        if let Ok(record) = Record::from_json(&bytes) {
            prop_assert_eq!(Record::from_json(&record.to_json()), Ok(record));
        }
    }
}
