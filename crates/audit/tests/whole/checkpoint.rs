//! Signed notes and checkpoints: read by a verifier that others wrote, and written by it for us.

use crate::support::Log;
use audit::{
    Checkpoint, DepositOutcome, Deposits, EMPTY_ROOT, Error, Head, KeyName, MAX_NOTE, Note, NoteKey,
};
use domain::{Digest, PartyId};
use envelope::SigningKey;
use proptest::prelude::*;
use signed_note::{StandardSigner, StandardVerifier, VerifierList};

fn party(name: &str) -> PartyId {
    name.parse().unwrap()
}

fn key(seed: u8) -> SigningKey {
    SigningKey::from_seed(&[seed; 32])
}

fn note_key(name: &str, seed: u8) -> NoteKey {
    NoteKey::new(KeyName::of(&party(name)), key(seed).public())
}

fn checkpoint(name: &str, head: Head) -> Checkpoint {
    Checkpoint { origin: party(name), head }
}

fn small() -> Head {
    Log::of([b"a", b"b", b"c"]).head()
}

#[test]
fn the_example_of_the_note_format_is_read_and_written_alike() {
    // Go's sumdb/note documentation.
    let text = "If you think cryptography is the answer to your problem,\n\
                then you don't know what your problem is.\n\n\
                \u{2014} PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";
    let written = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
    let peter: NoteKey = written.parse().unwrap();
    assert_eq!(peter.to_string(), written);
    let note = Note::from_bytes(text.as_bytes()).unwrap();
    assert_eq!(note.to_bytes(), text.as_bytes());
    let (read, by) = note.verify(std::slice::from_ref(&peter)).unwrap();
    assert!(read.ends_with("your problem is.\n") && by == [&peter]);
    assert!(matches!(Checkpoint::open(&note, &peter), Err(Error::Note { .. })));
}

#[test]
fn a_verifier_we_did_not_write_reads_our_checkpoints_and_cosignatures() {
    let ours = checkpoint("tax", small());
    let note = ours.sign(&key(1)).cosign(KeyName::of(&party("node")), &key(2)).unwrap();
    let theirs = signed_note::Note::from_bytes(&note.to_bytes()).unwrap();
    let verifiers = [note_key("tax", 1), note_key("node", 2)].map(|key| {
        let key: Box<dyn signed_note::Verifier> =
            Box::new(StandardVerifier::new(&key.to_string()).unwrap());
        key
    });
    let (verified, unknown) = theirs.verify(&VerifierList::new(verifiers.into())).unwrap();
    assert_eq!(
        verified.iter().map(signed_note::Signature::name).collect::<Vec<_>>(),
        ["tacit/tax", "tacit/node"]
    );
    assert!(unknown.is_empty());
    let read = tlog_tiles::Checkpoint::from_bytes(theirs.text()).unwrap();
    assert_eq!((read.origin(), read.size()), ("tacit/tax", 3));
    assert_eq!(read.hash().0, *ours.head.root.as_bytes());
    assert_eq!(read.extension(), "");
}

#[test]
fn we_read_notes_that_others_wrote() {
    let head = small();
    let text = tlog_tiles::Checkpoint::new(
        "tacit/tax",
        head.size,
        tlog_tiles::Hash(*head.root.as_bytes()),
        "",
    );
    let id =
        signed_note::key_id("tacit/tax", &[&[1], key(1).public().as_bytes().as_slice()].concat());
    let secret = base64_of(&[&[1], key(1).reveal_seed().as_slice()].concat());
    let signer = StandardSigner::new(&format!("PRIVATE+KEY+tacit/tax+{id:08x}+{secret}")).unwrap();
    let mut theirs = signed_note::Note::new(&text.unwrap().to_bytes(), &[]).unwrap();
    theirs.add_sigs(&[&signer]).unwrap();
    let note = Note::from_bytes(&theirs.to_bytes()).unwrap();
    assert_eq!(Checkpoint::open(&note, &note_key("tax", 1)), Ok(checkpoint("tax", head)));
    // Ed25519 is deterministic: the same bytes, whoever writes them.
    assert_eq!(note, checkpoint("tax", head).sign(&key(1)));
}

fn base64_of(bytes: &[u8]) -> String {
    use base64::Engine;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

#[test]
fn a_checkpoint_opens_with_the_key_and_name_of_its_log_only() {
    let note = checkpoint("tax", small()).sign(&key(1));
    assert!(Checkpoint::open(&note, &note_key("tax", 1)).is_ok());
    for stranger in [note_key("tax", 2), note_key("social", 1)] {
        let refused = Checkpoint::open(&note, &stranger);
        assert_eq!(refused, Err(Error::NoteSignature("no known key has signed the note")));
    }
    // Whoever cosigns another's log has not made it his.
    let note = note.cosign(KeyName::of(&party("node")), &key(2)).unwrap();
    assert!(matches!(Checkpoint::open(&note, &note_key("node", 2)), Err(Error::Note { .. })));
}

#[test]
fn a_known_keys_bad_signature_spoils_a_note_and_unknown_ones_are_passed_over() {
    let known = [note_key("tax", 1), note_key("node", 2)];
    let note = checkpoint("tax", small()).sign(&key(1));
    let strange = note.clone().cosign(KeyName::of(&party("x")), &key(9)).unwrap();
    assert_eq!(strange.verify(&known).unwrap().1, [&known[0]]);
    let both = note.cosign(KeyName::of(&party("node")), &key(2)).unwrap();
    assert_eq!(both.verify(&known).unwrap().1.len(), 2);
    let mut bytes = both.to_bytes();
    let place = bytes.len() - 20;
    bytes[place] = if bytes[place] == b'A' { b'B' } else { b'A' };
    let spoiled = Note::from_bytes(&bytes).unwrap();
    assert!(matches!(spoiled.verify(&known), Err(Error::NoteSignature(_))));
}

#[test]
fn every_flipped_bit_of_a_checkpoint_is_refused() {
    let bytes = checkpoint("tax", small()).sign(&key(1)).to_bytes();
    for place in 0..bytes.len() * 8 {
        let mut forged = bytes.clone();
        forged[place / 8] ^= 1 << (place % 8);
        let opened =
            Note::from_bytes(&forged).and_then(|n| Checkpoint::open(&n, &note_key("tax", 1)));
        assert!(opened.is_err(), "bit {place}");
    }
}

#[test]
fn what_is_no_note_or_no_checkpoint_is_refused() {
    let long = vec![b'a'; MAX_NOTE + 1];
    assert!(matches!(Note::from_bytes(&long), Err(Error::Oversized { .. })));
    let line = "\u{2014} tacit/tax AAAAAAA=\n";
    assert!(Note::from_bytes(format!("a\n\n{}", line.repeat(16)).as_bytes()).is_ok());
    for bad in [
        String::new(),
        "a\n".into(),
        format!("a\n{line}"),
        "a\n\n".into(),
        format!("a\t\n\n{line}"),
        format!("a\n\n{}", line.trim_end()),
        format!("a\n\n{}", line.repeat(17)),
        "a\n\n\u{2014} tacit/tax AAAA\n".into(),
        "a\n\n\u{2014} tacit/tax AAAAAAA\n".into(),
        "a\n\n\u{2014} tacit+tax AAAAAAA=\n".into(),
        "a\n\n- tacit/tax AAAAAAA=\n".into(),
    ] {
        assert!(matches!(Note::from_bytes(bad.as_bytes()), Err(Error::Note { .. })), "{bad:?}");
    }
    let root = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
    let read = |text: &str| {
        Checkpoint::unverified(&Note::from_bytes(format!("{text}\n\n{line}").as_bytes()).unwrap())
    };
    let empty = Head { size: 0, root: EMPTY_ROOT };
    assert_eq!(read(&format!("tacit/tax\n0\n{root}")), Ok(checkpoint("tax", empty)));
    for bad in [
        format!("tax\n0\n{root}"),
        format!("tacit/TAX\n0\n{root}"),
        format!("tacit/tax\n01\n{root}"),
        format!("tacit/tax\n+1\n{root}"),
        format!("tacit/tax\n18446744073709551616\n{root}"),
        format!("tacit/tax\n1\n{}", &root[4..]),
        format!("tacit/tax\n1\n{root}\nextension"),
        "tacit/tax\n0\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=".into(),
        "tacit/tax\n1".into(),
    ] {
        assert!(read(&bad).is_err(), "{bad:?}");
    }
}

#[test]
fn a_verifier_key_is_written_one_way_and_its_hash_must_fit() {
    let written = note_key("tax", 1).to_string();
    assert_eq!(written.parse::<NoteKey>().unwrap(), note_key("tax", 1));
    for bad in [
        written.replacen("tax", "tex", 1),
        written.replacen('+', " ", 1),
        written.replacen("+A", "+C", 1),
        written.to_uppercase(),
        format!("{written}A"),
        "a+b".into(),
        String::new(),
    ] {
        assert_eq!(bad.parse::<NoteKey>(), Err(Error::NoteKey), "{bad:?}");
    }
}

#[test]
fn a_supervisor_keeps_what_continues_and_names_what_does_not() {
    let numbers = |range: std::ops::Range<u16>| range.map(u16::to_be_bytes);
    let honest = Log::of(numbers(0..40));
    // Another past: the record at 7 was altered.
    let forked = Log::of(numbers(0..7).chain([[9, 9]]).chain(numbers(8..40)));
    let tax = party("tax");
    let sign = |head| checkpoint("tax", head).sign(&key(1));
    for old in 1..40 {
        let mut deposits = Deposits::default();
        deposits.watch(tax.clone(), note_key("tax", 1), None);
        assert_eq!(deposits.last(&tax), None);
        assert_eq!(deposits.accept(&sign(honest.at(old)), &[]), DepositOutcome::Kept);

        let proof = honest.consistency(old, 40);
        let strange = checkpoint("tax", honest.head()).sign(&key(2));
        assert_eq!(deposits.accept(&strange, &proof), DepositOutcome::BadSignature);
        let unwatched = checkpoint("social", honest.head()).sign(&key(1));
        assert_eq!(deposits.accept(&unwatched, &proof), DepositOutcome::BadSignature);
        assert_eq!(deposits.accept(&sign(honest.at(old - 1)), &[]), DepositOutcome::Truncated);
        assert_eq!(deposits.accept(&sign(honest.head()), &[]), DepositOutcome::BadProof);
        if old > 7 {
            assert_eq!(deposits.accept(&sign(forked.at(old)), &[]), DepositOutcome::Fork);
            // With a whole power of two the proof leaves out what would show the other past.
            let verdict =
                if old.is_power_of_two() { DepositOutcome::BadProof } else { DepositOutcome::Fork };
            let other = forked.consistency(old, 40);
            assert_eq!(deposits.accept(&sign(forked.head()), &other), verdict);
            assert_eq!(deposits.accept(&sign(forked.head()), &proof), DepositOutcome::BadProof);
        }
        // Nothing of this moved what was kept.
        assert_eq!(deposits.last(&tax), Some(checkpoint("tax", honest.at(old))));
        assert_eq!(deposits.accept(&sign(honest.at(old)), &[]), DepositOutcome::Kept);
        assert_eq!(deposits.accept(&sign(honest.head()), &proof), DepositOutcome::Kept);
        assert_eq!(deposits.iter().collect::<Vec<_>>(), [checkpoint("tax", honest.head())]);
    }
}

#[test]
fn a_deposit_survives_a_restart() {
    let log = Log::of([b"a", b"b", b"c", b"d"]);
    let mut deposits = Deposits::default();
    deposits.watch(party("tax"), note_key("tax", 1), Some(log.at(3)));
    let cut = checkpoint("tax", log.at(2)).sign(&key(1));
    assert_eq!(deposits.accept(&cut, &[]), DepositOutcome::Truncated);
    let next = checkpoint("tax", log.head()).sign(&key(1));
    assert_eq!(deposits.accept(&next, &log.consistency(3, 4)), DepositOutcome::Kept);
}

proptest! {
    #[test]
    fn noise_never_panics_and_what_is_read_is_written_back(
        noise in prop::collection::vec(any::<u8>(), 0..400),
        text in "(tacit/tax\n)?[0-9]{0,3}\n?[A-Za-z0-9+/]{0,44}=?\n?\n\n?(\u{2014} [a-z/+]{0,6} [A-Za-z0-9]{4,9}=?\n?){0,3}",
    ) {
        for bytes in [noise.as_slice(), text.as_bytes()] {
            if let Ok(note) = Note::from_bytes(bytes) {
                prop_assert_eq!(note.to_bytes(), bytes);
                let _ = Checkpoint::unverified(&note);
            }
            if let Ok(key) = String::from_utf8_lossy(bytes).parse::<NoteKey>() {
                prop_assert_eq!(key.to_string().into_bytes(), bytes);
            }
        }
        let root = Digest::from_bytes([3; 32]);
        let note = checkpoint("tax", Head { size: noise.len() as u64 + 1, root }).sign(&key(1));
        prop_assert_eq!(Note::from_bytes(&note.to_bytes()).unwrap(), note);
    }
}
