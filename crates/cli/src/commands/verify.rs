//! `tacit verify`.

use std::path::Path;
use std::time::Duration;

use control::messages::{self, Mistake, PrepareRequest, VerifyReply, VerifyRequest, verify_reply};
use control::{Client, text};
use domain::{Answer, Text};
use formula::caret;
use serde_json::{Value, json};
use terminal::units::{bytes, span};
use terminal::{Document, Failure, Table, Voice, say, short};

use crate::arguments::VerifyArguments;
use crate::commands::replies::{ReplyTable, trouble};
use crate::commands::score::{authorisations, subjects};
use crate::commands::verify_input::{Typed, typed};
use crate::commands::{kind, parsed, print, purpose};
use crate::phrases;

pub(super) async fn verify(
    dir: &Path,
    verify: &VerifyArguments,
    voice: Voice,
) -> Result<(), Failure> {
    let platform = verify.platform.as_ref().map(ToString::to_string).unwrap_or_default();
    let Some(formula) = &verify.that else {
        return prepare(dir, platform, verify.json, voice).await;
    };
    let Typed { formula, sealed } = typed(formula, verify)?;
    let subjects = subjects(&verify.codes)?;
    let authorisations = authorisations(&verify.authorisations)?;
    let all = subjects.len();
    let request = VerifyRequest {
        formula: formula.clone(),
        sealed,
        kind: kind(parsed(&verify.kind)?),
        subjects,
        authorisations: authorisations.into_iter().map(Into::into).collect(),
        purpose: purpose(parsed(&verify.purpose)?),
        platform,
    };
    let control = Client::open(dir).await?;
    let replies = control.verify(request).await?;
    let heads = [
        phrases::head_subject(),
        phrases::head_answer(),
        phrases::head_run(),
        phrases::head_latency(),
        phrases::head_trouble(),
    ];
    let table = Table::new(voice.language(), &heads).right(&[3]);
    let failed: fn(usize, usize) -> Text = |failed, all| phrases::verifications_failed(failed, all);
    let take = |sheet: &mut ReplyTable, reply| take(sheet, reply, &formula);
    ReplyTable::new(voice, verify.json, all, table)
        .fill(replies, take, ("NOT_VERIFIED", failed))
        .await
}

/// Hands our key over ahead of the first question.
async fn prepare(dir: &Path, platform: String, json: bool, voice: Voice) -> Result<(), Failure> {
    let control = Client::open(dir).await?;
    let answer = Document::of(&control.prepare_verification(PrepareRequest { platform }).await?);
    if json {
        say::line(answer.json());
        return Ok(());
    }
    let heads = [
        phrases::head_party(),
        phrases::head_sent(),
        phrases::head_time(),
        phrases::head_trouble(),
    ];
    let mut table = Table::new(voice.language(), &heads).right(&[1, 2]);
    for handed in answer.view().list("handed") {
        let number = |name: &str| handed.word(name).parse::<u64>().ok();
        table.row(vec![
            handed.word("to"),
            number("bytes").map_or_else(|| "-".into(), bytes),
            number("milliseconds")
                .map_or_else(|| "-".into(), |taken| span(Duration::from_millis(taken))),
            handed.word("code"),
        ]);
    }
    print(&table.lines());
    Ok(())
}

/// The line of the formula with carets under what is wrong, and why.
fn mistaken(formula: &str, mistake: Mistake) -> Failure {
    let place = |at: u32| usize::try_from(at).unwrap_or(usize::MAX);
    let shown = caret(formula, &(place(mistake.start)..place(mistake.end)));
    let why = text(mistake.text);
    let what = phrases::formula_mistake();
    Failure::usage(Text {
        en: format!("{}: {}\n{shown}", what.en, why.en),
        zh: format!("{}：{}\n{shown}", what.zh, why.zh),
    })
}

fn take(sheet: &mut ReplyTable, reply: VerifyReply, formula: &str) -> Result<(), Failure> {
    if let Some(verify_reply::Outcome::Mistake(mistake)) = reply.outcome {
        return Err(mistaken(formula, mistake));
    }
    sheet.came(|| object(&reply));
    let latency = span(Duration::from_micros(reply.latency_us));
    let run = short(&reply.run).to_owned();
    match reply.outcome {
        Some(verify_reply::Outcome::Answer(answer)) => {
            let answer = messages::Answer::try_from(answer).unwrap_or_default();
            let answer = sheet.words(&words(answer));
            sheet.answer(vec![reply.subject, answer, run, latency, String::new()]);
        }
        Some(verify_reply::Outcome::Failed(trouble)) => {
            let code = trouble.code.clone();
            sheet.failure(trouble, vec![reply.subject, "-".into(), run, latency, code]);
        }
        // Another outcome is one of a later version.
        Some(verify_reply::Outcome::Mistake(_)) | None => {}
    }
    Ok(())
}

/// An answer in the operator's language; one of a later version as what it is: not known.
fn words(answer: messages::Answer) -> Text {
    match Answer::try_from(answer) {
        Ok(answer) => Text { en: answer.en().into(), zh: answer.zh().into() },
        Err(_) => Text::same(answer.to_string()),
    }
}

fn object(reply: &VerifyReply) -> Value {
    let mut object = json!({
        "subject": reply.subject,
        "run": reply.run,
        "latency_us": reply.latency_us,
    });
    match &reply.outcome {
        Some(verify_reply::Outcome::Answer(answer)) => {
            let answer = messages::Answer::try_from(*answer).unwrap_or_default();
            object["answer"] = answer.to_string().into();
        }
        Some(verify_reply::Outcome::Failed(failed)) => object["trouble"] = trouble(failed),
        Some(verify_reply::Outcome::Mistake(_)) | None => {}
    }
    object
}

#[cfg(test)]
mod tests {
    use control::messages::{Answer, Mistake, Text, Trouble, VerifyReply, verify_reply};
    use terminal::Exit;

    use super::{mistaken, object, words};

    #[test]
    fn a_reply_is_an_object_with_an_answer_or_with_a_trouble() {
        let mut reply = VerifyReply { subject: "91320100PDY00001XR".into(), ..Default::default() };
        reply.outcome = Some(verify_reply::Outcome::Answer(Answer::Unknown.into()));
        assert_eq!(object(&reply)["answer"].as_str(), Some("unknown"));
        let trouble = Trouble { code: "QUERY_BUDGET".into(), ..Trouble::default() };
        reply.outcome = Some(verify_reply::Outcome::Failed(trouble));
        let read = object(&reply);
        assert_eq!(read["trouble"]["code"].as_str(), Some("QUERY_BUDGET"));
        assert!(read.get("answer").is_none());
    }

    #[test]
    fn an_answer_is_said_in_both_languages() {
        assert_eq!(words(Answer::No).zh, "否");
        assert_eq!(words(Answer::Unspecified).zh, "unspecified");
    }

    #[test]
    fn a_mistake_is_shown_under_its_characters_and_is_the_operators_own() {
        let text = Some(Text { en: "no such field".into(), zh: "没有该字段".into() });
        let mistake = Mistake { text, start: 4, end: 7 };
        let failure = mistaken("not 1.x", mistake);
        assert_eq!(failure.exit(), Exit::Usage);
        assert!(failure.what().en.contains("no such field"));
        assert!(failure.what().zh.contains("not 1.x\n    ^^^"), "{}", failure.what().zh);
    }
}
