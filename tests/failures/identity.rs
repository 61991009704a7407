//! Who is who: certificates, names and versions that are not what was pinned.

use std::fs;

use lab::stand_in::{Sockets, call, host};
use lab::{Party, secrets};
use rcgen::{CertificateParams, ExtendedKeyUsagePurpose, IsCa, KeyPair, KeyUsagePurpose};
use serde_json::Value;
use tonic::{Request, Response, Status, Streaming};
use wire::peer::{self, Frame, Greeting, Reply, reply};

use super::{
    ask, codes, failed, folder, folder_with, nothing_is_left, now_ms, proposal, refusal, runtime,
    terms,
};
use crate::support::{bank_and_tax, make};

#[test]
fn a_certificate_that_is_not_the_pinned_one_is_unknown() {
    let (root, mut impostor) = (folder(), folder_with("tax"));
    let (mut bank, tax) = bank_and_tax(root.path(), "opaque", &codes(0, 10));
    bank.redirect(&tax, &impostor.1.address).expect("the peer is pinned");
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
    let mut fund = make(root.path(), "fund", "holder");
    bank.pin(&fund);
    fund.pin(&bank);
    bank.redirect(&tax, &fund.address).expect("the peer is pinned");
    fund.start();
    bank.start();
    failed(&ask(&bank, &root, &[]), "WRONG_PARTY", &["fund answers", "peers/tax.party"]);
}

#[test]
fn a_party_that_has_not_pinned_us_tells_us_so_every_time() {
    for others in [false, true] {
        let root = folder();
        let mut bank = make(root.path(), "bank", "lender");
        let mut tax = make(root.path(), "tax", "holder");
        bank.pin(&tax);
        if others {
            tax.pin(&make(root.path(), "fund", "holder"));
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
        let mut bank = make(root.path(), "bank", "lender");
        let mut tax = make(root.path(), "tax", "holder");
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

        async fn job(
            &self,
            _: Request<peer::JobRequest>,
        ) -> Result<Response<peer::JobReply>, Status> {
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
    bank.redirect(&tax, &host(&runtime, &tax, Later, &sockets)).expect("the peer is pinned");
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

/// Gives a party that nobody has pinned yet a certificate that expired in 2021, of the same key.
fn expire(party: &Party) {
    let identity = party.dir.join("identity/1");
    let key = secrets::secret(&party.dir, "private.key");
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
