//! `tacit train show`: jobs that were proposed here, or laid before this party.

use control::messages::JobsRequest;
use control::{Address, Client};
use domain::{ModelId, PartyId};
use terminal::{Document, Failure, Table, View, Voice, say};

use crate::arguments::JsonArguments;
use crate::commands::train::{state, whole};
use crate::commands::{json_line, print};
use crate::phrases;

pub(super) async fn list(
    party: &Address,
    json: JsonArguments,
    voice: Voice,
) -> Result<(), Failure> {
    let answer = Document::of(&Client::open(party).await?.jobs(JobsRequest::default()).await?);
    let jobs: Vec<View<'_>> = answer.view().list("jobs").collect();
    if json.json {
        for job in jobs {
            json_line(job.value());
        }
        return Ok(());
    }
    if jobs.is_empty() {
        voice.note(&phrases::no_jobs());
        return Ok(());
    }
    let heads = [
        phrases::head_job(),
        phrases::head_proposer(),
        phrases::head_state(),
        phrases::head_rows(),
        phrases::head_until(),
        phrases::head_updated(),
        phrases::head_reason(),
    ];
    let mut table = Table::new(voice.language(), &heads).right(&[3]);
    for job in jobs {
        table.row(vec![
            job.word("job"),
            job.word("proposer"),
            voice.words(&state(job)).to_owned(),
            job.count("rows"),
            job.word("valid_until"),
            job.time("changed_ms"),
            job.word("reason"),
        ]);
    }
    print(&table.lines());
    Ok(())
}

pub(super) async fn one(
    party: &Address,
    job: &ModelId,
    proposer: Option<&PartyId>,
    json: JsonArguments,
    voice: Voice,
) -> Result<(), Failure> {
    let request = JobsRequest {
        job: job.to_string(),
        proposer: proposer.map(PartyId::to_string).unwrap_or_default(),
    };
    let answer = Document::of(&Client::open(party).await?.jobs(request).await?);
    let jobs: Vec<View<'_>> = answer.view().list("jobs").collect();
    if jobs.is_empty() {
        return Err(Failure::new("NO_SUCH_JOB", phrases::no_such_job(job))
            .advise(phrases::no_such_job_advice()));
    }
    for (at, job) in jobs.into_iter().enumerate() {
        if json.json {
            json_line(job.value());
            continue;
        }
        if at > 0 {
            say::line("");
        }
        print(&whole::whole(job, voice));
    }
    Ok(())
}
