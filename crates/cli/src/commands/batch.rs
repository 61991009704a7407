//! `tacit score --batch FILE`.

use std::path::Path;

use control::messages::{BatchRequest, Run, RunState};
use control::{Address, Client};
use terminal::runs::{BatchReport, RunRecord};
use terminal::units::count;
use terminal::{Failure, Voice, follow_or_leave, short, table};

use crate::arguments::ScoreArguments;
use crate::commands::{inputs, json_line, kind, parsed, print, purpose};
use crate::phrases;

pub(super) async fn batch(
    party: &Address,
    score: &ScoreArguments,
    list: &Path,
    voice: Voice,
) -> Result<(), Failure> {
    let control = Client::open(party).await?;
    let request = BatchRequest {
        model: score.model.to_string(),
        file: inputs::given(party, &control, list).await?,
        column: score.column.clone().unwrap_or_default(),
        kind: kind(parsed(&score.kind)?),
        check: 0,
        skip_bad: score.skip_bad,
        result: inputs::wanted(party, score.result.as_deref())?,
        purpose: purpose(parsed(&score.purpose)?),
    };
    let run = follow_or_leave(voice, control.batch(request).await?).await?;
    let run = inputs::fetched(party, &control, run, score.result.as_deref()).await?;
    if score.json {
        json_line(&RunRecord::from(run));
    } else {
        summarise(&run, voice);
    }
    Ok(())
}

/// What came of a batch: how many scores, and where they lie.
pub(super) fn summarise(run: &Run, voice: Voice) {
    let id = short(&run.id);
    voice.tell(&match run.state() {
        RunState::Unconfirmed => phrases::run_unconfirmed(id),
        _ => phrases::run_done(id),
    });
    let BatchReport { subjects, without_bin } = BatchReport::read(&run.report).unwrap_or_default();
    let mut entries = Vec::new();
    if let Some(without_bin) = without_bin {
        entries.push((phrases::head_scores(), count(subjects.saturating_sub(without_bin))));
        if without_bin > 0 {
            entries.push((phrases::head_without_bin(), count(without_bin)));
        }
    }
    entries.push((phrases::head_result(), run.result.clone()));
    print(&table::list(voice.language(), &entries));
}
