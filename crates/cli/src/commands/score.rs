//! `tacit score`.

use std::io::{self, BufRead};
use std::path::{Path, PathBuf};
use std::time::Duration;

use control::Client;
use control::messages::{ScoreReply, ScoreRequest, score_reply};
use domain::Text;
use serde_json::{Value, json};
use terminal::units::span;
use terminal::{Failure, Table, Voice};

use crate::arguments::ScoreArguments;
use crate::commands::replies::{ReplyTable, trouble};
use crate::commands::{kind, parsed, purpose};
use crate::phrases;

/// The most bytes of authorisations in one call: a hundred thousand firms of a batch.
const MAX_AUTHORISATIONS: usize = 384 << 20;

pub(super) async fn score(dir: &Path, score: &ScoreArguments, voice: Voice) -> Result<(), Failure> {
    let subjects = subjects(&score.codes)?;
    let authorisations = authorisations(&score.authorisations)?;
    let control = Client::open(dir).await?;
    ask(&control, score, subjects, authorisations, voice).await
}

async fn ask(
    control: &Client,
    score: &ScoreArguments,
    subjects: Vec<String>,
    authorisations: Vec<Vec<u8>>,
    voice: Voice,
) -> Result<(), Failure> {
    let all = subjects.len();
    let request = ScoreRequest {
        model: score.model.to_string(),
        kind: kind(parsed(&score.kind)?),
        subjects,
        authorisations: authorisations.into_iter().map(Into::into).collect(),
        purpose: purpose(parsed(&score.purpose)?),
    };
    let replies = control.score(request).await?;
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
    let failed: fn(usize, usize) -> Text = |failed, all| phrases::scores_failed(failed, all);
    let take = |sheet: &mut ReplyTable, reply| {
        take(sheet, reply);
        Ok(())
    };
    ReplyTable::new(voice, score.json, all, table).fill(replies, take, ("NOT_SCORED", failed)).await
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

fn take(sheet: &mut ReplyTable, reply: ScoreReply) {
    sheet.came(|| object(&reply));
    let latency = span(Duration::from_micros(reply.latency_us));
    match reply.outcome {
        Some(score_reply::Outcome::Score(score)) => sheet.answer(vec![
            reply.subject,
            score.score.to_string(),
            score.grade,
            format!("{:.2}%", score.probability * 100.0),
            score.points.to_string(),
            latency,
            String::new(),
        ]),
        Some(score_reply::Outcome::Failed(trouble)) => {
            let code = trouble.code.clone();
            let none = || String::from("-");
            let row = vec![reply.subject, none(), none(), none(), none(), latency, code];
            sheet.failure(trouble, row);
        }
        // An outcome of a later version.
        None => {}
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
        Some(score_reply::Outcome::Failed(failed)) => object["trouble"] = trouble(failed),
        None => {}
    }
    object
}

#[cfg(test)]
mod tests {
    use control::messages::{Score, ScoreReply, Text, Trouble, score_reply};

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
