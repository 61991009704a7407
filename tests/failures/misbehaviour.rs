//! Peers that do not keep to the protocol.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use domain::{RunId, SubjectKind};
use lab::relay::{Fate, Passing, Relay, Side, round_of};
use lab::stand_in::{Sockets, call};
use lab::{Said, list};
use serde_json::Value;
use tonic::metadata::MetadataValue;
use tonic::transport::Channel;
use tonic::{Request, Response};
use wire::peer::peer_client::PeerClient;
use wire::peer::{self, reply};
use wire::{PsiOutput, PsiTerms};

use super::{
    ask, ask_for, codes, failed, folder, nothing_is_left, proposal, refusal, runtime, terms,
    trouble,
};
use crate::support::{bank_and_tax, make};

#[test]
fn a_chunk_that_was_altered_on_its_way_is_blamed_on_the_peer_and_both_sides_know() {
    let (root, runtime) = (folder(), runtime());
    let (mut bank, mut tax) = bank_and_tax(root.path(), "opaque", &codes(100, 400));
    let alter = Arc::new(AtomicU32::new(0));
    let which = Arc::clone(&alter);
    Relay::between(&runtime, &bank, &tax, move |passing| {
        if let Passing::Frame(Side::Answerer, frame) = passing
            && round_of(frame).is_some_and(|(round, _)| round == which.load(Ordering::SeqCst))
            && let Some(peer::frame::Kind::Chunk(chunk)) = &mut frame.kind
        {
            let mut body = chunk.body.to_vec();
            body[0] ^= 1;
            chunk.body = body.into();
        }
        Fate::Pass
    });
    tax.start();
    bank.start();
    // Over VOLE: the trees, their check, the values, the transcript.
    let vole = [8, 10, 14, 15].map(|round| ("vole", round));
    for (protocol, round) in [5, 6, 7].map(|round| ("ecdh", round)).into_iter().chain(vole) {
        alter.store(round, Ordering::SeqCst);
        let said = ask(&bank, &root, &["--protocol", protocol]);
        failed(&said, "PEER_MISBEHAVED", &["tax", "The run is void"]);
        assert_eq!(bank.ended_run()["trouble"]["side"], "tax");
        nothing_is_left(&bank);
        // The sender may have been done already: then its end is in doubt, and it is told so.
        let theirs = tax.ended_run();
        let told = trouble(&theirs) == "PEER_GAVE_UP" || theirs["state"] == "unconfirmed";
        assert!(told, "{protocol}, round {round}: {theirs}");
        if trouble(&theirs) == "PEER_GAVE_UP" {
            assert!(theirs["trouble"]["en"].to_string().contains("bank gave the run up"));
        }
    }
}

#[test]
fn what_is_not_offered_is_refused_in_the_same_words_whatever_the_reason() {
    let (root, runtime, sockets) = (folder(), runtime(), Sockets::default());
    let (mut bank, mut tax) = bank_and_tax(root.path(), "opaque", &codes(0, 10));
    list(&tax.dir.join("secret.csv"), "id", &codes(0, 10));
    let register = |name: &str| {
        format!(
            "[[register]]\nname = '{name}'\nfile = 'secret.csv'\ncolumn = 'id'\nkind = 'opaque'\n"
        )
    };
    let offer = |register: &str, to: &str, outputs: &str, more: &str| {
        format!(
            "[[offer]]\nprotocol = 'psi'\nregister = '{register}'\nto = ['{to}']\n\
             outputs = ['{outputs}']\n{more}\n"
        )
    };
    tax.configure(
        &[
            register("kept"),
            register("for-others"),
            register("counted"),
            register("small"),
            offer("for-others", "fund", "one-sided", ""),
            offer("counted", "bank", "cardinality", ""),
            offer("small", "bank", "one-sided", "max_items = 5"),
        ]
        .concat(),
    );
    tax.start();
    bank.start();
    let mut client = call(&runtime, &bank, &tax, &sockets);
    let mut replies = Vec::new();
    let opaque = PsiTerms { subjects: SubjectKind::Opaque, ..terms() };
    for (register, terms) in [
        ("nowhere", terms()),
        ("kept", terms()),
        ("for-others", terms()),
        ("counted", terms()),
        ("counted", opaque),
        ("small", terms()),
    ] {
        let mut reply = runtime.block_on(client.propose(proposal(register, &terms))).unwrap();
        // The whole message, and all that came with it but the time of day.
        reply.metadata_mut().remove("date");
        replies.push((register, format!("{:?}", reply.metadata()), reply.into_inner()));
    }
    for (register, metadata, reply) in &replies {
        assert_eq!((metadata, reply), (&replies[0].1, &replies[0].2), "{register}");
    }
    assert_eq!(refusal(Ok(Response::new(replies[0].2.clone()))).code, "NOT_OFFERED");
    assert_eq!(tax.runs(), Vec::<Value>::new(), "what is refused has no record");

    // The operator sees one and the same sentence too.
    let said = ["nowhere", "kept"].map(|register| ask_for(&bank, &root, register, &[]));
    failed(&said[0], "REFUSED", &["tax refuses (NOT_OFFERED)", "ask its operator"]);
    let sentence = |said: &Said| said.err.lines().last().map(str::to_owned);
    assert_eq!(sentence(&said[0]), sentence(&said[1]));
}

#[test]
fn a_holder_takes_no_padding_for_subjects_whatever_the_askers_program_does() {
    let (root, runtime, sockets) = (folder(), runtime(), Sockets::default());
    let (mut bank, mut tax) = bank_and_tax(root.path(), "uscc", &codes(0, 20));
    tax.start();
    bank.start();
    let mut client = call(&runtime, &bank, &tax, &sockets);
    let mut ask = |items: u64, pad_to: Option<u64>| {
        let counted = PsiTerms {
            subjects: SubjectKind::Uscc,
            output: PsiOutput::Cardinality,
            items,
            pad_to,
            ..terms()
        };
        let reply = runtime.block_on(client.propose(proposal("taxpayers", &counted)));
        reply.unwrap().into_inner()
    };
    let padded = refusal(Ok(Response::new(ask(1000, Some(1000)))));
    assert_eq!(padded.code, "PADDING", "{}", padded.en);
    let few = refusal(Ok(Response::new(ask(9, None))));
    assert_eq!(few.code, "COHORT_TOO_SMALL");
    assert!(tax.runs().is_empty());
    assert!(matches!(ask(10, None).outcome, Some(reply::Outcome::Agreement(_))));
}

#[test]
fn a_run_is_begun_once_and_only_by_the_party_it_was_agreed_with() {
    let (root, runtime, sockets) = (folder(), runtime(), Sockets::default());
    let (bank, mut tax) = bank_and_tax(root.path(), "opaque", &codes(0, 10));
    let fund = make(root.path(), "fund", "lender");
    tax.pin(&fund);
    tax.start();
    let bank = call(&runtime, &bank, &tax, &sockets);
    let fund = call(&runtime, &fund, &tax, &sockets);
    let begin = |client: &PeerClient<Channel>, run: RunId| {
        let mut request = Request::new(tokio_stream::pending());
        let run = MetadataValue::from_bytes(run.as_bytes());
        request.metadata_mut().insert_bin(wire::RUN_KEY, run);
        runtime.block_on(client.clone().exchange(request)).map(drop)
    };
    let run = RunId::from_bytes([7; 16]);
    let unknown = begin(&bank, run).unwrap_err();
    assert!(unknown.message().starts_with("NO_SUCH_RUN"), "{unknown}");

    let asked = proposal("taxpayers", &terms());
    let propose = || runtime.block_on(bank.clone().propose(asked.clone()));
    let agreed = propose().unwrap().into_inner();
    assert!(matches!(agreed.outcome, Some(reply::Outcome::Agreement(_))), "{agreed:?}");
    assert_eq!(refusal(propose()).code, "REPLAY");
    let stolen = begin(&fund, run).unwrap_err();
    assert_eq!(stolen.message(), unknown.message(), "a stranger learns nothing of it");
    begin(&bank, run).unwrap();
    let twice = begin(&bank, run).unwrap_err();
    assert_eq!(twice.message(), unknown.message());
}
