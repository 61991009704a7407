//! `tacit match`.

use control::messages::{Claim, MatchRequest, Run};
use control::{Address, Client};
use domain::{Answer, Text};
use terminal::runs::{MatchReport, RunRecord};
use terminal::units::count;
use terminal::{Failure, Voice, follow_or_leave, short, table};

use crate::arguments::MatchArguments;
use crate::commands::score::authorisations;
use crate::commands::{check_mode, inputs, json_line, kind, parsed, print, purpose};
use crate::phrases;

pub(super) async fn matching(
    party: &Address,
    claims: &MatchArguments,
    voice: Voice,
) -> Result<(), Failure> {
    let authorisations = authorisations(&claims.authorisations)?;
    let claim =
        |(column, field): &(String, String)| Claim { column: column.clone(), field: field.clone() };
    let control = Client::open(party).await?;
    let request = MatchRequest {
        peer: claims.peer.to_string(),
        their_register: claims.their_register.clone(),
        file: inputs::given(party, &control, &claims.file).await?,
        column: claims.column.clone(),
        kind: kind(parsed(&claims.kind)?),
        check: check_mode(parsed(&claims.check)?),
        skip_bad: claims.skip_bad,
        claims: claims.claims.iter().map(claim).collect(),
        authorisations: authorisations.into_iter().map(Into::into).collect(),
        result: inputs::wanted(party, claims.result.as_deref())?,
        purpose: purpose(parsed(&claims.purpose)?),
    };
    let run = follow_or_leave(voice, control.matching(request).await?).await?;
    let run = inputs::fetched(party, &control, run, claims.result.as_deref()).await?;
    if claims.json {
        json_line(&RunRecord::from(run));
    } else {
        summarise(&run, voice);
    }
    Ok(())
}

/// What came of a match: how many answers of each kind, and where they lie.
pub(super) fn summarise(run: &Run, voice: Voice) {
    voice.tell(&phrases::run_done(short(&run.id)));
    let report = MatchReport::read(&run.report).unwrap_or_default();
    let counted = |answer: &Answer| {
        let words = Text { en: answer.en().into(), zh: answer.zh().into() };
        (words, count(report.of(*answer)))
    };
    let mut entries: Vec<_> = Answer::ALL.iter().map(counted).collect();
    entries.extend([
        (phrases::head_refused(), count(report.refused)),
        (phrases::head_unclaimed(), count(report.unclaimed)),
        (phrases::head_result(), run.result.clone()),
    ]);
    print(&table::list(voice.language(), &entries));
}
