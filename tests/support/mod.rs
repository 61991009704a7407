//! Parties as real processes of the `tacit` binary, for tests of whole systems.
//!
//! Every wait is bounded by [`PATIENCE`], every process is killed when its [`Party`] or the test
//! goes, and every party listens on a port that the system chose.

pub(crate) mod canary;
pub(crate) mod circle;
pub(crate) mod clear;
pub(crate) mod ground;
pub(crate) mod keeping;
pub(crate) mod lines;
pub(crate) mod questions;
pub(crate) mod relay;
pub(crate) mod subjects;
pub(crate) mod town;
pub(crate) mod turns;
pub(crate) mod walk;

use std::fs::{self, File};
use std::net::TcpListener;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use nix::unistd::Pid;
use serde_json::Value;
use tokio::runtime::{Builder, Runtime};
use toml::Table;

/// Longer than anything here takes on a loaded machine with two cores.
pub(crate) const PATIENCE: Duration = Duration::from_secs(90);

const POLL: Duration = Duration::from_millis(5);

/// One party: its directory, and its process while it runs.
pub(crate) struct Party {
    pub(crate) name: String,
    pub(crate) dir: PathBuf,
    /// `host:port`.
    pub(crate) address: String,
    /// Keeps the port until the party's own process takes it.
    port: Option<TcpListener>,
    pub(crate) process: Option<Process>,
}

/// A child that is killed when it is dropped.
pub(crate) struct Process {
    pub(crate) child: Child,
    out: File,
    err: File,
}

/// What a command said, and how it ended.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) status: ExitStatus,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Party {
    /// Makes a party in `root/name` with `tacit init`.
    pub(crate) fn make(root: &Path, name: &str, duty: &str) -> Self {
        let party = Self::unmade(root, name);
        let init = ["init", "--name", name, "--duty", duty, "--plain-keys", "--listen"];
        party.tacit(&[&init[..], &[&*party.address]].concat()).done();
        party
    }

    /// The place of a party in `root/name`, for `tacit init` to make it.
    pub(crate) fn unmade(root: &Path, name: &str) -> Self {
        turns::beside();
        let port = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = port.local_addr().expect("it is bound").to_string();
        Self { name: name.into(), dir: root.join(name), address, port: Some(port), process: None }
    }

    /// The file that its peers pin.
    pub(crate) fn card(&self) -> PathBuf {
        self.dir.join(format!("{}.party", self.name))
    }

    /// Pins `peer` with `tacit peer add`.
    pub(crate) fn pin(&self, peer: &Self) {
        let card = peer.card();
        self.tacit(&["peer", "add", card.to_str().expect("a plain path")]).done();
    }

    /// Writes pieces of configuration over `party.toml`: tables merge, lists and values replace.
    pub(crate) fn configure(&self, pieces: &str) {
        let path = self.dir.join("party.toml");
        let text = fs::read_to_string(&path).expect("init wrote it");
        let mut table: Table = text.parse().expect("init wrote TOML");
        merge(&mut table, &pieces.parse().expect("the test wrote TOML"));
        fs::write(&path, table.to_string()).expect("the configuration can be written");
    }

    /// Offers `register`, a file of identifiers of this kind, to one peer for every output.
    pub(crate) fn offer(&self, register: &str, kind: &str, rows: &[String], to: &str) {
        let file = self.dir.join(format!("{register}.csv"));
        list(&file, "id", rows);
        // What is about firms or persons is offered only once it is bound to the catalogue.
        let fields = if kind == "opaque" {
            String::new()
        } else {
            "[register.fields]\nvat = '1.vat_paid_12m_cny'\n".into()
        };
        self.configure(&format!(
            "[[register]]\nname = '{register}'\nfile = '{register}.csv'\ncolumn = 'id'\n\
             kind = '{kind}'\n{fields}\
             [[offer]]\nprotocol = 'psi'\nregister = '{register}'\nto = ['{to}']\nprotocols = ['ecdh', 'vole']\n\
             outputs = ['one-sided', 'two-sided', 'cardinality']"
        ));
    }

    /// Starts the party, waits until it says that it can be reached, and has it admit every peer that
    /// it has not decided about.
    pub(crate) fn start(&mut self) {
        self.start_alone();
        for member in self.tacit(&["member", "list", "--json"]).done().lines() {
            if member["state"] == "applied" {
                let name = member["name"].as_str().expect("a name");
                let until = ["--assessed-until", "2199-12-31"];
                self.tacit(&[&["member", "admit", name][..], &until].concat()).done();
            }
        }
    }

    /// Starts the party and waits until it says that it can be reached; it admits nobody.
    pub(crate) fn start_alone(&mut self) {
        self.port = None;
        let mut process = spawn(&self.dir, &["party", "run", "--leash"]);
        let began = Instant::now();
        while process.said().is_empty() {
            let gone = process.child.try_wait().expect("a child can be waited for");
            assert!(gone.is_none(), "{} did not come up: {}", self.name, process.complained());
            assert!(
                began.elapsed() < PATIENCE,
                "{} does not come up at {}",
                self.name,
                self.address
            );
            thread::sleep(POLL);
        }
        self.process = Some(process);
    }

    /// Runs a command of this party to its end.
    pub(crate) fn tacit(&self, arguments: &[&str]) -> Said {
        spawn(&self.dir, arguments).end()
    }

    /// Asks `peer` for an intersection of its `register` with our file.
    pub(crate) fn psi(&self, peer: &str, register: &str, file: &Path, more: &[&str]) -> Said {
        let file = file.to_str().expect("a plain path");
        let ask = ["psi", "--json", "--with", peer, "--their-register", register];
        let ours = ["--file", file, "--column", "id"];
        self.tacit(&[&ask[..], &ours, more].concat())
    }

    /// Its runs, newest first.
    pub(crate) fn runs(&self) -> Vec<Value> {
        self.tacit(&["runs", "--json"]).done().lines()
    }

    /// Its newest run, once it has come to an end.
    pub(crate) fn ended_run(&self) -> Value {
        until(&format!("{} ends its run", self.name), || {
            let run = self.runs().into_iter().next()?;
            let over = ["done", "unconfirmed", "failed"];
            over.iter().any(|state| run["state"] == *state).then_some(run)
        })
    }

    /// Removes what lies in its results folder.
    pub(crate) fn forget_results(&self) {
        for file in self.results() {
            fs::remove_file(self.dir.join("results").join(file)).expect("a result is a file");
        }
    }

    /// The files in its results folder, by name.
    pub(crate) fn results(&self) -> Vec<String> {
        let entries = fs::read_dir(self.dir.join("results")).expect("init made it");
        let name = |entry: fs::DirEntry| entry.file_name().to_string_lossy().into_owned();
        let mut names: Vec<String> = entries.flatten().map(name).collect();
        names.sort();
        names
    }
}

impl Process {
    /// Waits for the end; a process that takes too long fails the test.
    pub(crate) fn end(mut self) -> Said {
        let began = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().expect("a child can be waited for") {
                return Said { status, out: self.said(), err: self.complained() };
            }
            assert!(began.elapsed() < PATIENCE, "it hangs: {}", self.complained());
            thread::sleep(POLL);
        }
    }

    fn said(&self) -> String {
        whole(&self.out)
    }

    fn complained(&self) -> String {
        whole(&self.err)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Both fail only where it has ended and been waited for.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Said {
    /// It succeeded.
    pub(crate) fn done(self) -> Self {
        assert!(self.status.success(), "{}: {}{}", self.status, self.out, self.err);
        self
    }

    /// What it said, as one JSON object a line.
    pub(crate) fn lines(&self) -> Vec<Value> {
        let line = |line| serde_json::from_str(line).expect("one JSON object a line");
        self.out.lines().map(line).collect()
    }

    /// What it said, as one JSON object.
    pub(crate) fn json(&self) -> Value {
        self.lines().pop().unwrap_or_default()
    }
}

/// A bank that may ask, a tax bureau that answers with the register `taxpayers`, pinned with one
/// another and not yet running.
pub(crate) fn bank_and_tax(root: &Path, kind: &str, taxpayers: &[String]) -> (Party, Party) {
    let bank = Party::make(root, "bank", "lender");
    let tax = Party::make(root, "tax", "holder");
    bank.pin(&tax);
    tax.pin(&bank);
    tax.offer("taxpayers", kind, taxpayers, "bank");
    (bank, tax)
}

/// Writes a CSV file with one column.
pub(crate) fn list(file: &Path, column: &str, rows: &[String]) {
    fs::write(file, format!("{column}\n{}\n", rows.join("\n"))).expect("the file can be written");
}

/// Asks again and again until there is an answer.
pub(crate) fn until<T>(what: &str, mut ask: impl FnMut() -> Option<T>) -> T {
    let began = Instant::now();
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(began.elapsed() < PATIENCE, "waited too long until {what}");
        thread::sleep(POLL);
    }
}

/// Starts a command of the party in `dir`.
pub(crate) fn spawn(dir: &Path, arguments: &[&str]) -> Process {
    let file = || tempfile::tempfile().expect("a temporary file");
    let (out, err) = (file(), file());
    let copy = |file: &File| file.try_clone().expect("a descriptor can be copied");
    let child = Command::new(env!("CARGO_BIN_EXE_tacit"))
        .args(["--lang", "en", "--dir"])
        .arg(dir)
        .args(arguments)
        // Where it is a party: it stops when we are gone, whatever took us away.
        .stdin(Stdio::piped())
        .stdout(copy(&out))
        .stderr(copy(&err))
        .env_remove("TACIT_DIR")
        .env_remove("RUST_LOG")
        .spawn()
        .expect("tacit was built with this test");
    Process { child, out, err }
}

/// What a child has written so far; it writes through the same open file, so its position is left
/// where it is.
fn whole(file: &File) -> String {
    let length = file.metadata().expect("it is open").len();
    let mut bytes = vec![0; usize::try_from(length).expect("a short file")];
    file.read_exact_at(&mut bytes, 0).expect("it has that many bytes");
    String::from_utf8_lossy(&bytes).into_owned()
}

fn merge(into: &mut Table, from: &Table) {
    for (key, value) in from {
        match (into.get_mut(key), value) {
            (Some(toml::Value::Table(into)), toml::Value::Table(from)) => merge(into, from),
            _ => {
                into.insert(key.clone(), value.clone());
            }
        }
    }
}

/// What relays and hostile peers run on.
pub(crate) fn runtime() -> Runtime {
    Builder::new_multi_thread().worker_threads(4).enable_all().build().expect("a runtime")
}

/// Stops a party as its operator does.
pub(crate) fn stop(party: &mut Party) {
    let asking = spawn(&party.dir, &["party", "stop"]);
    // Whoever has started a process must take note of its end, or it does not vanish.
    let mut process = party.process.take().expect("it runs");
    let status = until("the party stops", || process.child.try_wait().expect("it is our child"));
    assert!(status.success(), "it ended with {status}");
    asking.end().done();
}

/// Ends the newest run of the party in `dir` as its operator does.
pub(crate) fn cancel_newest(dir: &Path) {
    let runs = spawn(dir, &["runs", "--json"]).end().done().lines();
    let id = runs.first().and_then(|run| run["id"].as_str()).expect("there is a run");
    spawn(dir, &["runs", "cancel", id]).end().done();
}

/// The process of a party that runs.
pub(crate) fn pid(party: &Party) -> Pid {
    let process = party.process.as_ref().expect("it runs");
    Pid::from_raw(process.child.id().try_into().expect("a small number"))
}

/// The code with which a question was refused.
pub(crate) fn refusal(said: &Said) -> String {
    assert_eq!(said.status.code(), Some(1), "{}{}", said.out, said.err);
    said.json()["trouble"]["code"].as_str().unwrap_or("-").to_owned()
}

/// The events of a party's log, in order.
pub(crate) fn events(party: &Party) -> Vec<Value> {
    let size = party.tacit(&["audit", "verify", "--json"]).done().json()["records"].clone();
    let event = |seq: u64| {
        let said = party.tacit(&["audit", "prove", &seq.to_string(), "--json"]).done();
        said.json()["record"]["event"].clone()
    };
    (0..size.as_u64().expect("a number of records")).map(event).collect()
}

/// Those of them that are of this kind.
pub(crate) fn records(party: &Party, kind: &str) -> Vec<Value> {
    events(party).into_iter().filter(|event| event.get(kind).is_some()).collect()
}
