//! A party brings columns: aligns its register with the rows, and uploads shares of them.

use std::sync::Arc;

use domain::{PartyId, RunId};
use serde_json::json;
use session::Role;
use training::{LENDER, transfer, woe};
use wire::peer;

use super::bringing::{Bringing, place_of};
use super::gathering::What;
use super::material::Brought;
use super::{Asked, bins, material, not_gathering};
use crate::drive::Link;
use crate::node::Node;
use crate::runs::agreed::{AgreedRun, Answer, agreed};
use crate::runs::driving::Outcome;
use crate::{Trouble, setup};

/// A contribution that this party has agreed to make.
struct AgreedContribution(Bringing);

/// Agrees to bring the columns that the job names.
pub(super) async fn accept(
    node: &Arc<Node>,
    asked: Asked<'_>,
    id: RunId,
) -> Result<Answer, Trouble> {
    asked.by(&asked.job.computing.lender)?;
    let place = place_of(&asked.job, &node.config.name).ok_or_else(not_gathering)?;
    let bringing = Bringing::begin(node, asked, id, place).await?;
    Ok(agreed(AgreedContribution(bringing), peer::TrainAgreement::default()))
}

/// What is ready to be uploaded: numbers, or bins that are counted first.
enum Ready {
    Columns(Brought),
    Bins(Vec<woe::Binned>),
}

#[tonic::async_trait]
impl AgreedRun for AgreedContribution {
    fn proposer(&self) -> Role {
        LENDER
    }

    /// Takes the rows, says whether the register fits them, and uploads.
    async fn drive(self: Box<Self>, node: &Arc<Node>, lender: PartyId, link: Link) {
        let Self(own) = *self;
        let Bringing { job, digest, training, place, .. } = &own;
        let (digest, training, place) = (*digest, *training, *place);
        let contributing = async {
            let make = async |rows| {
                let Some(scorecard) = &job.scorecard else {
                    return material::bring(node, job, place, rows).await.map(Ready::Columns);
                };
                let found = bins::found(node, job, place, rows).await?;
                found.keep(node, digest, training)?;
                found.features(scorecard.prebins).map(Ready::Bins)
            };
            let ready = own.of_rows(node, &lender, link, make).await?;
            own.record_upload(node).await?;
            let mut rng = setup::chacha()?;
            let report = match ready {
                Ready::Columns(Brought { columns, report }) => {
                    let terms = material::terms(job, digest, training);
                    let sent = own.outgoing(node, What::Columns).send(|to, own| {
                        transfer::send_columns(&terms, place, columns, to, own, &mut rng)
                    });
                    sent.await?;
                    report
                }
                Ready::Bins(features) => {
                    let terms = bins::terms(job, digest, training).ok_or_else(not_gathering)?;
                    let sent = own.outgoing(node, What::Bins).send(|to, own| {
                        woe::transfer::send_features(&terms, place, features, to, own, &mut rng)
                    });
                    sent.await?;
                    json!({ "rows": job.rows.count, "to_be_counted": true })
                }
            };
            Ok(Outcome { confirmed: true, report: report.to_string(), result: None })
        };
        let done = node.ended_jobs.while_in_force(digest, contributing).await;
        own.over(done).await;
    }

    async fn give_up(self: Box<Self>, why: Trouble) {
        self.0.run.fail(why).await;
    }
}
