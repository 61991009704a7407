//! The README's own lines, typed one after another.
//!
//! The README tells one party's part; the others do theirs here. Whatever the lines say of names and
//! files holds as it stands: only addresses, keys, a run's number and a date that would pass are put
//! in for the reader's own.

use std::fs::{self, File};

use lab::{Process, until};
use scorecard::Scorecard;
use serde_json::Value as Json;

use crate::support::ground::{DAY, FIRM, ReadmeTown, SAMPLES, text};
use crate::support::lines::Line;
use crate::support::program;

/// A walk through the README, and what has been learnt while walking.
pub(crate) struct Walk {
    /// The party whose part the README tells, while it runs.
    tax: Option<Process>,
    /// The public half of the firm's key.
    firm: String,
    seen: Vec<&'static str>,
    ground: ReadmeTown,
}

impl Walk {
    pub(crate) fn begin(readme: &str) -> Self {
        Self { tax: None, firm: String::new(), seen: Vec::new(), ground: ReadmeTown::new(readme) }
    }

    /// Types a line; says whether it was run here.
    pub(crate) fn step(&mut self, line: &Line) -> bool {
        let words = line.words().unwrap_or_else(|| panic!("line {}: {}", line.at, line.text));
        let typed: Vec<String> = words[1..].iter().map(|word| self.filled_in(word)).collect();
        let typed: Vec<&str> = typed.iter().map(String::as_str).collect();
        // tests/demo.rs runs the demonstration, and on the credit data where there is some; what
        // cargo runs is a test of its own.
        if words[0] == "cargo" || typed[0] == "demo" {
            return false;
        }
        // A training takes hundreds of firms and a profile of its own: tests/train has them.
        if let ["train", ..] | ["--dir", _, "train", ..] = typed[..] {
            return false;
        }
        match typed[..] {
            ["--dir", "tax", "data", "check", ..] => self.ground.tax_has_its_files(),
            ["--dir", "tax", "party", "run"] => return self.everybody_starts(&typed),
            ["--dir", "lab", "score", ..] => self.ground.the_sample_is_published(),
            _ => {}
        }
        let said = self.ground.tacit(&typed);
        let (out, err) = (text(&said.stdout), text(&said.stderr));
        assert!(said.status.success(), "line {}: {}\n{out}{err}", line.at, line.text);
        match typed[..] {
            ["--dir", "tax", "peer", "add", _] => self.ground.everybody_is_pinned(),
            ["--dir", "tax", "member", "admit", ..] => self.ground.everybody_is_admitted(),
            ["subject", "key", ..] => out.trim().clone_into(&mut self.firm),
            ["model", "check", ..] => self.ground.the_platform_has_the_card(),
            ["--dir", "tax", "model", what @ ("show" | "countersign"), model] => {
                for holder in ["social", "power", "fund"] {
                    self.ground.done(&["--dir", holder, "model", what, model]);
                }
            }
            ["--dir", "bank", "psi", ..] => {
                let one = out.lines().any(|line| line.split_whitespace().eq(["matches", "1"]));
                self.saw("psi", one, &out);
            }
            ["--dir", "bank", "score", ..] => self.scored(&out),
            ["--dir", "bank", "verify", code, ..] if code == FIRM => {
                let yes = |line: &str| line.split_whitespace().take(2).eq([FIRM, "yes"]);
                let yes = out.lines().any(yes);
                self.saw("verify", yes, &out);
            }
            ["--dir", "bank", "match", ..] => {
                let yes = out.lines().any(|line| line.split_whitespace().eq(["yes", "1"]));
                self.saw("match", yes, &out);
            }
            ["--dir", "lab", "score", ..] => self.the_sample_is_scored(),
            ["receipt", "verify", ..] => self.saw("receipts", out.contains("4 proofs hold"), &err),
            ["--dir", "province", "authorisation", "submit", "revoke.json"] => self.refused(),
            _ => {}
        }
        true
    }

    /// The results that the walk is for were all looked at, both verifications among them.
    pub(crate) fn everything_was_seen(mut self) {
        self.seen.sort_unstable();
        let all = ["batch", "match", "psi", "receipts", "refused", "score", "verify", "verify"];
        assert_eq!(self.seen, all);
    }

    fn saw(&mut self, what: &'static str, holds: bool, said: &str) {
        assert!(holds, "{what}: {said}");
        self.seen.push(what);
    }

    fn filled_in(&self, word: &str) -> String {
        let key = if word.contains("licences=") { &self.ground.issuer } else { &self.firm };
        let run = if word == "RUN" { self.scores_run() } else { word.to_owned() };
        let addresses = ["0.0.0.0:7101", "tax.example:7101"];
        let word =
            addresses.iter().fold(run, |word, from| word.replace(from, &self.ground.tax.address));
        word.replace("ed25519:...", key).replace(DAY.0, DAY.1)
    }

    fn scores_run(&self) -> String {
        let runs = self.ground.done(&["--dir", "bank", "runs", "--json"]);
        let runs = runs.lines().map(|line| serde_json::from_str::<Json>(line).expect("JSON"));
        let score = runs.into_iter().find(|run| run["protocol"] == "score");
        score.expect("a score was asked for")["id"].as_str().expect("a number").to_owned()
    }

    fn everybody_starts(&mut self, typed: &[&str]) -> bool {
        self.ground.tax.release_port();
        let mut tax = program().command();
        let log = File::create(self.ground.path("tax.log")).expect("a file");
        tax.args(typed).current_dir(self.ground.root.path());
        tax.env("TACIT_LANG", "en").env_remove("TACIT_DIR");
        let tax = Process::start(&mut tax, None, log).expect("tacit was built with this test");
        self.tax = Some(tax);
        for party in &mut self.ground.others {
            party.start();
        }
        until("the tax office is up", || {
            self.ground.tacit(&["--dir", "tax", "party", "status"]).status.success().then_some(())
        });
        true
    }

    // What the lines are for.

    fn scored(&mut self, out: &str) {
        let card =
            fs::read_to_string(self.ground.path("card.toml")).expect("`model import` has made it");
        let card = Scorecard::from_toml(&card).expect("a card");
        let points = card.clear_points(|slot, column| self.ground.clear(slot.as_str(), column));
        let points = points.expect("every value has a bin");
        let score = card.score(points).to_string();
        let row = out.lines().find(|line| line.starts_with(FIRM)).expect("the firm's row");
        let right = row.split_whitespace().any(|word| word == score)
            && row.split_whitespace().any(|word| word == points.to_string());
        self.saw("score", right, &format!("{out}\nin clear: {score}, {points} points"));
    }

    fn the_sample_is_scored(&mut self) {
        let scores =
            fs::read_to_string(self.ground.path("scores.csv")).expect("the line has made it");
        let rows = u32::try_from(scores.lines().count() - 1).expect("few");
        self.saw("batch", rows == SAMPLES, &scores);
    }

    /// The README says with which code the bank is refused from here on.
    fn refused(&mut self) {
        let again = ["--model", "small-firms@3", "--authorisation", "letter.json"];
        let said = self.ground.tacit(&[&["--dir", "bank", "score", FIRM][..], &again].concat());
        let err = text(&said.stderr);
        self.saw("refused", !said.status.success() && err.contains("AUTH_REVOKED"), &err);
    }
}
