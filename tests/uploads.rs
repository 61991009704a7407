//! Files that callers bring to a party that shares none with them, and the results that they fetch.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use control::messages::{FileChunk, PsiRequest, SubjectKind};
use control::{Address, Client, Token};
use domain::Explain;
use lab::{Party, list, until};
use tempfile::TempDir;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;

use crate::support::bearer::{Bearer, over};
use crate::support::{bank_and_tax, runtime};

/// A bank that takes calls over a second socket, and a tax bureau; both run.
struct Counter {
    // Dropped first: a party must not outlive its folder.
    bank: Party,
    _tax: Party,
    root: TempDir,
}

fn codes(from: u32, to: u32) -> Vec<String> {
    (from..to).map(|at| format!("firm-{at}")).collect()
}

impl Counter {
    fn open(control: &str) -> Self {
        let root = tempfile::tempdir().expect("a folder");
        let (mut bank, mut tax) = bank_and_tax(root.path(), "opaque", &codes(100, 300));
        let socket = root.path().join("bank.sock");
        bank.configure(&format!("[control]\nsocket = '{}'\n{control}", socket.display()));
        tax.start();
        bank.start();
        Self { bank, _tax: tax, root }
    }

    fn socket(&self) -> PathBuf {
        self.root.path().join("bank.sock")
    }

    /// Somebody who calls over the shared socket.
    fn bearer(&self, role: &str, name: &str) -> (Bearer, Address) {
        let bearer = Bearer::new(&self.bank, &self.root, role, name);
        let token = Token::read(&bearer.0).expect("a token");
        let nowhere = Address::of(self.root.path()).over(Some(self.socket()));
        (bearer, nowhere.bearing(Some(token)))
    }

    /// What lies among the bank's uploads.
    fn uploads(&self) -> usize {
        fs::read_dir(self.bank.dir.join("uploads")).into_iter().flatten().count()
    }
}

fn words(path: &Path) -> &str {
    path.to_str().expect("a plain path")
}

#[test]
fn an_intersection_is_the_same_by_path_and_by_a_file_that_was_brought() {
    let counter = Counter::open("");
    let (zhao, _) = counter.bearer("operator", "zhao");
    let ours = counter.root.path().join("customers.csv");
    list(&ours, "id", &codes(0, 200));
    let psi = ["psi", "--with", "tax", "--their-register", "taxpayers", "--column", "id", "--json"];
    let file = ["--kind", "opaque", "--file", words(&ours)];
    let asked = [&psi[..], &file].concat();
    let run = counter.bank.tacit(&asked).done().json();
    let by_path = fs::read(run["result"].as_str().expect("a result")).expect("it is there");
    let lines = by_path.split(|byte| *byte == b'\n').count();
    assert_eq!(lines, 1 + 100 + 1, "the heading, a hundred firms, and the end");

    let fetched = counter.root.path().join("fetched.csv");
    let result = ["--result", words(&fetched)];
    let run = zhao.starts(&counter.socket(), &[&asked[..], &result].concat()).end().done().json();
    assert_eq!(fs::read(&fetched).expect("it was fetched"), by_path);
    assert_eq!(counter.uploads(), 0, "what was brought is gone with its run");
    // Later, and by the run's number.
    let later = counter.root.path().join("later.csv");
    let fetch = ["runs", "result", run["id"].as_str().expect("a number"), "--out", words(&later)];
    zhao.starts(&counter.socket(), &fetch).end().done();
    assert_eq!(fs::read(&later).expect("it was fetched"), by_path);
    // Who asks no runs has no results of them.
    let (li, _) = counter.bearer("approver", "li");
    let said = li.starts(&counter.socket(), &fetch).end();
    assert!(said.err.contains("ROLE: "), "{}", said.err);
    let said = over(&counter.socket(), &fetch).end();
    assert!(said.err.contains("TOKEN_NEEDED: "), "{}", said.err);
}

#[test]
fn what_was_brought_is_its_callers_for_one_request_and_bounded() {
    let (counter, runtime) = (Counter::open("uploads_mib = 1"), runtime());
    let ((_, zhao), (_, sun)) =
        (counter.bearer("operator", "zhao"), counter.bearer("operator", "sun"));
    let chunk = |bytes: &[u8]| FileChunk { body: bytes.to_vec().into() };
    let asked = |file: &str| PsiRequest {
        peer: "tax".into(),
        their_register: "taxpayers".into(),
        file: file.into(),
        column: "id".into(),
        kind: SubjectKind::Opaque.into(),
        ..PsiRequest::default()
    };
    runtime.block_on(async {
        let (zhao, sun) = (Client::open(&zhao).await.unwrap(), Client::open(&sun).await.unwrap());
        let code_of = async |party: &Client, file: &str| {
            let mut events = party.psi(asked(file)).await.expect("it begins");
            while let Some(event) = events.next().await.expect("an event") {
                use control::messages::run_event::Kind;
                match event.kind.expect("a kind") {
                    Kind::Finished(_) => return "done".to_owned(),
                    Kind::Failed(trouble) => return trouble.code,
                    Kind::Progress(_) | Kind::Started(_) => {}
                }
            }
            panic!("a run ends with its end")
        };
        let brought = zhao.upload(tokio_stream::iter([chunk(b"id\nfirm-1"), chunk(b"50\n")])).await;
        let brought = brought.expect("there is room");
        let expected = "sha256:";
        assert!(brought.digest.starts_with(expected) && brought.bytes == 12, "{brought:?}");
        assert_eq!(code_of(&sun, &brought.handle).await, "UPLOAD", "another caller's");
        assert_eq!(code_of(&sun, words(&counter.bank.dir.join("party.toml"))).await, "PATH");
        assert_eq!(code_of(&zhao, &brought.handle).await, "done");
        assert_eq!(code_of(&zhao, &brought.handle).await, "UPLOAD", "used up");
        let much = (0..9).map(|_| chunk(&vec![b'x'; 128 << 10]));
        let refused = zhao.upload(tokio_stream::iter(much.collect::<Vec<_>>())).await;
        assert_eq!(refused.expect_err("more than there is room for").code(), "UPLOADS_FULL");
        until("nothing is left of it", || (counter.uploads() == 0).then_some(()));
        let again = zhao.upload(tokio_stream::iter([chunk(&vec![b'x'; 1 << 20])])).await;
        again.expect("the room was given back");
    });
}

#[test]
fn what_is_cut_off_half_way_or_left_by_a_party_that_is_killed_is_removed() {
    let (mut counter, runtime) = (Counter::open(""), runtime());
    let (_, zhao) = counter.bearer("operator", "zhao");
    let chunk = |bytes: &[u8]| FileChunk { body: bytes.to_vec().into() };
    let (send, chunks) = mpsc::channel(4);
    let caller = crate::support::runtime();
    caller.block_on(async {
        let party = Client::open(&zhao).await.unwrap();
        tokio::spawn(async move { party.upload(ReceiverStream::new(chunks)).await });
        send.send(chunk(b"id\n")).await.unwrap();
        while counter.uploads() == 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    });
    // With all that it was doing, as where a process is killed: its line breaks, the file has no end.
    caller.shutdown_background();
    until("nothing is left of it", || (counter.uploads() == 0).then_some(()));
    runtime.block_on(async {
        let party = Client::open(&zhao).await.unwrap();
        party.upload(tokio_stream::iter([chunk(b"id\nfirm-1\n")])).await.expect("it is kept");
    });
    drop(send);
    assert_eq!(counter.uploads(), 1);
    counter.bank.process = None;
    counter.bank.start();
    assert_eq!(counter.uploads(), 0);
}
