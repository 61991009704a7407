//! All or nothing: what must stand in the store together.

use std::future::Future;
use std::panic::resume_unwind;

use domain::RunId;
use sqlx::Connection;

use crate::log::{Both, LogPosition};
use crate::registry::NewAuthorisation;
use crate::releases::NewRelease;
use crate::{
    Countersignature, Error, Store, StoredJob, StoredMember, StoredModel, StoredRegistration,
    batches, intersections, jobs, members, models, registrations, registry, releases, trainings,
};

/// Writes records once their place in the audit log is known.
pub type Draft = Box<dyn FnOnce(LogPosition) -> Drafted + Send>;

/// Records, and what they tell of.
#[derive(Default)]
pub struct Drafted {
    /// The bytes of each record, in order; at least one.
    pub records: Vec<Vec<u8>>,
    /// What is released with it, each with the place of its record among `records`.
    pub releases: Vec<(usize, NewRelease)>,
    /// What becomes of an authorisation with it.
    pub authorisation: Option<NewAuthorisation>,
    /// What is decided about a member with it.
    pub member: Option<StoredMember>,
    /// Where a registered model stands with it.
    pub registration: Option<StoredRegistration>,
    /// Where a training job stands with it.
    pub job: Option<StoredJob>,
    /// The published model that is kept with it, and when.
    pub model: Option<(StoredModel, i64)>,
    /// The batch form of a published model that is kept with it, by the publication's digest.
    pub batch_model: Option<([u8; 32], Vec<u8>)>,
    /// What holders say of a registered model, or parties of a training job, with it.
    pub countersignatures: Vec<Countersignature>,
    /// The joint training that the first of `records` tells of.
    pub training: Option<RunId>,
    /// The intersection in which, with it, something that can be told from may leave.
    pub intersection: Option<RunId>,
    /// The intersection whose end it tells: of one that nothing has left in, or whose end is told
    /// already, nothing is written.
    pub intersection_over: Option<RunId>,
}

impl From<Vec<u8>> for Drafted {
    fn from(record: Vec<u8>) -> Self {
        Self { records: vec![record], ..Self::default() }
    }
}

impl Store {
    /// Appends records to the audit log together with all that belongs to them, or nothing at all.
    /// Returns the last record's number.
    ///
    /// Once it is polled it goes to its end, also when whoever waits for it goes away.
    ///
    /// # Errors
    ///
    /// [`Error::IntersectionOver`], what else the parts of a draft refuse, or when SQLite fails; nothing
    /// is written then.
    pub async fn append(&self, draft: Draft) -> Result<u64, Error> {
        let store = self.clone();
        detached(async move { store.append_droppable(draft).await }).await
    }

    /// [`Store::append`] on the caller's own task. Dropped, it leaves the edges in doubt and no more.
    async fn append_droppable(&self, draft: Draft) -> Result<u64, Error> {
        let mut edges = self.edges.lock().await;
        let mut next: Both = edges.sure(&self.pool).await?.clone();
        let mut connection = self.pool.acquire().await?;
        let mut together = connection.begin().await?;
        let place = next.audit.place();
        let Drafted {
            records,
            releases,
            authorisation,
            member,
            registration,
            job,
            model,
            batch_model,
            countersignatures,
            training,
            intersection,
            intersection_over,
        } = draft(place);
        if let Some(run) = intersection_over {
            intersections::end(&mut together, run).await?;
        }
        for record in &records {
            next.audit.append(&mut together, record).await?;
        }
        let seq = next.audit.place().seq.saturating_sub(1);
        if let Some(authorisation) = authorisation {
            let seq = next.registry.append(&mut together, &authorisation.leaf).await?;
            registry::keep(&mut together, &authorisation, seq).await?;
        }
        if let Some(member) = member {
            members::keep(&mut together, &member).await?;
        }
        if let Some((model, kept_ms)) = model {
            models::keep(&mut together, &model, kept_ms).await?;
        }
        if let Some((digest, content)) = batch_model {
            batches::keep_model(&mut together, &digest, &content).await?;
        }
        if let Some(registration) = registration {
            registrations::keep(&mut together, &registration).await?;
        }
        if let Some(job) = job {
            jobs::keep(&mut together, &job).await?;
        }
        for said in countersignatures {
            registrations::keep_countersignature(&mut together, &said).await?;
        }
        for (record, release) in releases {
            releases::keep(&mut together, &release, place.seq + record as u64).await?;
        }
        if let Some(run) = training {
            trainings::keep(&mut together, run, place.seq).await?;
        }
        if let Some(run) = intersection {
            intersections::release(&mut together, run).await?;
        }
        edges.doubt();
        together.commit().await?;
        // Only what is on disk counts.
        edges.committed(next);
        Ok(seq)
    }
}

/// Does work on a task of its own, so that a caller who goes away does not end it half-way.
pub(crate) async fn detached<T: Send + 'static>(
    work: impl Future<Output = Result<T, Error>> + Send + 'static,
) -> Result<T, Error> {
    match tokio::spawn(work).await {
        Ok(done) => done,
        Err(error) => match error.try_into_panic() {
            Ok(panic) => resume_unwind(panic),
            // Nobody cancels it but the runtime.
            Err(_) => Err(Error::Closing),
        },
    }
}

#[cfg(test)]
mod tests;
