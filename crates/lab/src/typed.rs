//! Parties operated by what an operator types: for tests, which end where anything goes wrong.
//!
//! Every wait is bounded by [`PATIENCE`].

use std::fs;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use envelope::Envelope;
use serde_json::Value;
use toml::Table;

use crate::build::ASSESSED_UNTIL;
use crate::{PATIENCE, Party, Process, Program, Said, envelopes, list, until};

const POLL: Duration = Duration::from_millis(5);

impl Program {
    /// Starts a command about the party in `dir`, in English whatever the environment says.
    ///
    /// # Panics
    ///
    /// When the program does not start.
    #[must_use]
    pub fn spawn(&self, dir: &Path, arguments: &[&str]) -> Process {
        let file = || tempfile::tempfile().expect("a temporary file");
        let mut command = self.command();
        command.args(["--lang", "en", "--dir"]).arg(dir).args(arguments);
        for set in ["TACIT_DIR", "TACIT_SOCKET", "TACIT_TOKEN", "RUST_LOG"] {
            command.env_remove(set);
        }
        Process::start(&mut command, Some(file()), file()).expect("the program was built")
    }
}

impl Party {
    /// Makes a party in `root/name` with `tacit init`.
    ///
    /// # Panics
    ///
    /// When there is no free port, or `init` refuses.
    #[must_use]
    pub fn make(program: &Program, root: &Path, name: &str, duty: &str) -> Self {
        let party = Self::reserve(program, root, name).expect("a free port");
        let init = ["init", "--name", name, "--duty", duty, "--plain-keys", "--listen"];
        party.tacit(&[&init[..], &[&*party.address]].concat()).done();
        party
    }

    /// Pins `peer` with `tacit peer add`.
    ///
    /// # Panics
    ///
    /// When the command fails.
    pub fn pin(&self, peer: &Self) {
        let card = peer.card();
        self.tacit(&["peer", "add", card.to_str().expect("a plain path")]).done();
    }

    /// Writes pieces of configuration over `party.toml`: tables merge, lists and values replace.
    ///
    /// # Panics
    ///
    /// When they are no TOML, or the file cannot be rewritten.
    pub fn configure(&self, pieces: &str) {
        let pieces: Table = pieces.parse().expect("the test wrote TOML");
        self.complete(&pieces).expect("init wrote a configuration");
    }

    /// Offers `register`, a file of identifiers of this kind, to one peer for every output.
    ///
    /// # Panics
    ///
    /// As [`configure`](Self::configure).
    pub fn offer(&self, register: &str, kind: &str, rows: &[String], to: &str) {
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
    ///
    /// # Panics
    ///
    /// When it does not come up, or does not admit a peer.
    pub fn start(&mut self) {
        self.start_alone();
        for member in self.tacit(&["member", "list", "--json"]).done().lines() {
            if member["state"] == "applied" {
                let name = member["name"].as_str().expect("a name");
                let until = ["--assessed-until", ASSESSED_UNTIL];
                self.tacit(&[&["member", "admit", name][..], &until].concat()).done();
            }
        }
    }

    /// Starts the party and waits until it says that it can be reached; it admits nobody.
    ///
    /// # Panics
    ///
    /// When it does not come up.
    pub fn start_alone(&mut self) {
        self.release_port();
        let mut process = self.program.spawn(&self.dir, &["party", "run", "--leash"]);
        let began = Instant::now();
        while process.said().is_empty() {
            let gone = process.ended().expect("a child can be waited for");
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
    ///
    /// # Panics
    ///
    /// When it takes too long.
    pub fn tacit(&self, arguments: &[&str]) -> Said {
        self.program.spawn(&self.dir, arguments).end()
    }

    /// Asks `peer` for an intersection of its `register` with our file.
    ///
    /// # Panics
    ///
    /// When it takes too long.
    pub fn psi(&self, peer: &str, register: &str, file: &Path, more: &[&str]) -> Said {
        let file = file.to_str().expect("a plain path");
        let ask = ["psi", "--json", "--with", peer, "--their-register", register];
        let ours = ["--file", file, "--column", "id"];
        self.tacit(&[&ask[..], &ours, more].concat())
    }

    /// Hands envelopes to the registry with `tacit authorisation submit`.
    ///
    /// # Panics
    ///
    /// When it does not take them.
    pub fn submit(&self, sealed: &[Envelope]) {
        let file = envelopes(&self.dir.join("submitted.jsonl"), sealed);
        self.tacit(&["authorisation", "submit", file.to_str().expect("a plain path")]).done();
    }

    /// Its runs, newest first.
    ///
    /// # Panics
    ///
    /// When it does not list them.
    #[must_use]
    pub fn runs(&self) -> Vec<Value> {
        self.tacit(&["runs", "--json"]).done().lines()
    }

    /// Its newest run, once it has come to an end.
    ///
    /// # Panics
    ///
    /// When it does not end.
    pub fn ended_run(&self) -> Value {
        until(&format!("{} ends its run", self.name), || {
            let run = self.runs().into_iter().next()?;
            let over = ["done", "unconfirmed", "failed"];
            over.iter().any(|state| run["state"] == *state).then_some(run)
        })
    }

    /// Removes what lies in its results folder.
    ///
    /// # Panics
    ///
    /// When something there is no file.
    pub fn forget_results(&self) {
        for file in self.results() {
            fs::remove_file(self.dir.join("results").join(file)).expect("a result is a file");
        }
    }

    /// The files in its results folder, by name.
    ///
    /// # Panics
    ///
    /// When it has no such folder.
    #[must_use]
    pub fn results(&self) -> Vec<String> {
        let entries = fs::read_dir(self.dir.join("results")).expect("init made it");
        let name = |entry: fs::DirEntry| entry.file_name().to_string_lossy().into_owned();
        let mut names: Vec<String> = entries.flatten().map(name).collect();
        names.sort();
        names
    }
}
