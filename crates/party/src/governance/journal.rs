//! Records of the audit log: what this party writes down of itself.

use audit::{
    AuthorisationChange, Clock, Event, Logged, MemberChange, Moment, Pseudonym, Record, Version,
};
use domain::{Duty, MemberChange as Decided, RunId, Subject};
use store::{Draft, Drafted, LogPosition, NewAuthorisation, StoredJob, StoredMember};
use time::OffsetDateTime;

use crate::Trouble;
use crate::clock::now;
use crate::node::Node;

/// This program's version, as records carry it.
fn software() -> Version {
    env!("CARGO_PKG_VERSION").parse().unwrap_or(Version([0, 0, 0]))
}

/// What every record of a party has in common.
#[derive(Clone)]
pub(crate) struct RecordWriter {
    party: domain::PartyId,
    duty: Duty,
    time: Moment,
}

impl RecordWriter {
    /// The record of an event at its place.
    pub(crate) fn write(&self, place: LogPosition, event: Event) -> Logged {
        let record = Record {
            sequence: place.seq,
            previous: place.previous,
            time: self.time,
            clock: Clock::Machine,
            party: self.party.clone(),
            duty: self.duty,
            software: software(),
            event,
        };
        Logged::of(record)
    }

    /// Who writes.
    pub(crate) fn party(&self) -> &domain::PartyId {
        &self.party
    }

    /// When it writes.
    pub(crate) fn time(&self) -> Moment {
        self.time
    }
}

impl Node {
    /// A writer of records now, in this duty.
    pub(crate) fn record_writer(&self, duty: Duty) -> Result<RecordWriter, Trouble> {
        Ok(RecordWriter { party: self.config.name.clone(), duty, time: moment(now())? })
    }

    /// What stands for a subject in our log.
    pub(crate) fn pseudonym(&self, subject: &Subject) -> Pseudonym {
        self.rules.pseudonyms.subject(subject)
    }

    /// The duty in which this party does what any party does.
    pub(crate) fn first_duty(&self) -> Duty {
        self.config.duties.first().copied().unwrap_or(Duty::Holder)
    }

    /// Appends one event; returns its record's number.
    pub(crate) async fn record(&self, duty: Duty, event: Event) -> Result<u64, Trouble> {
        let writer = self.record_writer(duty)?;
        let draft: Draft = Box::new(move |place| writer.write(place, event).into_bytes().into());
        Ok(self.store.append(draft).await?)
    }

    /// Appends that an intersection begins to tell, and counts it for good.
    pub(crate) async fn record_intersection(
        &self,
        run: RunId,
        event: Event,
    ) -> Result<(), Trouble> {
        let writer = self.record_writer(Duty::Holder)?;
        let draft: Draft = Box::new(move |place| Drafted {
            intersection: Some(run),
            ..writer.write(place, event).into_bytes().into()
        });
        self.store.append(draft).await?;
        Ok(())
    }

    /// Appends how an intersection ended, unless that is written already or nothing has left in it.
    pub(crate) async fn record_intersection_over(
        &self,
        run: RunId,
        event: Event,
    ) -> Result<(), Trouble> {
        let writer = self.record_writer(Duty::Holder)?;
        let draft: Draft = Box::new(move |place| Drafted {
            intersection_over: Some(run),
            ..writer.write(place, event).into_bytes().into()
        });
        match self.store.append(draft).await {
            Ok(_) | Err(store::Error::IntersectionOver) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Appends a step of a joint training, so that it is found again by the training's run; with it goes
    /// what the step makes of the job, if anything.
    pub(crate) async fn record_training(
        &self,
        duty: Duty,
        run: RunId,
        event: Event,
        job: Option<StoredJob>,
    ) -> Result<(), Trouble> {
        let writer = self.record_writer(duty)?;
        let draft: Draft = Box::new(move |place| Drafted {
            training: Some(run),
            job,
            ..writer.write(place, event).into_bytes().into()
        });
        self.store.append(draft).await?;
        Ok(())
    }

    /// Appends events together, in this order.
    pub(crate) async fn record_all(&self, duty: Duty, events: Vec<Event>) -> Result<(), Trouble> {
        if events.is_empty() {
            return Ok(());
        }
        let writer = self.record_writer(duty)?;
        let draft: Draft = Box::new(move |mut place| {
            let write = |event| {
                let logged = writer.write(place, event);
                place = LogPosition { seq: place.seq + 1, previous: logged.leaf() };
                logged.into_bytes()
            };
            Drafted { records: events.into_iter().map(write).collect(), ..Drafted::default() }
        });
        self.store.append(draft).await?;
        Ok(())
    }

    /// Appends a decision about a member, and keeps what it leads to.
    pub(crate) async fn record_member(
        &self,
        member: &StoredMember,
        change: Decided,
    ) -> Result<(), Trouble> {
        let change = match change {
            Decided::Assess(_) => MemberChange::Assessed,
            Decided::Admit => MemberChange::Admitted,
            Decided::Suspend => MemberChange::Suspended,
            Decided::Resume => MemberChange::Resumed,
            Decided::Remove => MemberChange::Removed,
        };
        let event = Event::Member { party: member.name.clone(), change };
        let writer = self.record_writer(self.first_duty())?;
        let member = member.clone();
        let draft: Draft = Box::new(move |place| Drafted {
            member: Some(member),
            ..writer.write(place, event).into_bytes().into()
        });
        self.store.append(draft).await?;
        Ok(())
    }

    /// Appends what became of an authorisation, and keeps it.
    pub(crate) async fn record_authorisation(
        &self,
        change: AuthorisationChange,
        entry: &consent::Entry,
        new: NewAuthorisation,
    ) -> Result<(), Trouble> {
        let record = entry.record();
        let event = Event::Authorisation {
            change,
            id: record.id().clone(),
            version: record.version(),
            record: record.record_hash(),
            subject: self.pseudonym(record.subject()),
        };
        let writer = self.record_writer(self.first_duty())?;
        let draft: Draft = Box::new(move |place| Drafted {
            authorisation: Some(new),
            ..writer.write(place, event).into_bytes().into()
        });
        self.store.append(draft).await?;
        Ok(())
    }
}

/// A time as records carry it.
pub(crate) fn moment(time: OffsetDateTime) -> Result<Moment, Trouble> {
    Moment::new(time).map_err(|_| {
        Trouble::us(
            "CLOCK",
            "this machine's clock is outside the years 2000 to 2199: set it right",
            "本机时钟不在 2000 至 2199 年之间：请校正",
        )
    })
}
