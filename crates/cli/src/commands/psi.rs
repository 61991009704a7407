//! `tacit psi`.

use control::messages::{self, PsiRequest, Run, RunState};
use control::{Address, Client};
use domain::Text;
use terminal::runs::{PsiReport, RunRecord, report_file};
use terminal::units::{bytes, count, seconds};
use terminal::{Failure, Voice, follow_or_leave, short, table};

use crate::arguments::PsiArguments;
use crate::commands::{check_mode, inputs, json_line, kind, parsed, print, purpose};
use crate::phrases;

pub(super) async fn psi(party: &Address, psi: &PsiArguments, voice: Voice) -> Result<(), Failure> {
    let control = Client::open(party).await?;
    let request = request(party, &control, psi).await?;
    let run = follow_or_leave(voice, control.psi(request).await?).await?;
    let run = inputs::fetched(party, &control, run, psi.result.as_deref()).await?;
    if psi.json {
        json_line(&RunRecord::from(run));
    } else {
        summarise(party, &run, voice);
    }
    Ok(())
}

/// What was typed, as the party takes it.
async fn request(
    party: &Address,
    control: &Client,
    psi: &PsiArguments,
) -> Result<PsiRequest, Failure> {
    if let Some(result) = &psi.result
        && result.extension().is_some_and(|extension| extension == "json")
    {
        return Err(Failure::usage(phrases::result_is_report(result.display())));
    }
    let file = match &psi.file {
        Some(file) => inputs::given(party, control, file).await?,
        None => String::new(),
    };
    let word = |word: &Option<String>| word.clone().unwrap_or_default();
    Ok(PsiRequest {
        peer: psi.peer.to_string(),
        their_register: psi.their_register.clone(),
        register: word(&psi.register),
        file,
        column: word(&psi.column),
        kind: psi.kind.as_deref().map_or(Ok(0), |word| parsed(word).map(kind))?,
        check: psi.check.as_deref().map_or(Ok(0), |word| parsed(word).map(check_mode))?,
        skip_bad: psi.skip_bad,
        output: messages::PsiOutput::from(psi.output).into(),
        pad_to: psi.pad_to.unwrap_or(0),
        result: inputs::wanted(party, psi.result.as_deref())?,
        purpose: purpose(parsed(&psi.purpose)?),
        protocol: messages::PsiProtocol::from(psi.protocol).into(),
        checked: psi.checked,
    })
}

/// What came of an intersection: sizes, matches, cost, who learned what, where things lie.
pub(super) fn summarise(party: &Address, run: &Run, voice: Voice) {
    let id = short(&run.id);
    voice.tell(&match run.state() {
        RunState::Unconfirmed => phrases::run_unconfirmed(id),
        _ => phrases::run_done(id),
    });
    let Some(report) = PsiReport::read(&run.report) else {
        return;
    };
    let mut entries = vec![
        (phrases::head_ours_size(), voice.words(&ours(&report)).to_owned()),
        (phrases::head_theirs_size(), count(report.peer_items_sent)),
    ];
    if let Some(matches) = report.matches {
        entries.push((phrases::head_matches(), count(matches)));
    }
    entries.extend([
        (phrases::head_protocol(), report.protocol.clone()),
        (phrases::head_sent(), bytes(report.chunk_bytes_sent)),
        (phrases::head_received(), bytes(report.chunk_bytes_received)),
        (phrases::head_time(), seconds(report.wall_s)),
    ]);
    if !run.result.is_empty() {
        entries.push((phrases::head_result(), run.result.clone()));
    }
    if let Some(report) = report_file(party.dir(), run) {
        entries.push((phrases::head_report(), report.display().to_string()));
    }
    print(&table::list(voice.language(), &entries));
    voice.tell(&report.we_learned());
    voice.tell(&report.peer_learned());
}

/// Our set, and what it took to get there where the file had more rows.
fn ours(report: &PsiReport) -> Text {
    let (items, sent) = (count(report.items), count(report.items_sent));
    if report.items_sent > report.items {
        phrases::padded(items, sent)
    } else if report.rows > report.items {
        let (repeated, bad) = (count(report.duplicates), count(report.bad_rows));
        phrases::of_rows(items, count(report.rows), repeated, bad)
    } else {
        Text::same(items)
    }
}
