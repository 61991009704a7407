//! `tacit runs`, `tacit runs ID`, `tacit runs again | watch | cancel ID`.

use std::path::Path;

use control::messages::{Run, RunKind, RunState, RunsRequest};
use control::{Client, text};
use domain::Text;
use terminal::runs::{RunRecord, report_file};
use terminal::units::moment;
use terminal::{Failure, Table, Voice, follow_or_leave, say, short, table};

use crate::arguments::{RunsArguments, RunsCommand};
use crate::commands::{batch, json_line, print, psi, train};
use crate::phrases;

pub(super) async fn runs(dir: &Path, runs: &RunsArguments, voice: Voice) -> Result<(), Failure> {
    let control = Client::open(dir).await?;
    match (&runs.command, &runs.id) {
        (Some(RunsCommand::Again { id, json }), _) => again(dir, &control, id, *json, voice).await,
        (Some(RunsCommand::Watch { id, json }), _) => watch(dir, &control, id, *json, voice).await,
        (Some(RunsCommand::Cancel { id, json }), _) => cancel(&control, id, *json, voice).await,
        (None, Some(id)) => one(dir, &control, id, runs.json, voice).await,
        (None, None) => list(&control, runs.limit, runs.json, voice).await,
    }
}

async fn list(control: &Client, limit: u32, json: bool, voice: Voice) -> Result<(), Failure> {
    let runs = control.runs(RunsRequest { limit, id: String::new() }).await?;
    if json {
        for run in runs {
            json_line(&RunRecord::from(run));
        }
        return Ok(());
    }
    if runs.is_empty() {
        voice.note(&phrases::no_runs());
        return Ok(());
    }
    let heads = [
        phrases::head_run(),
        phrases::head_created(),
        phrases::head_protocol(),
        phrases::head_role(),
        phrases::head_peers(),
        phrases::head_state(),
        phrases::head_phase(),
    ];
    let mut table = Table::new(voice.language(), &heads);
    for run in runs {
        let last = voice.words(&last_words(&run)).to_owned();
        let (kind, role) = (run.protocol().to_string(), run.role().to_string());
        let state = voice.words(&state(run.state())).to_owned();
        table.row(vec![
            short(&run.id).to_owned(),
            moment(run.created_ms),
            kind,
            role,
            run.peers.join(", "),
            state,
            last,
        ]);
    }
    print(&table.lines());
    Ok(())
}

/// What a list says of a run: its trouble's code, or its phase.
fn last_words(run: &Run) -> Text {
    match &run.trouble {
        Some(trouble) => Text::same(trouble.code.clone()),
        None => text(run.phase.clone()),
    }
}

async fn one(
    dir: &Path,
    control: &Client,
    id: &str,
    json: bool,
    voice: Voice,
) -> Result<(), Failure> {
    let run = find(control, id).await?;
    if json {
        json_line(&RunRecord::from(run));
        return Ok(());
    }
    let mine = if run.ours { phrases::yes() } else { phrases::no() };
    let phase = text(run.phase.clone());
    let mut entries = vec![
        (phrases::head_run(), run.id.clone()),
        (phrases::head_protocol(), run.protocol().to_string()),
        (phrases::head_role(), run.role().to_string()),
        (phrases::head_peers(), run.peers.join(", ")),
        (phrases::head_ours(), voice.words(&mine).to_owned()),
        (phrases::head_state(), voice.words(&state(run.state())).to_owned()),
        (phrases::head_phase(), voice.words(&phase).to_owned()),
        (phrases::head_created(), moment(run.created_ms)),
        (phrases::head_updated(), moment(run.updated_ms)),
    ];
    if let Some(trouble) = &run.trouble {
        let failure = Failure::from_party(trouble.clone());
        let words = format!("{}: {}", failure.code(), voice.words(failure.what()));
        entries.push((phrases::head_trouble(), words));
    }
    if !run.result.is_empty() {
        entries.push((phrases::head_result(), run.result.clone()));
    }
    if let Some(report) = report_file(dir, &run) {
        entries.push((phrases::head_report(), report.display().to_string()));
    }
    print(&table::list(voice.language(), &entries));
    if !run.report.is_empty() {
        say::line(&run.report);
    }
    if run.trouble.is_some() && run.ours {
        voice.note(&phrases::run_again(short(&run.id)));
    }
    Ok(())
}

async fn again(
    dir: &Path,
    control: &Client,
    id: &str,
    json: bool,
    voice: Voice,
) -> Result<(), Failure> {
    let old = find(control, id).await?;
    let run = follow_or_leave(voice, control.again(&old.id).await?).await?;
    over(dir, run, json, voice);
    Ok(())
}

async fn watch(
    dir: &Path,
    control: &Client,
    id: &str,
    json: bool,
    voice: Voice,
) -> Result<(), Failure> {
    let run = find(control, id).await?;
    let run = follow_or_leave(voice, control.watch_run(run.id).await?).await?;
    over(dir, run, json, voice);
    Ok(())
}

/// What has come of a run.
fn over(dir: &Path, run: Run, json: bool, voice: Voice) {
    if json {
        json_line(&RunRecord::from(run));
        return;
    }
    match run.protocol() {
        RunKind::Psi => psi::summarise(dir, &run, voice),
        RunKind::Train => train::summarise(dir, &run, voice),
        RunKind::Unspecified
        | RunKind::Key
        | RunKind::Table
        | RunKind::KeyCheck
        | RunKind::Score
        | RunKind::Batch
        | RunKind::EvaluationKey
        | RunKind::Verify
        | RunKind::Match => batch::summarise(&run, voice),
    }
}

async fn cancel(control: &Client, id: &str, json: bool, voice: Voice) -> Result<(), Failure> {
    let run = find(control, id).await?;
    let run = control.cancel_run(run.id).await?;
    if json {
        json_line(&RunRecord::from(run));
    } else {
        voice.tell(&phrases::run_cancelled(short(&run.id)));
    }
    Ok(())
}

/// The one run whose number starts like this.
pub(super) async fn find(control: &Client, id: &str) -> Result<Run, Failure> {
    let mut found = control.runs(RunsRequest { limit: 0, id: id.to_ascii_lowercase() }).await?;
    match (found.pop(), found.len()) {
        (Some(run), 0) => Ok(run),
        (Some(_), others) => Err(Failure::new("AMBIGUOUS", phrases::many_runs(id, others + 1))),
        (None, _) => Err(Failure::new("NO_SUCH_RUN", phrases::no_such_run(id))
            .advise(phrases::no_such_run_advice())),
    }
}

/// A state in both languages; one of a later version is not known.
fn state(state: RunState) -> Text {
    match state {
        RunState::Proposed => phrases::state_proposed(),
        RunState::Agreed => phrases::state_agreed(),
        RunState::Running => phrases::state_running(),
        RunState::Done => phrases::state_done(),
        RunState::Unconfirmed => phrases::state_unconfirmed(),
        RunState::Failed => phrases::state_failed(),
        RunState::Unspecified => Text::same("-"),
    }
}
