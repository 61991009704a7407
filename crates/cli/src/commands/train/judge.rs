//! `tacit train accept | refuse | withdraw`: a word on a job.

use control::messages::{JobRowsTable, JudgeJobRequest, WithdrawJobRequest};
use control::{Address, Client};
use domain::{ModelId, PartyId, Text};
use terminal::{Document, Failure, Voice, say};

use crate::arguments::NamedJobArguments;
use crate::commands::train::{not_reached, state};

/// Accepts a job; its lender may have to say where the rows are.
pub(super) async fn accept(
    party: &Address,
    named: &NamedJobArguments,
    rows: Option<JobRowsTable>,
    voice: Voice,
) -> Result<(), Failure> {
    let word = JudgeJobRequest { accept: true, rows, ..JudgeJobRequest::default() };
    judge(party, named, word, voice).await
}

pub(super) async fn refuse(
    party: &Address,
    named: &NamedJobArguments,
    reason: &str,
    voice: Voice,
) -> Result<(), Failure> {
    let word = JudgeJobRequest { reason: reason.into(), ..JudgeJobRequest::default() };
    judge(party, named, word, voice).await
}

async fn judge(
    party: &Address,
    named: &NamedJobArguments,
    word: JudgeJobRequest,
    voice: Voice,
) -> Result<(), Failure> {
    let request = JudgeJobRequest {
        job: named.job.to_string(),
        proposer: named.proposer.as_ref().map(PartyId::to_string).unwrap_or_default(),
        ..word
    };
    let answer = Document::of(&Client::open(party).await?.judge_job(request).await?);
    told(&answer, named.json.json, voice)
}

pub(super) async fn withdraw(
    party: &Address,
    job: &ModelId,
    reason: &str,
    json: bool,
    voice: Voice,
) -> Result<(), Failure> {
    let request = WithdrawJobRequest { job: job.to_string(), reason: reason.into() };
    let answer = Document::of(&Client::open(party).await?.withdraw_job(request).await?);
    told(&answer, json, voice)
}

/// What a word has led to, and who could not be told of it.
fn told(answer: &Document, json: bool, voice: Voice) -> Result<(), Failure> {
    let view = answer.view();
    if json {
        say::line(answer.json());
    } else {
        let (job, Text { en, zh }) = (view.word("job"), state(view));
        voice.tell(&Text { en: format!("{job}: {en}"), zh: format!("{job}：{zh}") });
    }
    not_reached(view).map_or(Ok(()), Err)
}
