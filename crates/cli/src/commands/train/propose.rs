//! `tacit train JOB.toml`: lays a job before its parties, waits for them, trains.

use std::fs;
use std::ops::Range;
use std::path::Path;
use std::time::{Duration, Instant};

use control::messages::{JobsRequest, ProposeJobRequest, TrainRequest};
use control::{Address, Client};
use domain::Text;
use serde::Deserialize;
use terminal::runs::RunRecord;
use terminal::{Document, Failure, Interrupt, Table, View, Voice, follow_or_leave};
use tokio::select;
use tokio::time::sleep;
use toml::Spanned;

use crate::arguments::ProposeArguments;
use crate::commands::inputs::text;
use crate::commands::train::{Standing, names, not_reached, standing, state, summarise};
use crate::commands::{json_line, print};
use crate::phrases;

/// How often the answers of the others are looked for.
const POLL: Duration = Duration::from_secs(3);

/// How often a party that could not be reached is tried again.
const ASK_AGAIN: Duration = Duration::from_secs(60);

pub(super) async fn propose(
    party: &Address,
    job: &ProposeArguments,
    voice: Voice,
) -> Result<(), Failure> {
    let file = job.file.as_deref().ok_or_else(|| Failure::usage(phrases::no_job_file()))?;
    let result = result(job.result.as_deref())?;
    let rows = job.rows.as_deref().map_or(Ok(String::new()), text)?;
    let asked = request(file, &rows)?;
    let control = Client::open(party).await?;
    let mut answer = Document::of(&control.propose_job(asked.clone()).await?);
    if job.wait {
        answer = answered(&control, asked, answer, voice).await?;
    }
    let view = job_of(&answer);
    if let Some(failure) = not_yet(view) {
        if job.json {
            json_line(view.value());
        } else {
            print(&said(view, voice));
        }
        return Err(failure);
    }
    let (name, proposer) = (view.word("job"), view.word("proposer"));
    let lender = view.read::<Computing>("computing").map(|computing| computing.lender);
    if let Some(lender) = lender.filter(|lender| *lender != proposer) {
        if job.json {
            json_line(view.value());
        } else {
            voice.tell(&phrases::job_is_its_lenders(name, lender));
        }
        return Ok(());
    }
    train(party, TrainRequest { job: name, result, proposer }, job.json, voice).await
}

#[derive(Deserialize)]
struct Computing {
    lender: String,
}

/// Where the model goes, if its place is named.
pub(super) fn result(path: Option<&Path>) -> Result<String, Failure> {
    match path {
        Some(path) if path.extension().is_some_and(|extension| extension == "json") => {
            Err(Failure::usage(phrases::result_is_report(path.display())))
        }
        Some(path) => text(path),
        None => Ok(String::new()),
    }
}

/// Trains the model of a job that every party has accepted.
pub(super) async fn train(
    party: &Address,
    request: TrainRequest,
    json: bool,
    voice: Voice,
) -> Result<(), Failure> {
    let control = Client::open(party).await?;
    let run = follow_or_leave(voice, control.train(request).await?).await?;
    if json {
        json_line(&RunRecord::from(run));
    } else {
        summarise(party, &run, voice);
    }
    Ok(())
}

/// The job file as the party takes it: its working directory is not ours.
fn request(file: &Path, rows: &str) -> Result<ProposeJobRequest, Failure> {
    let job = fs::read_to_string(file).map_err(|error| Failure::file(file, &error))?;
    let job = if rows.is_empty() { job } else { with_rows(&job, rows) };
    let file = text(file)?;
    let folder = Path::new(&file).parent().unwrap_or(Path::new("/"));
    Ok(ProposeJobRequest { job, folder: text(folder)? })
}

/// The job file with another place of its rows, every line where it was; as it is where it names no
/// place: the party says what is wrong with it.
fn with_rows(job: &str, rows: &str) -> String {
    #[derive(Deserialize)]
    struct Outline {
        rows: Place,
    }
    #[derive(Deserialize)]
    struct Place {
        file: Spanned<String>,
    }
    let Ok(Outline { rows: Place { file } }) = toml::from_str(job) else {
        return job.to_owned();
    };
    let Range { start, end } = file.span();
    let lines = job[start..end].matches('\n').count();
    let written = toml::Value::String(rows.into()).to_string();
    [&job[..start], &written, &"\n".repeat(lines), &job[end..]].concat()
}

/// Waits until every party has answered; a party that was not reached is tried again.
async fn answered(
    control: &Client,
    asked: ProposeJobRequest,
    mut answer: Document,
    voice: Voice,
) -> Result<Document, Failure> {
    let mut interrupt = Interrupt::watch()?;
    let (mut waiting, mut last) = (String::new(), Instant::now());
    let mut unreached = not_reached(answer.view()).is_some();
    loop {
        let job = job_of(&answer);
        if Standing::of(job) != Some(Standing::Asked) {
            return Ok(answer);
        }
        let now = names(job, Standing::Asked);
        if now != waiting {
            voice.note(&phrases::job_waits(job.word("job"), &now));
            waiting = now;
        }
        let request = JobsRequest { job: job.word("job"), proposer: job.word("proposer") };
        select! {
            () = sleep(POLL) => {}
            () = interrupt.came() => {
                return Err(Failure::interrupted().advise(phrases::job_stays()));
            }
        }
        answer = if unreached && last.elapsed() >= ASK_AGAIN {
            last = Instant::now();
            let answer = Document::of(&control.propose_job(asked.clone()).await?);
            unreached = not_reached(answer.view()).is_some();
            answer
        } else {
            Document::of(&control.jobs(request).await?)
        };
    }
}

/// The job that an answer is about, be it alone or in a list.
fn job_of(answer: &Document) -> View<'_> {
    let view = answer.view();
    view.list("jobs").next().unwrap_or(view)
}

/// Why a job cannot be trained yet, if it cannot.
fn not_yet(job: View<'_>) -> Option<Failure> {
    let name = job.word("job");
    match Standing::of(job) {
        Some(Standing::Countersigned) => None,
        Some(Standing::Asked) | None => not_reached(job).or_else(|| {
            let what = phrases::job_waits(&name, names(job, Standing::Asked));
            let advice = phrases::job_waits_advice(&name);
            Some(Failure::new("JOB_NOT_COUNTERSIGNED", what).advise(advice))
        }),
        Some(Standing::Refused) => {
            let words = standing(job, Standing::Refused).map(|party| {
                let (party, reason) = (party.word("party"), party.word("reason"));
                format!("{party} ({reason})")
            });
            let words = words.collect::<Vec<_>>().join(", ");
            let what = phrases::job_refused_by(name, words);
            Some(Failure::new("JOB_REFUSED", what).advise(phrases::job_refused_advice()))
        }
        Some(Standing::Retired) => {
            Some(Failure::new("JOB_WITHDRAWN", phrases::job_is_withdrawn(name)))
        }
    }
}

/// What each party has said of a job, and what it has still to do.
fn said(job: View<'_>, voice: Voice) -> Vec<String> {
    let name = job.word("job");
    let heads = [
        phrases::head_party(),
        phrases::head_state(),
        phrases::head_reason(),
        phrases::head_to_type(),
    ];
    let mut table = Table::new(voice.language(), &heads);
    // Its proposer has said all that it has to say.
    for party in job.list("parties").filter(|party| Standing::of(*party).is_some()) {
        let to_type = match Standing::of(party) {
            Some(Standing::Asked | Standing::Refused) => format!("tacit train accept {name}"),
            Some(Standing::Countersigned | Standing::Retired) | None => "-".into(),
        };
        let at = voice.words(&state(party)).to_owned();
        table.row(vec![party.word("party"), at, party.word("reason"), to_type]);
    }
    let Text { en, zh } = state(job);
    let first = Text { en: format!("{name}: {en}"), zh: format!("{name}：{zh}") };
    [voice.words(&first).to_owned()].into_iter().chain(table.lines()).collect()
}

#[cfg(test)]
mod tests {
    use terminal::{Document, Language, Voice};

    use super::{Standing, names, not_yet, said, with_rows};

    fn job(state: &str, parties: &str) -> Document {
        let job = format!(r#"{{"job":"small-firms@1","state":"{state}","parties":[{parties}]}}"#);
        Document::written(&job)
    }

    const BANK: &str = r#"{"party":"bank","state":null}"#;
    const TAX: &str = r#"{"party":"tax","state":"asked","reason":""}"#;
    const PLATFORM: &str = r#"{"party":"platform","state":"countersigned","reason":""}"#;
    const POWER: &str = r#"{"party":"power","state":"refused","reason":"too many columns"}"#;

    #[test]
    fn a_job_is_trained_once_every_party_has_accepted_it_and_not_before() {
        let job_of = |state, parties: &[&str]| job(state, &parties.join(","));
        let all = job_of("countersigned", &[BANK, PLATFORM]);
        assert!(not_yet(all.view()).is_none());
        let waits = job_of("asked", &[BANK, TAX, PLATFORM]);
        let failure = not_yet(waits.view()).unwrap();
        assert_eq!(failure.code(), "JOB_NOT_COUNTERSIGNED");
        assert!(failure.what().en.contains("tax") && !failure.what().en.contains("platform"));
        assert!(failure.advice().unwrap().zh.contains("tacit train accept small-firms@1"));
        let refused = job_of("refused", &[POWER, PLATFORM]);
        let failure = not_yet(refused.view()).unwrap();
        assert_eq!(failure.code(), "JOB_REFUSED");
        assert!(failure.what().zh.contains("power (too many columns)"));
        assert_eq!(not_yet(job_of("retired", &[]).view()).unwrap().code(), "JOB_WITHDRAWN");
    }

    #[test]
    fn a_party_that_was_not_reached_is_named_before_those_that_only_wait() {
        let text = r#"{"job":"j@1","state":"asked","parties":[{"party":"tax","state":"asked"}],
            "not_reached":[{"party":"tax","code":"PEER_DOWN","en":"down","zh":"未运行"}]}"#;
        let failure = not_yet(Document::written(text).view()).unwrap();
        assert_eq!(failure.code(), "NOT_REACHED");
        assert!(failure.what().zh.contains("未运行"), "{}", failure.what().zh);
    }

    #[test]
    fn who_has_still_to_answer_is_told_what_to_type() {
        let job = job("asked", &[BANK, TAX, PLATFORM].join(","));
        let lines = said(job.view(), Voice::new(Language::En)).join("\n");
        let of = |party: &str| lines.lines().find(|line| line.starts_with(party));
        assert!(of("tax").unwrap().ends_with("tacit train accept small-firms@1"), "{lines}");
        assert!(of("platform").unwrap().ends_with('-') && of("bank").is_none(), "{lines}");
        assert_eq!(names(job.view(), Standing::Asked), "tax");
    }

    #[test]
    fn rows_elsewhere_take_the_place_of_those_in_the_file_and_every_line_stays() {
        let job = "# A job.\n[rows]\nfile = \"old.csv\" # here\nkind = \"uscc\"\n";
        let changed = with_rows(job, "/data/a \"b\".csv");
        let read: toml::Table = changed.parse().unwrap();
        assert_eq!(read["rows"]["file"].as_str(), Some("/data/a \"b\".csv"));
        assert_eq!(changed.lines().count(), job.lines().count());
        assert!(changed.contains("# here\nkind"), "{changed}");
        // What is no job is left for the party to complain of.
        assert_eq!(with_rows("[rows]\nfile = 3\n", "x"), "[rows]\nfile = 3\n");
    }
}
