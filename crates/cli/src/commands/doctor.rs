//! `tacit doctor`: every check of the running party, or what can be seen without one.

use control::messages::Finding;
use control::{Address, Client, Error, text};
use serde_json::json;
use terminal::{Failure, Voice, say};

use crate::arguments::JsonArguments;
use crate::commands::{json_line, offline};
use crate::phrases;

pub(super) async fn doctor(
    party: &Address,
    json: JsonArguments,
    voice: Voice,
) -> Result<(), Failure> {
    let mut tally = Tally { voice, json: json.json, all: 0, failed: 0 };
    match Client::open(party).await {
        Ok(control) => {
            let mut findings = control.doctor().await?;
            while let Some(finding) = findings.next().await? {
                tally.take(&finding);
            }
            tally.verdict()
        }
        Err(error @ Error::NotRunning { .. }) => {
            voice.note(&phrases::offline_only());
            for finding in offline::findings(party.dir()) {
                tally.take(&finding);
            }
            // Not a healthy party, whatever its files look like.
            let _ = tally.verdict().map_err(|failure| voice.complain(&failure));
            Err(error.into())
        }
        Err(error) => Err(error.into()),
    }
}

/// Prints findings as they come, and counts.
struct Tally {
    voice: Voice,
    json: bool,
    all: u32,
    failed: u32,
}

impl Tally {
    fn take(&mut self, finding: &Finding) {
        self.all += 1;
        self.failed += u32::from(!finding.ok);
        let text = text(finding.text.clone());
        if self.json {
            json_line(&json!({
                "check": finding.check,
                "ok": finding.ok,
                "warning": finding.warning,
                "en": text.en,
                "zh": text.zh,
            }));
            return;
        }
        let mark = match (finding.ok, finding.warning) {
            (true, false) => phrases::check_passed(),
            (true, true) => phrases::check_warns(),
            (false, _) => phrases::check_failed(),
        };
        let (mark, words) = (self.voice.words(&mark), self.voice.words(&text));
        say::line(&format!("{mark}  {}  {words}", finding.check));
    }

    fn verdict(&self) -> Result<(), Failure> {
        if self.failed > 0 {
            let what = phrases::checks_failed(self.failed, self.all);
            return Err(Failure::new("UNHEALTHY", what));
        }
        if !self.json {
            self.voice.tell(&phrases::all_fine(self.all));
        }
        Ok(())
    }
}
