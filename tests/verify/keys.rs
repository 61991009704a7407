//! Lenders' evaluation keys: handed over, kept, evicted, replaced.

use std::fs;
use std::path::{Path, PathBuf};

use chacha20poly1305::XNonce;
use chacha20poly1305::aead::{Aead, Payload};
use lab::secrets::{data_key, secret};
use lab::stand_in::{Sockets, call};
use lab::{Party, until};
use serde_json::json;
use tokio_stream::StreamExt;
use tonic::Request;
use tonic::metadata::MetadataValue;
use wire::peer::{self, frame, proposal};

use super::hostile::{CHUNK, propose, refusal_of, terms_of};
use super::{running, runtime, signed, stop, told};
use crate::support::town::{Town, code};
use crate::support::{make, subjects};

/// The lenders' keys that a party has on disk.
fn stored(party: &Party) -> Vec<PathBuf> {
    let Ok(folder) = fs::read_dir(party.dir.join("keys")) else { return Vec::new() };
    folder.map(|entry| entry.expect("its own folder").path()).collect()
}

/// How many keys were handed to a party.
fn handed(party: &Party) -> usize {
    party.runs().iter().filter(|run| run["protocol"] == "evaluation-key").count()
}

#[test]
fn one_more_lender_than_there_is_room_for_evicts_the_oldest_which_asks_all_the_same() {
    let mut town = Town::built();
    let mut thrift = make(town.root.path(), "thrift", "lender");
    for other in [&town.platform, &town.tax, &town.social, &town.power, &town.node] {
        thrift.pin(other);
        other.pin(&thrift);
    }
    let governance =
        format!("[governance]\nregistry = 'node'\nsupervisor = 'node'\n{}", town.issuer.trusted());
    thrift.configure(&governance);
    town.tax.configure(
        "[[offer]]\nprotocol = 'verify'\nregister = 'taxpayers'\nplatform = 'platform'\n\
         to = ['bank', 'thrift']\n",
    );
    town.platform.configure("[limits]\nexpanded_keys = 1\n");
    town.start_parties();
    thrift.start();
    let shown = signed(&town, &[0]);
    let scope = subjects::scope("verify");
    let terms = json!({
        "scope": scope, "model_ids": [], "grantee": { "institution_id": "thrift" },
    });
    let granted = town.firm(2, &terms).grants();
    town.node.submit(std::slice::from_ref(&granted));
    let file = town.file("shown-by-thrift.jsonl");
    lab::envelopes(&file, &[granted]);
    let by_bank = || told(&town.verify("2.in_arrears_now", &[0], &shown, &[]));
    let by_thrift = || {
        let file = file.to_str().expect("a plain path");
        let that = ["--that", "2.in_arrears_now", "--json", "--authorisation", file];
        told(&thrift.tacit(&[&["verify", &code(2)][..], &that].concat()))
    };
    assert_eq!([by_bank(), by_thrift()], ["no", "no"]);
    assert_eq!(handed(&town.platform), 2);
    let without_files = || {
        let files = stored(&town.platform);
        files.into_iter().for_each(|file| fs::remove_file(file).expect("its own file"));
    };
    // The second lender's key is in memory: its file is not read again. The first one's is not.
    without_files();
    assert_eq!(by_thrift(), "no");
    assert_eq!(handed(&town.platform), 2);
    assert_eq!(by_bank(), "no");
    assert_eq!(handed(&town.platform), 3);
    // And now the second one is the older, and there is room for one.
    without_files();
    assert_eq!(by_bank(), "no");
    assert_eq!(handed(&town.platform), 3);
    assert_eq!(by_thrift(), "no");
    assert_eq!(handed(&town.platform), 4);
}

#[test]
fn a_lender_with_a_new_key_is_handed_over_again_and_its_old_key_is_forgotten() {
    let mut town = running();
    let shown = signed(&town, &[0, 11]);
    let ask = |town: &Town| told(&town.verify("2.in_arrears_now", &[0], &shown, &[]));
    let sealed = |town: &Town| {
        let formula = "1.vat_paid_12m_cny >= sealed";
        told(&town.verify(formula, &[11], &shown, &["--sealed", "10000"]))
    };
    assert_eq!([ask(&town), sealed(&town)], ["no", "yes"]);
    let old = terms_of(&town);
    assert_eq!([stored(&town.platform).len(), stored(&town.tax).len()], [1, 1]);
    let before = stored(&town.platform);

    // Keys of another making, under the same name and certificate, as its new file says.
    let other = town.file("other");
    fs::create_dir(&other).expect("a folder");
    let other = make(&other, "bank", "lender");
    let card = |party: &Party| fs::read_to_string(party.card()).expect("its own file");
    let key = |card: &str| {
        let card: toml::Table = card.parse().expect("TOML");
        card["verification_key"].as_str().expect("a lender has one").to_owned()
    };
    let renewed = card(&town.bank).replace(&key(&card(&town.bank)), &key(&card(&other)));
    fs::write(town.bank.card(), renewed).expect("its own file");
    let [from, to] = [&other, &town.bank].map(|party| party.dir.join("identity/1/evaluation.key"));
    fs::copy(from, to).expect("their own files");
    let key = secret(&other.dir, "verification.key");
    put_secret(&town.bank.dir, "verification.key", &key);
    for peer in [&town.platform, &town.tax] {
        // Its operator has asked the bank by telephone: another key is not taken silently.
        let pinned = peer.dir.join("peers").join("bank.party");
        fs::remove_file(&pinned).expect("it was pinned");
        peer.pin(&town.bank);
        assert_eq!(stored(peer), Vec::<PathBuf>::new(), "{}", peer.name);
    }
    for party in [&mut town.bank, &mut town.platform, &mut town.tax] {
        stop(party);
        party.start();
    }
    assert_eq!([ask(&town), sealed(&town)], ["no", "QUERY_BUDGET"]);
    // Another key makes another ciphertext of the same number, which its holder cannot know again.
    let now = stored(&town.platform);
    assert_eq!(now.len(), 1);
    assert_ne!(now, before);
    assert_eq!(stored(&town.tax).len(), 1);
    // Under the old one nobody is answered any more.
    let reply = propose(&runtime(), &town.bank, &town.platform, old).1;
    assert_eq!(refusal_of(&reply), "LENDER_KEY");

    // What is left of a lender that is pinned no more goes with the next start.
    town.platform.process = None;
    fs::remove_file(town.platform.dir.join("peers/bank.party")).expect("it was pinned");
    town.platform.start_alone();
    assert_eq!(stored(&town.platform), Vec::<PathBuf>::new());
}

#[test]
fn a_key_is_handed_over_once_lies_on_disk_and_is_asked_for_again_when_it_is_damaged() {
    let mut town = running();
    let shown = signed(&town, &[0]);
    let prepared = town.bank.tacit(&["verify", "--prepare", "--json"]).done().json();
    let handed = prepared["handed"].as_array().expect("a list").clone();
    let to: Vec<&str> = handed.iter().filter_map(|one| one["to"].as_str()).collect();
    assert_eq!(to, ["platform", "power", "social", "tax"], "{prepared}");
    assert!(handed.iter().all(|one| one["bytes"].as_u64() > Some(20 << 20)), "{prepared}");
    let again = town.bank.tacit(&["verify", "--prepare", "--json"]).done().json();
    let bytes = again["handed"].as_array().expect("a list").iter().map(|one| &one["bytes"]);
    assert!(bytes.clone().all(|bytes| *bytes == json!(0)), "{again}");

    // From disk after a restart of the platform.
    stop(&mut town.platform);
    town.platform.start();
    let ask = |town: &Town| told(&town.verify("2.in_arrears_now", &[0], &shown, &[]));
    assert_eq!(ask(&town), "no");
    let keys = |party: &Party| {
        party.runs().iter().filter(|run| run["protocol"] == "evaluation-key").count()
    };
    assert_eq!(keys(&town.platform), 1);

    // One byte of the file changes while the platform is down: the lender hands it over anew.
    town.platform.process = None;
    let folder = fs::read_dir(town.platform.dir.join("keys")).expect("it has keys");
    let file = folder.flatten().next().expect("one key").path();
    let mut bytes = fs::read(&file).expect("its own file");
    bytes[20_000_000] ^= 1;
    fs::write(&file, bytes).expect("its own file");
    town.platform.start();
    assert_eq!(ask(&town), "no");
    assert_eq!(keys(&town.platform), 2);
}

#[test]
fn a_key_that_is_not_the_pinned_one_or_is_malformed_is_not_taken() {
    let (town, runtime) = (running(), runtime());
    let key = fs::read(town.bank.dir.join("identity/1/evaluation.key")).expect("its own file");
    let upload = |chunks: Vec<peer::Chunk>| {
        let frame = |chunk| peer::Frame { kind: Some(frame::Kind::Chunk(chunk)) };
        let frames: Vec<peer::Frame> = chunks.into_iter().map(frame).collect();
        let (run, reply) = propose(&runtime, &town.bank, &town.platform, terms_of(&town));
        assert_eq!(refusal_of(&reply), "agreed");
        let mut request = Request::new(tokio_stream::iter(frames));
        let number = MetadataValue::from_bytes(run.as_bytes());
        request.metadata_mut().insert_bin(wire::RUN_KEY, number);
        let sockets = Sockets::default();
        let mut client = call(&runtime, &town.bank, &town.platform, &sockets);
        runtime.block_on(async {
            let mut answer = client.exchange(request).await.expect("it was agreed").into_inner();
            while let Ok(Some(_)) = answer.message().await {}
        });
        let ended = town.platform.ended_run();
        assert!(!town.platform.dir.join("keys").exists(), "nothing was kept");
        ended["trouble"]["code"].as_str().unwrap_or("-").to_owned()
    };
    let chunks = |change: &dyn Fn(&mut Vec<u8>)| {
        let mut key = key.clone();
        change(&mut key);
        let pieces = key.chunks(CHUNK);
        let last = pieces.len() - 1;
        let chunk = |(at, body): (usize, &[u8])| peer::Chunk {
            round: 1,
            last: at == last,
            body: body.to_vec().into(),
        };
        pieces.enumerate().map(chunk).collect::<Vec<_>>()
    };
    // Another public key, a byte of what it computes with, too much, too little, and noise.
    assert_eq!(upload(chunks(&|key| key[100] ^= 1)), "PEER_MISBEHAVED");
    assert_eq!(upload(chunks(&|key| key[25_000_000] ^= 1)), "PEER_MISBEHAVED");
    assert_eq!(upload(chunks(&|key| key.push(0))), "PEER_MISBEHAVED");
    assert_eq!(upload(chunks(&|key| key.truncate(key.len() - 1))), "PEER_MISBEHAVED");
    let oversized = vec![0; CHUNK + 1];
    let oversized = peer::Chunk { round: 1, last: true, body: oversized.into() };
    assert_eq!(upload(vec![oversized]), "PEER_MISBEHAVED");
    let other_round = peer::Chunk { round: 2, last: true, body: vec![0; 10].into() };
    assert_eq!(upload(vec![other_round]), "PEER_MISBEHAVED");
    let twice: Vec<_> = chunks(&|_| {}).into_iter().take(1).cycle().take(40).collect();
    assert_eq!(upload(twice), "PEER_MISBEHAVED");
    assert!(["LOST", "PEER_GAVE_UP"].contains(&upload(Vec::new()).as_str()));
    let shown = signed(&town, &[0]);
    assert_eq!(told(&town.verify("2.in_arrears_now", &[0], &shown, &[])), "no");

    // Whom the lender is not, and a fingerprint that is nobody's.
    let handed = |from: &Party, to: &Party, key: Vec<u8>| {
        let terms = proposal::Terms::Evaluation(peer::EvaluationTerms { lender_key: key.into() });
        refusal_of(&propose(&runtime, from, to, terms).1)
    };
    assert_eq!(handed(&town.bank, &town.tax, vec![9; 32]), "LENDER_KEY");
    assert_eq!(handed(&town.bank, &town.tax, vec![9; 31]), "UNREADABLE");
    assert_eq!(handed(&town.node, &town.platform, vec![9; 32]), "LENDER_KEY");
    assert_eq!(handed(&town.bank, &town.node, vec![9; 32]), "NOT_OFFERED");
    assert_eq!(handed(&town.social, &town.tax, vec![9; 32]), "NOT_OFFERED");
}

#[test]
fn a_key_that_comes_slowly_is_not_waited_for_by_questions_nor_by_a_second_copy() {
    let (mut town, runtime) = (running(), runtime());
    let shown = signed(&town, &[0]);
    let ask = |town: &Town| told(&town.verify("2.in_arrears_now", &[0], &shown, &[]));
    assert_eq!(ask(&town), "no");
    // The platform has lost the key, and the lender believes that it has it.
    stop(&mut town.platform);
    stored(&town.platform).into_iter().for_each(|file| fs::remove_file(file).expect("its own"));
    town.platform.start();

    // The first megabyte, and nothing after it.
    let key = fs::read(town.bank.dir.join("identity/1/evaluation.key")).expect("its own file");
    let chunk = peer::Chunk { round: 1, last: false, body: key[..CHUNK].to_vec().into() };
    let chunk = peer::Frame { kind: Some(frame::Kind::Chunk(chunk)) };
    let (run, reply) = propose(&runtime, &town.bank, &town.platform, terms_of(&town));
    assert_eq!(refusal_of(&reply), "agreed");
    let chunks = tokio_stream::iter([chunk]).chain(tokio_stream::pending());
    let mut request = Request::new(chunks);
    let number = MetadataValue::from_bytes(run.as_bytes());
    request.metadata_mut().insert_bin(wire::RUN_KEY, number);
    let mut client = call(&runtime, &town.bank, &town.platform, &Sockets::default());
    let upload = runtime.block_on(client.exchange(request)).expect("it was agreed");
    let offered_again = |code: &str| {
        let (_, reply) = propose(&runtime, &town.bank, &town.platform, terms_of(&town));
        (refusal_of(&reply) == code).then_some(())
    };
    until("the key is being taken in", || offered_again("BUSY"));

    // The question is told at once that the key is not there, and the lender that it is coming.
    assert_eq!(ask(&town), "REFUSED");
    assert_eq!(stored(&town.platform), Vec::<PathBuf>::new());
    assert_eq!(offered_again("BUSY"), Some(()), "it still comes");

    drop((upload, client));
    until("the upload has ended", || offered_again("agreed"));
    assert_eq!(ask(&town), "no");
    assert_eq!(stored(&town.platform).len(), 1);
}

/// Seals a secret of a party whose keys are plain, in place of what is there.
fn put_secret(dir: &Path, name: &str, secret: &[u8]) {
    let (nonce, associated) = ([7; 24], format!("tacit/party/v1/at-rest/{name}"));
    let payload = Payload { msg: secret, aad: associated.as_bytes() };
    let sealed = data_key(dir).encrypt(&XNonce::from(nonce), payload).expect("it can be sealed");
    let sealed = [b"tacit-s1".as_slice(), &nonce, &sealed].concat();
    fs::write(dir.join("identity/1").join(name), sealed).expect("its own file");
}
