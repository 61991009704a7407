//! What goes wrong between two real parties, and what each is told: a stable code, what to do next,
//! an exit code that is not zero, in bounded time, and no half of a result anywhere.

mod support;

#[path = "support/relay.rs"]
#[expect(dead_code, reason = "a registry's answers are altered in governance.rs")]
mod relay;

use std::collections::BTreeSet;
use std::fs::{self, Permissions};
use std::io::Write;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use domain::{RunId, SubjectKind, Uscc};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use rcgen::{CertificateParams, ExtendedKeyUsagePurpose, IsCa, KeyPair, KeyUsagePurpose};
use relay::{Fate, Passing, Relay, Side, Sockets, call, host, redirect, round_of, rules};
use serde_json::Value;
use support::{PATIENCE, Party, Said, bank_and_tax, list, spawn, until};
use tempfile::TempDir;
use tokio::runtime::{Builder, Runtime};
use tokio::task::block_in_place;
use tonic::metadata::MetadataValue;
use tonic::transport::Channel;
use tonic::{Request, Response, Status, Streaming};
use wire::peer::peer_client::PeerClient;
use wire::peer::{self, Frame, Greeting, Reply, reply};
use wire::{Proposal, PsiOutput, PsiTerms, Terms};

// Who is who

#[test]
fn a_certificate_that_is_not_the_pinned_one_is_unknown() {
    let (root, mut impostor) = (folder(), folder_with("tax"));
    let (mut bank, tax) = bank_and_tax(root.path(), "opaque", &codes(0, 10));
    redirect(&bank, &tax, &impostor.1.address);
    impostor.1.start();
    bank.start();
    let said = ask(&bank, &root, &[]);
    failed(&said, "UNKNOWN_CERTIFICATE", &["tax", "by telephone"]);
    nothing_is_left(&bank);
}

#[test]
fn another_pinned_party_at_the_peers_address_is_named() {
    let root = folder();
    let (mut bank, tax) = bank_and_tax(root.path(), "opaque", &codes(0, 10));
    let mut fund = Party::make(root.path(), "fund", "holder");
    bank.pin(&fund);
    fund.pin(&bank);
    redirect(&bank, &tax, &fund.address);
    fund.start();
    bank.start();
    failed(&ask(&bank, &root, &[]), "WRONG_PARTY", &["fund answers", "peers/tax.party"]);
}

#[test]
fn a_party_that_has_not_pinned_us_tells_us_so_every_time() {
    for others in [false, true] {
        let root = folder();
        let mut bank = Party::make(root.path(), "bank", "lender");
        let mut tax = Party::make(root.path(), "tax", "holder");
        bank.pin(&tax);
        if others {
            tax.pin(&Party::make(root.path(), "fund", "holder"));
        }
        tax.start();
        bank.start();
        // The refusal travels as an alert that the end of the connection may overtake.
        for _ in 0..10 {
            let said = ask(&bank, &root, &[]);
            failed(&said, "PEER_REFUSES_US", &["tax", "Hand our .party file", "tacit peer add"]);
        }
        nothing_is_left(&bank);
        assert_eq!(tax.runs(), Vec::<Value>::new(), "nothing was recorded of a stranger");
    }
}

#[test]
fn an_expired_certificate_is_told_from_an_unknown_one_on_both_sides() {
    for ours in [false, true] {
        let root = folder();
        let mut bank = Party::make(root.path(), "bank", "lender");
        let mut tax = Party::make(root.path(), "tax", "holder");
        expire(if ours { &bank } else { &tax });
        bank.pin(&tax);
        tax.pin(&bank);
        tax.offer("taxpayers", "opaque", &codes(0, 10), "bank");
        tax.start();
        bank.start();
        for _ in 0..5 {
            let said = ask(&bank, &root, &[]);
            if ours {
                failed(&said, "OUR_CERTIFICATE_EXPIRED", &["Make a new one", "every peer"]);
            } else {
                failed(&said, "CERTIFICATE_EXPIRED", &["tax", "new .party file", "clock"]);
            }
        }
    }
}

#[test]
fn a_party_that_calls_itself_otherwise_than_its_certificate_is_refused() {
    let root = folder();
    let (mut bank, mut tax) = bank_and_tax(root.path(), "opaque", &codes(0, 10));
    bank.configure("name = 'fund'");
    tax.start();
    bank.start();
    let said = ask(&bank, &root, &[]);
    failed(&said, "REFUSED", &["tax refuses (WRONG_NAME)", "must agree"]);

    bank.process = None;
    tax.process = None;
    bank.configure("name = 'bank'");
    tax.configure("name = 'fund'");
    tax.start();
    bank.start();
    let said = ask(&bank, &root, &[]);
    failed(&said, "REFUSED", &["tax refuses (WRONG_PARTY)", "this is fund, not tax"]);
    assert_eq!(tax.runs(), Vec::<Value>::new());
}

#[test]
fn a_peer_of_another_protocol_version_is_refused_in_both_directions() {
    struct Later;

    #[tonic::async_trait]
    impl peer::peer_server::Peer for Later {
        async fn greet(&self, _: Request<Greeting>) -> Result<Response<Greeting>, Status> {
            let (software, name) = ("9.0.0".into(), "tax".into());
            Ok(Response::new(Greeting { version: 2, software, name, clock_ms: now_ms() }))
        }

        async fn propose(&self, asked: Request<peer::Proposal>) -> Result<Response<Reply>, Status> {
            let en = format!("we speak version 2, you {}", asked.into_inner().version);
            let refusal = peer::Refusal { code: "VERSION".into(), zh: en.clone(), en };
            Ok(Response::new(Reply { outcome: Some(reply::Outcome::Refusal(refusal)) }))
        }

        type ExchangeStream = tokio_stream::Empty<Result<Frame, Status>>;

        async fn exchange(
            &self,
            _: Request<Streaming<Frame>>,
        ) -> Result<Response<Self::ExchangeStream>, Status> {
            Err(Status::unimplemented("not in version 2"))
        }

        async fn attest(
            &self,
            _: Request<peer::AttestRequest>,
        ) -> Result<Response<peer::AttestReply>, Status> {
            Err(Status::unimplemented("not in version 2"))
        }

        async fn register(
            &self,
            _: Request<peer::RegisterRequest>,
        ) -> Result<Response<peer::RegisterReply>, Status> {
            Err(Status::unimplemented("not in version 2"))
        }

        async fn receipts(
            &self,
            _: Request<peer::ReceiptsRequest>,
        ) -> Result<Response<peer::ReceiptsReply>, Status> {
            Err(Status::unimplemented("not in version 2"))
        }

        async fn model(
            &self,
            _: Request<peer::ModelRequest>,
        ) -> Result<Response<peer::ModelReply>, Status> {
            Err(Status::unimplemented("not in version 2"))
        }

        async fn deposit(
            &self,
            _: Request<peer::DepositRequest>,
        ) -> Result<Response<peer::DepositReply>, Status> {
            Err(Status::unimplemented("not in version 2"))
        }
    }

    let (root, runtime, sockets) = (folder(), runtime(), Sockets::default());
    let (mut bank, mut tax) = bank_and_tax(root.path(), "opaque", &codes(0, 10));
    // A later party answers.
    redirect(&bank, &tax, &host(&runtime, &tax, Later, &sockets));
    bank.start();
    let said = ask(&bank, &root, &[]);
    failed(&said, "REFUSED", &["tax refuses (VERSION)", "version 2, you 1"]);
    let doctor = bank.tacit(&["doctor", "--json"]);
    assert!(!doctor.status.success());
    let finding =
        doctor.lines().into_iter().find(|finding| finding["check"] == "peer tax: version");
    let finding = finding.expect("the doctor looks at the version");
    assert_eq!(finding["ok"], false);
    assert!(finding["en"].to_string().contains("version 2 of the protocol, this party version 1"));

    // A later party asks.
    tax.start();
    let mut client = call(&runtime, &bank, &tax, &sockets);
    let later = peer::Proposal { version: 2, ..proposal("taxpayers", &terms()) };
    let refusal = refusal(runtime.block_on(client.propose(later)));
    assert_eq!(refusal.code, "VERSION");
    assert!(refusal.en.contains("version 1 of the protocol, the proposer version 2"));
    assert_eq!(tax.runs(), Vec::<Value>::new());
}

// Starting

#[test]
fn a_port_in_use_is_named_with_what_to_do() {
    let root = folder();
    let mut tax = Party::make(root.path(), "tax", "holder");
    // The port is still ours.
    let said = tax.tacit(&["party", "run"]);
    failed(&said, "PORT", &[&tax.address, "party.toml"]);
    // Nothing is in the way once it is free.
    tax.start();
    stop(&mut tax);
}

#[test]
fn a_second_party_in_the_same_folder_is_refused_and_the_first_runs_on() {
    let root = folder();
    let mut tax = Party::make(root.path(), "tax", "holder");
    tax.start();
    failed(&tax.tacit(&["party", "run"]), "ALREADY_RUNNING", &["tacit party stop"]);
    tax.tacit(&["party", "status"]).done();
    stop(&mut tax);
    failed(&tax.tacit(&["runs"]), "NOT_RUNNING", &["tacit", "party run"]);
}

// Silence

#[test]
fn a_party_with_sealed_keys_starts_with_its_passphrase_and_nothing_else_and_may_change_it() {
    let root = folder();
    let passphrase = |name: &str, text: &str| {
        let path = root.path().join(name);
        fs::write(&path, text).expect("it can be written");
        fs::set_permissions(&path, Permissions::from_mode(0o600)).expect("it is ours");
        path.to_str().expect("a plain path").to_owned()
    };
    let first = passphrase("first", "correct horse battery staple");
    let mut tax = Party::unmade(root.path(), "tax");
    let address = tax.address.clone();
    let init = ["init", "--name", "tax", "--duty", "holder", "--listen", &address];
    // Nothing is left open unless somebody said so.
    let said = tax.tacit(&init);
    assert_eq!(said.status.code(), Some(2), "{}", said.err);
    assert!(said.err.contains("--passphrase-file"), "{}", said.err);
    tax.tacit(&[&init[..], &["--passphrase-file", &first]].concat()).done();
    tax.start_alone();
    tax.tacit(&["doctor"]).done();
    let second = passphrase("second", "another one, of another day");
    tax.tacit(&["keys", "protect", "--passphrase-file", &second]).done();
    let status = tax.tacit(&["keys", "status", "--json"]).done().json();
    assert_eq!(status["protection"], "passphrase-file");
    stop(&mut tax);
    // The first is good for nothing any more, and no passphrase is no way in.
    fs::remove_file(&first).expect("it was written");
    restart(&mut tax);
    stop(&mut tax);
    fs::write(&second, "somebody else's guess").expect("it can be written");
    failed(&tax.tacit(&["party", "run"]), "PASSPHRASE", &["lost one cannot be replaced"]);
    fs::remove_file(&second).expect("it was written");
    failed(&tax.tacit(&["party", "run"]), "FILE", &["second"]);
}

#[test]
fn an_address_where_nobody_listens_or_nothing_of_ours_answers_is_told_apart() {
    let root = folder();
    let (mut bank, tax) = bank_and_tax(root.path(), "opaque", &codes(0, 10));
    bank.configure("[limits]\nconnect_s = 1");
    // The tax bureau's own port is bound by the test and not accepted from: it takes the call.
    bank.start();
    let began = Instant::now();
    failed(&ask(&bank, &root, &[]), "SILENT", &["tax", "does not answer", "its log"]);
    assert!(began.elapsed() < PATIENCE / 3, "it took {:?}", began.elapsed());

    // Something that is not a party.
    let web = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = web.local_addr().unwrap().to_string();
    thread::spawn(move || {
        for stream in web.incoming().flatten() {
            let _ = (&stream).write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n");
        }
    });
    bank.process = None;
    redirect(&bank, &tax, &address);
    bank.start();
    failed(&ask(&bank, &root, &[]), "TLS", &["tax", "Is this the party's own port?"]);

    // Nobody.
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let path = bank.dir.join("peers").join("tax.party");
    bank.process = None;
    fs::write(&path, fs::read_to_string(&path).unwrap().replace(&address, &nobody)).unwrap();
    bank.start();
    failed(&ask(&bank, &root, &[]), "UNREACHABLE", &["tax", "tacit party run"]);
    assert!(bank.runs().iter().all(|run| run["state"] == "failed"));
    nothing_is_left(&bank);
}

#[test]
fn a_peer_that_stands_still_is_given_up_after_the_idle_limit_and_may_come_back() {
    let (root, runtime) = (folder(), runtime());
    let (mut bank, mut tax) = bank_and_tax(root.path(), "opaque", &codes(0, 2000));
    for party in [&bank, &tax] {
        party.configure("[limits]\nidle_s = 2\nconnect_s = 2");
    }
    tax.start();
    let stop_at = Arc::new(AtomicU32::new(0));
    let (at, pid) = (Arc::clone(&stop_at), pid(&tax));
    Relay::between(&runtime, &bank, &tax, move |passing| {
        if let Passing::Frame(Side::Answerer, frame) = passing
            && round_of(frame).is_some_and(|(round, _)| round == at.load(Ordering::SeqCst))
        {
            kill(pid, Signal::SIGSTOP).expect("it is our child");
            at.store(0, Ordering::SeqCst);
        }
        Fate::Pass
    });
    bank.start();
    ask(&bank, &root, &[]).done();

    // In the middle of a run.
    stop_at.store(2, Ordering::SeqCst);
    let said = ask(&bank, &root, &[]);
    failed(&said, "SILENT", &["tax", "2 s", "round", "limits.idle_s"]);
    // Before a run: the connection stands, and nobody is behind it.
    failed(&ask(&bank, &root, &[]), "SILENT", &["tax", "its log"]);
    nothing_is_left_but(&bank, 1);

    kill(pid, Signal::SIGCONT).unwrap();
    // What the peer had begun comes to an end there too.
    until("the peer has given everything up", || {
        let over =
            |run: &Value| ["done", "unconfirmed", "failed"].iter().any(|end| run["state"] == *end);
        let runs = tax.runs();
        (runs.iter().all(over) && runs.iter().any(|run| run["state"] == "failed")).then_some(())
    });
    ask(&bank, &root, &[]).done();
}

// Death

fn forget_results(party: &Party) {
    for file in party.results() {
        fs::remove_file(party.dir.join("results").join(file)).expect("a result is a file");
    }
}

#[test]
fn whoever_is_killed_in_any_round_the_other_fails_cleanly_and_the_run_can_be_run_again() {
    for victim in [Side::Answerer, Side::Asker] {
        let (root, runtime) = (folder(), runtime());
        let (mut bank, mut tax) = bank_and_tax(root.path(), "opaque", &codes(100, 400));
        let line = Killer::between(&runtime, &bank, &tax);
        tax.start();
        bank.start();
        for round in 1..=9 {
            line.arm(if victim == Side::Asker { &bank } else { &tax }, Phase::Round(round));
            let said = ask(&bank, &root, &["--output", "two-sided"]);
            if victim == Side::Asker {
                failed(&said, "LINE_LOST", &["party"]);
                let run = tax.ended_run();
                if run["state"] == "unconfirmed" {
                    // The bank speaks a round ahead: its last words may be here when it dies.
                    assert!(round >= 7, "round {round}: {run}");
                    assert_eq!(result(&run), shared());
                    forget_results(&tax);
                } else {
                    assert_eq!(trouble(&run), "LOST", "round {round}: {run}");
                }
                restart(&mut bank);
                let run = bank.ended_run();
                if run["state"] == "unconfirmed" {
                    // It had said all and kept what it learned: it is there, however it died.
                    assert!(round >= 8, "round {round}: {run}");
                    assert_eq!(result(&run), shared());
                    forget_results(&bank);
                } else {
                    assert_eq!(trouble(&run), "STOPPED", "round {round}: {run}");
                    nothing_is_left(&bank);
                }
            } else if said.status.success() {
                // It had all that it needs when the peer died: the output is there, unconfirmed.
                assert!(round >= 8, "round {round}: {}", said.out);
                let run = said.json();
                assert_eq!(run["state"], "unconfirmed");
                assert_eq!(result(&run), shared());
                restart(&mut tax);
                forget_results(&bank);
                assert_eq!(trouble(&tax.ended_run()), "STOPPED");
                nothing_is_left(&tax);
                continue;
            } else {
                failed(&said, "LOST", &["tax went away", "run this again"]);
                nothing_is_left(&bank);
                restart(&mut tax);
                assert_eq!(trouble(&tax.ended_run()), "STOPPED");
            }
            nothing_is_left(&tax);
        }
        // Any of them can be run again, once everybody is back.
        let failed = bank.runs().into_iter().find(|run| run["state"] == "failed");
        let failed = failed.expect("most of them failed");
        let id = failed["id"].as_str().unwrap();
        let run = bank.tacit(&["runs", "again", id, "--json"]).done().json();
        assert_eq!((&run["state"], result(&run)), (&"done".into(), shared()));
        assert_ne!(run["id"], id);
        assert_eq!(bank.tacit(&["runs", id, "--json"]).done().json()["state"], "failed");
        assert_eq!(result(&tax.ended_run()), shared());
    }
}

#[test]
fn whoever_is_killed_while_a_run_is_proposed_the_other_gets_over_it() {
    let (root, runtime) = (folder(), runtime());
    let (mut bank, mut tax) = bank_and_tax(root.path(), "opaque", &codes(100, 400));
    tax.configure("[limits]\nidle_s = 2");
    let line = Killer::between(&runtime, &bank, &tax);
    tax.start();
    bank.start();
    for phase in [Phase::Proposal, Phase::Reply] {
        line.arm(&tax, phase);
        failed(&ask(&bank, &root, &[]), "LOST", &["tax", "run this again"]);
        nothing_is_left(&bank);
        restart(&mut tax);
    }
    let again = bank.runs().pop().unwrap();
    let again = bank.tacit(&["runs", "again", again["id"].as_str().unwrap(), "--json"]);
    assert_eq!(result(&again.done().json()), shared());

    // The tax bureau has agreed, and nobody comes.
    line.arm(&bank, Phase::Reply);
    failed(&ask(&bank, &root, &[]), "LINE_LOST", &[]);
    let run = tax.ended_run();
    assert_eq!(trouble(&run), "SILENT", "{run}");
    assert!(run["trouble"]["en"].to_string().contains("did not begin it within 2 s"));
    restart(&mut bank);
    assert_eq!(trouble(&bank.ended_run()), "STOPPED");
    ask(&bank, &root, &[]).done();
}

#[test]
fn a_peer_that_is_killed_while_both_compute_is_noticed_and_the_run_can_be_run_again() {
    let root = folder();
    let (mut bank, mut tax) = bank_and_tax(root.path(), "opaque", &codes(0, 20_000));
    tax.start();
    bank.start();
    let ours = root.path().join("many.csv");
    list(&ours, "id", &codes(15_000, 35_000));
    let psi = ["psi", "--with", "tax", "--their-register", "taxpayers", "--column", "id"];
    let ours = ["--kind", "opaque", "--file", ours.to_str().unwrap()];
    let asking = spawn(&bank.dir, &[&psi[..], &ours].concat());
    // No relay here: the process dies, and its connections with it.
    until("chunks flow", || (tax.runs().first()?["state"] == "running").then_some(()));
    tax.process = None;
    failed(&asking.end(), "LOST", &["tax went away in “round", "run this again"]);
    let run = bank.ended_run();
    assert_eq!((trouble(&run), &run["trouble"]["side"]), ("LOST", &"tax".into()));
    nothing_is_left(&bank);
    nothing_is_left(&tax);
    tax.start();
    assert_eq!(trouble(&tax.ended_run()), "STOPPED");
    let again = bank.tacit(&["runs", "again", run["id"].as_str().unwrap(), "--json"]).done();
    assert_eq!(again.json()["report"]["matches"], 5_000);
}

#[test]
fn a_party_that_is_stopped_in_a_run_tells_its_peer_and_lists_the_run_as_failed() {
    let root = folder();
    let (mut bank, mut tax) = bank_and_tax(root.path(), "opaque", &codes(0, 60_000));
    tax.start();
    bank.start();
    let ours = root.path().join("many.csv");
    list(&ours, "id", &codes(50_000, 110_000));
    let psi = ["psi", "--with", "tax", "--their-register", "taxpayers", "--column", "id"];
    let ours = ["--kind", "opaque", "--file", ours.to_str().unwrap()];
    let asking = spawn(&bank.dir, &[&psi[..], &ours].concat());
    until("chunks flow", || (tax.runs().first()?["state"] == "running").then_some(()));
    stop(&mut tax);
    failed(&asking.end(), "LOST", &["tax", "run this again"]);
    nothing_is_left(&bank);
    tax.start();
    assert_eq!(trouble(&tax.ended_run()), "STOPPED");
}

#[test]
fn a_peer_that_dies_between_the_last_chunk_and_the_farewell_leaves_a_result_unconfirmed() {
    let (root, runtime) = (folder(), runtime());
    let (mut bank, mut tax) = bank_and_tax(root.path(), "opaque", &codes(100, 400));
    Relay::between(&runtime, &bank, &tax, |passing| {
        if let Passing::Frame(Side::Answerer, frame) = passing
            && matches!(frame.kind, Some(peer::frame::Kind::Farewell(_)))
        {
            // Its last chunk is on the way: let it arrive.
            block_in_place(|| thread::sleep(Duration::from_secs(1)));
            return Fate::Cut;
        }
        Fate::Pass
    });
    tax.start();
    bank.start();
    let run = ask(&bank, &root, &[]).done().json();
    assert_eq!((&run["state"], result(&run)), (&"unconfirmed".into(), shared()));
    assert_eq!(bank.results().len(), 2, "the result and its report, and no part of either");
}

// A peer that does not keep to the protocol

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
    for round in [5, 6, 7] {
        alter.store(round, Ordering::SeqCst);
        let said = ask(&bank, &root, &[]);
        failed(&said, "PEER_MISBEHAVED", &["tax", "The run is void"]);
        assert_eq!(bank.ended_run()["trouble"]["side"], "tax");
        nothing_is_left(&bank);
        // The sender may have been done already: then its end is in doubt, and it is told so.
        let theirs = tax.ended_run();
        let told = trouble(&theirs) == "PEER_GAVE_UP" || theirs["state"] == "unconfirmed";
        assert!(told, "round {round}: {theirs}");
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
    let fund = Party::make(root.path(), "fund", "lender");
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

/// Kills a party when something passes between the two.
struct Killer {
    /// A round, or one of the phases before.
    at: Arc<AtomicU32>,
    victim: Arc<AtomicI32>,
}

/// When a party is killed.
#[derive(Clone, Copy)]
enum Phase {
    Proposal,
    Reply,
    Round(u32),
}

impl Phase {
    fn number(self) -> u32 {
        match self {
            Self::Proposal => 100,
            Self::Reply => 101,
            Self::Round(round) => round,
        }
    }
}

impl Killer {
    fn between(runtime: &Runtime, bank: &Party, tax: &Party) -> Self {
        let killer = Self { at: Arc::default(), victim: Arc::default() };
        let (at, victim) = (Arc::clone(&killer.at), Arc::clone(&killer.victim));
        Relay::between(runtime, bank, tax, move |passing| {
            let now = match passing {
                Passing::Proposal => Phase::Proposal.number(),
                Passing::Reply => Phase::Reply.number(),
                Passing::Frame(_, frame) => round_of(frame).map_or(0, |(round, _)| round),
                Passing::Attested(_) => 0,
            };
            if now == 0 || at.load(Ordering::SeqCst) != now {
                return Fate::Pass;
            }
            at.store(0, Ordering::SeqCst);
            let pid = Pid::from_raw(victim.load(Ordering::SeqCst));
            kill(pid, Signal::SIGKILL).expect("it is our child");
            Fate::Cut
        });
        killer
    }

    fn arm(&self, victim: &Party, phase: Phase) {
        self.victim.store(pid(victim).as_raw(), Ordering::SeqCst);
        self.at.store(phase.number(), Ordering::SeqCst);
    }
}

fn folder() -> TempDir {
    tempfile::tempdir().expect("a folder")
}

fn folder_with(name: &str) -> (TempDir, Party) {
    let root = folder();
    let party = Party::make(root.path(), name, "holder");
    (root, party)
}

fn runtime() -> Runtime {
    Builder::new_multi_thread().worker_threads(4).enable_all().build().expect("a runtime")
}

/// Starts a party that has been killed.
fn restart(party: &mut Party) {
    party.process = None;
    party.start();
}

/// Stops a party as its operator does.
fn stop(party: &mut Party) {
    let asking = spawn(&party.dir, &["party", "stop"]);
    // Whoever has started a process must take note of its end, or it does not vanish.
    let mut process = party.process.take().expect("it runs");
    let status = until("the party stops", || process.child.try_wait().expect("it is our child"));
    assert!(status.success(), "it ended with {status}");
    asking.end().done();
}

fn pid(party: &Party) -> Pid {
    let process = party.process.as_ref().expect("it runs");
    Pid::from_raw(process.child.id().try_into().expect("a small number"))
}

/// The bank's firms 0 to 200, of which the tax bureau of most tests has 100 to 200.
fn ask(bank: &Party, root: &TempDir, more: &[&str]) -> Said {
    ask_for(bank, root, "taxpayers", more)
}

fn ask_for(bank: &Party, root: &TempDir, register: &str, more: &[&str]) -> Said {
    let ours = root.path().join("customers.csv");
    list(&ours, "id", &codes(0, 200));
    bank.psi("tax", register, &ours, &[&["--kind", "opaque"], more].concat())
}

fn shared() -> BTreeSet<String> {
    codes(100, 200).into_iter().collect()
}

fn result(run: &Value) -> BTreeSet<String> {
    let path = PathBuf::from(run["result"].as_str().expect("the run has a result"));
    let text = fs::read_to_string(path).expect("the result is there");
    text.lines().skip(1).map(str::to_owned).collect()
}

fn codes(from: u32, to: u32) -> Vec<String> {
    let code = |index| Uscc::nth_pdy(index).expect("a small index").reveal().to_owned();
    (from..to).map(code).collect()
}

/// The command failed with this code, and its sentence has these words.
fn failed(said: &Said, code: &str, words: &[&str]) {
    assert_eq!(said.status.code(), Some(1), "{}{}", said.out, said.err);
    assert!(said.err.lines().any(|line| line.starts_with(&format!("{code}: "))), "{}", said.err);
    for word in words {
        assert!(said.err.contains(word), "no “{word}” in {}", said.err);
    }
}

fn trouble(run: &Value) -> &str {
    run["trouble"]["code"].as_str().unwrap_or("none")
}

/// No result, no report, no half of either.
fn nothing_is_left(party: &Party) {
    assert_eq!(party.results(), Vec::<String>::new(), "{}", party.name);
}

/// Nothing but what so many runs that succeeded have left.
fn nothing_is_left_but(party: &Party, runs: usize) {
    let results = party.results();
    assert_eq!(results.len(), 2 * runs, "{results:?}");
    let whole = |name: &String| {
        Path::new(name).extension().is_some_and(|end| end == "csv" || end == "json")
    };
    assert!(results.iter().all(whole), "{results:?}");
}

/// Gives a party that nobody has pinned yet a certificate that expired in 2021, of the same key.
fn expire(party: &Party) {
    let identity = party.dir.join("identity/1");
    let key = relay::secret(&party.dir, "private.key");
    let key = KeyPair::from_pem(str::from_utf8(&key).expect("PEM")).expect("init made it");
    let mut params = CertificateParams::new(vec!["party.tacit".to_owned()]).expect("a name");
    params.is_ca = IsCa::ExplicitNoCa;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages =
        vec![ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth];
    params.not_before = rcgen::date_time_ymd(2020, 1, 1);
    params.not_after = rcgen::date_time_ymd(2021, 1, 1);
    let pem = params.self_signed(&key).expect("it can be signed").pem();
    fs::write(identity.join("certificate.pem"), &pem).expect("it can be written");
    let card = fs::read_to_string(party.card()).expect("init made it");
    let mut card: toml::Table = card.parse().expect("init made it");
    card.insert("certificate".into(), pem.into());
    fs::write(party.card(), card.to_string()).expect("it can be written");
}

fn terms() -> PsiTerms {
    PsiTerms {
        register: String::new(),
        subjects: SubjectKind::Opaque,
        output: PsiOutput::OneSided,
        items: 10,
        pad_to: None,
    }
}

/// The bank's proposal to the tax bureau.
fn proposal(register: &str, terms: &PsiTerms) -> peer::Proposal {
    let terms = PsiTerms { register: register.into(), ..terms.clone() };
    let party = |name: &str| name.parse().expect("a party's name");
    let (from, to, run) = (party("bank"), party("tax"), RunId::from_bytes([7; 16]));
    Proposal { from, to, run, rules: rules(), terms: Terms::Psi(terms) }.into()
}

fn refusal(reply: Result<Response<Reply>, Status>) -> peer::Refusal {
    match reply.expect("the call is answered").into_inner().outcome {
        Some(reply::Outcome::Refusal(refusal)) => refusal,
        other => panic!("a refusal was expected, not {other:?}"),
    }
}

fn now_ms() -> i64 {
    let now = time::OffsetDateTime::now_utc().unix_timestamp_nanos() / 1_000_000;
    now.try_into().expect("not for another 200 million years")
}
