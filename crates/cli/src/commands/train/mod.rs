//! `tacit train`: jobs of joint training, and the training of their models.

mod judge;
mod outcome;
mod propose;
mod show;
mod whole;

use control::messages::{JobRowsTable, TrainRequest};
use control::{Address, Client};
use documents::JobFile;
use domain::{PartyId, Text};
use serde::Deserialize;
use terminal::{Failure, View, Voice, say};

use crate::arguments::{TrainArguments, TrainCommand};
use crate::commands::{check_mode, inputs};
use crate::phrases;

pub(super) use outcome::summarise;

pub(super) async fn train(
    party: &Address,
    train: &TrainArguments,
    voice: Voice,
) -> Result<(), Failure> {
    match &train.command {
        None => propose::propose(party, &train.job, voice).await,
        Some(TrainCommand::Show { job: None, json, .. }) => show::list(party, *json, voice).await,
        Some(TrainCommand::Show { job: Some(job), proposer, json }) => {
            show::one(party, job, proposer.as_ref(), *json, voice).await
        }
        Some(TrainCommand::Accept { named, rows, column, check }) => {
            let table = match rows.as_deref().zip(column.clone()) {
                Some((file, column)) => {
                    let control = Client::open(party).await?;
                    let file = inputs::given(party, &control, file).await?;
                    let check = check_mode(*check);
                    Some(JobRowsTable { file, column, check })
                }
                None => None,
            };
            judge::accept(party, named, table, voice).await
        }
        Some(TrainCommand::Run { named, result }) => {
            let proposer = named.proposer.as_ref().map(PartyId::to_string).unwrap_or_default();
            let request = TrainRequest {
                job: named.job.to_string(),
                result: propose::result(result.as_deref())?,
                proposer,
            };
            propose::train(party, request, named.json.json, voice).await
        }
        Some(TrainCommand::Refuse { named, reason }) => {
            judge::refuse(party, named, reason, voice).await
        }
        Some(TrainCommand::Withdraw { job, reason, json }) => {
            judge::withdraw(party, job, reason, json.json, voice).await
        }
        Some(TrainCommand::Sample) => {
            say::line(JobFile::SAMPLE.trim_end());
            Ok(())
        }
    }
}

/// Where a job stands, or one of its parties with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Standing {
    Asked,
    Countersigned,
    Refused,
    Retired,
}

impl Standing {
    /// What the answer says of a job or of a party; none where it says nothing that we know.
    fn of(view: View<'_>) -> Option<Self> {
        view.read("state")
    }

    fn words(self) -> Text {
        match self {
            Self::Asked => phrases::job_asked(),
            Self::Countersigned => phrases::job_accepted(),
            Self::Refused => phrases::job_refused(),
            Self::Retired => phrases::job_withdrawn(),
        }
    }
}

/// A state in both languages; one that we do not know, in its own word.
fn state(view: View<'_>) -> Text {
    Standing::of(view).map_or_else(|| Text::same(view.word("state")), Standing::words)
}

/// The parties of a job that stand so.
fn standing<'a>(job: View<'a>, wanted: Standing) -> impl Iterator<Item = View<'a>> {
    job.list("parties").filter(move |party| Standing::of(*party) == Some(wanted))
}

/// Their names, with commas between.
fn names(job: View<'_>, wanted: Standing) -> String {
    standing(job, wanted).map(|party| party.word("party")).collect::<Vec<_>>().join(", ")
}

/// Who could not be told; what was decided is kept all the same.
fn not_reached(answer: View<'_>) -> Option<Failure> {
    let unreached: Vec<View<'_>> = answer.list("not_reached").collect();
    let first = unreached.first()?;
    let names: Vec<String> = unreached.iter().map(|party| party.word("party")).collect();
    let names = names.join(", ");
    let what = Text {
        en: format!("not told: {names} ({}): {}", first.word("code"), first.word("en")),
        zh: format!("未能通知：{names}（{}）：{}", first.word("code"), first.word("zh")),
    };
    Some(Failure::new("NOT_REACHED", what).advise(phrases::not_reached_advice()))
}
