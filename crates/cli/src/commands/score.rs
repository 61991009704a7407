//! `tacit score`.

use std::io::{self, BufRead};
use std::path::{Path, PathBuf};
use std::time::Duration;

use indicatif::ProgressBar;
use party::documents;
use serde_json::{Value, json};
use tokio::select;
use wire::control::{ScoreReply, ScoreRequest, score_reply};

use crate::arguments::ScoreArguments;
use crate::commands::{json_line, print};
use crate::control::{Control, next};
use crate::failure::Failure;
use crate::interrupt::Interrupt;
use crate::phrases;
use crate::say::{self, Voice};
use crate::table::Table;
use crate::units::span;

/// The most bytes of authorisations in one call: a hundred thousand firms of a batch.
const MAX_AUTHORISATIONS: usize = 384 << 20;

pub(super) async fn score(dir: &Path, score: &ScoreArguments, voice: Voice) -> Result<(), Failure> {
    let subjects = subjects(&score.codes)?;
    let authorisations = authorisations(&score.authorisations)?;
    let control = Control::open(dir).await?;
    ask(&control, score, subjects, authorisations, voice).await
}

async fn ask(
    control: &Control,
    score: &ScoreArguments,
    subjects: Vec<String>,
    authorisations: Vec<Vec<u8>>,
    voice: Voice,
) -> Result<(), Failure> {
    let all = subjects.len();
    let request = ScoreRequest {
        model: score.model.to_string(),
        kind: score.kind.clone(),
        subjects,
        authorisations: authorisations.into_iter().map(Into::into).collect(),
        purpose: score.purpose.clone(),
    };
    let mut replies = control.score(request).await?;
    let mut sheet = Sheet::new(voice, score.json, all);
    let mut interrupt = Interrupt::watch()?;
    loop {
        let reply = select! {
            reply = next(&mut replies) => reply,
            () = interrupt.came() => Err(Failure::interrupted()),
        };
        match reply {
            Ok(Some(reply)) => sheet.take(reply),
            Ok(None) => break,
            Err(failure) => {
                // What has been answered is not lost; the party asks no further.
                sheet.print();
                return Err(failure);
            }
        }
    }
    sheet.print();
    sheet.verdict()
}

/// The codes that were typed, with `-` standing for the lines of standard input.
pub(super) fn subjects(codes: &[String]) -> Result<Vec<String>, Failure> {
    let mut subjects = Vec::with_capacity(codes.len());
    for code in codes {
        if code != "-" {
            subjects.push(code.clone());
            continue;
        }
        for line in io::stdin().lock().lines() {
            let line = line.map_err(|error| Failure::file(Path::new("-"), &error))?;
            let line = line.trim_start_matches('\u{feff}').trim();
            if !line.is_empty() {
                subjects.push(line.to_owned());
            }
        }
    }
    if subjects.is_empty() {
        return Err(Failure::usage(phrases::no_subjects()));
    }
    Ok(subjects)
}

/// The authorisations of the files, as many as one call can carry.
pub(super) fn authorisations(files: &[PathBuf]) -> Result<Vec<Vec<u8>>, Failure> {
    let (mut all, mut room) = (Vec::new(), MAX_AUTHORISATIONS);
    for file in files {
        let found = documents::read_envelopes(file, room)?;
        // Also what a document that was spread over lines takes on one.
        room = room.saturating_sub(found.iter().map(Vec::len).sum());
        all.extend(found);
    }
    Ok(all)
}

/// The scores as they come: JSON at once, a table at the end.
struct Sheet {
    voice: Voice,
    json: bool,
    table: Table,
    all: usize,
    scored: usize,
    failures: Vec<Failure>,
    bar: ProgressBar,
}

impl Sheet {
    fn new(voice: Voice, json: bool, all: usize) -> Self {
        let heads = [
            phrases::head_subject(),
            phrases::head_score(),
            phrases::head_grade(),
            phrases::head_probability(),
            phrases::head_points(),
            phrases::head_latency(),
            phrases::head_trouble(),
        ];
        let table = Table::new(voice.language(), &heads).right(&[1, 3, 4, 5]);
        let bar = if say::watched() && !json && all > 1 {
            ProgressBar::new(all as u64)
        } else {
            ProgressBar::hidden()
        };
        Self { voice, json, table, all, scored: 0, failures: Vec::new(), bar }
    }

    fn take(&mut self, reply: ScoreReply) {
        self.bar.inc(1);
        if self.json {
            json_line(&object(&reply));
        }
        let latency = span(Duration::from_micros(reply.latency_us));
        match reply.outcome {
            Some(score_reply::Outcome::Score(score)) => {
                self.scored += 1;
                self.table.row(vec![
                    reply.subject,
                    score.score.to_string(),
                    score.grade,
                    format!("{:.2}%", score.probability * 100.0),
                    score.points.to_string(),
                    latency,
                    String::new(),
                ]);
            }
            Some(score_reply::Outcome::Failed(trouble)) => {
                let code = trouble.code.clone();
                self.failures.push(trouble.into());
                let none = || String::from("-");
                let row = vec![reply.subject, none(), none(), none(), none(), latency, code];
                self.table.row(row);
            }
            // An outcome of a later version.
            None => {}
        }
    }

    fn print(&self) {
        self.bar.finish_and_clear();
        if !self.json {
            print(&self.table.lines());
        }
    }

    fn verdict(&self) -> Result<(), Failure> {
        if self.scored == self.all {
            return Ok(());
        }
        self.voice.complain_once_each(&self.failures);
        let what = phrases::scores_failed(self.all - self.scored, self.all);
        Err(Failure::new("NOT_SCORED", what))
    }
}

fn object(reply: &ScoreReply) -> Value {
    let mut object = json!({
        "subject": reply.subject,
        "run": reply.run,
        "latency_us": reply.latency_us,
    });
    match &reply.outcome {
        Some(score_reply::Outcome::Score(score)) => {
            object["points"] = score.points.into();
            object["score"] = score.score.into();
            object["probability"] = score.probability.into();
            object["grade"] = score.grade.clone().into();
        }
        Some(score_reply::Outcome::Failed(trouble)) => {
            let text = trouble.text.clone().unwrap_or_default();
            object["trouble"] = json!({
                "code": trouble.code,
                "side": trouble.side,
                "en": text.en,
                "zh": text.zh,
            });
        }
        None => {}
    }
    object
}

#[cfg(test)]
mod tests {
    use wire::control::{Score, ScoreReply, Text, Trouble, score_reply};

    use super::object;

    #[test]
    fn a_reply_is_an_object_with_a_score_or_with_a_trouble() {
        let mut reply = ScoreReply { subject: "91320100PDY00001XR".into(), ..Default::default() };
        let score = Score { points: 512, score: 612, probability: 0.25, grade: "B".into() };
        reply.outcome = Some(score_reply::Outcome::Score(score));
        let read = object(&reply);
        assert_eq!((read["score"].as_i64(), read["grade"].as_str()), (Some(612), Some("B")));
        let text = Some(Text { en: "refused".into(), zh: "拒绝".into() });
        let trouble = Trouble { code: "REFUSED".into(), text, side: "tax".into() };
        reply.outcome = Some(score_reply::Outcome::Failed(trouble));
        let read = object(&reply);
        assert_eq!(read["trouble"]["code"].as_str(), Some("REFUSED"));
        assert!(read.get("score").is_none());
    }
}
