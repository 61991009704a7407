//! Intersections: how many subjects a peer may bring, and what is written down of it.

use std::collections::BTreeSet;

use ::catalogue::Request;
use audit::{Asked, Counts, Event, Fields, Method, Protocol, Question};
use domain::{ClassId, Digest, Duty, Field, Output, PartyId, Purpose, Refusal, RunId};
use wire::{PsiOutput, PsiTerms};

use crate::Trouble;
use crate::config::Register;
use crate::governance::statements;
use crate::node::Node;

/// An intersection that this party has agreed to, and why it may.
#[derive(Clone)]
pub(crate) struct Alignment {
    with: PartyId,
    purpose: Purpose,
    terms: Digest,
    items: u64,
    ground: Ground,
}

#[derive(Clone)]
enum Ground {
    /// Nobody's data.
    Research,
    /// The peer brings no more subjects than have authorised it in one of these classes. Which they
    /// are it does not show: that is what the intersection is for.
    Authorised(BTreeSet<ClassId>),
    /// Only a count comes out, over enough subjects.
    Aggregate,
}

/// Decides about an intersection; a refusal is written down.
pub(crate) async fn decide(
    node: &Node,
    peer: &PartyId,
    run: RunId,
    register: &Register,
    terms: &PsiTerms,
    purpose: Purpose,
) -> Result<Alignment, Trouble> {
    let bytes = format!("{run} {} {:?} {}", terms.register, terms.output, terms.items);
    let hash = super::release::hashed("tacit/party/v1/alignment", bytes.as_bytes());
    let fields: BTreeSet<Field> = register.fields.values().cloned().collect();
    let decided = async {
        let ground = if !register.is_governed() {
            Ground::Research
        } else if terms.output == PsiOutput::Cardinality {
            let cohort = u32::try_from(terms.items).unwrap_or(u32::MAX);
            aggregate(node, &fields, cohort, purpose)?;
            Ground::Aggregate
        } else {
            let classes = register.classes();
            authorised(node, peer, &classes, terms.items).await?;
            Ground::Authorised(classes)
        };
        Ok(Alignment { with: peer.clone(), purpose, terms: hash, items: terms.items, ground })
    };
    let trouble: Trouble = match decided.await {
        Ok(alignment) => return Ok(alignment),
        Err(trouble) => trouble,
    };
    if let Ok(refusal) = trouble.code.parse::<Refusal>() {
        let asked = Asked {
            request: hash,
            run,
            fields: Fields::new(fields).map_err(|error| Trouble::said("OURS", &error))?,
            output: Output::Verify,
            purpose,
            question: Question::Predicate { hash },
            // Nobody stands between the two.
            platform: peer.clone(),
            receiver: peer.clone(),
        };
        let event = Event::Refused { refusal, asked, subject: None, operator: None };
        node.record(Duty::Holder, event).await?;
    }
    Err(trouble)
}

impl Alignment {
    /// Whether our own side has enough subjects for an aggregate.
    pub(crate) fn enough(&self, node: &Node, ours: u64) -> Result<(), Trouble> {
        match self.ground {
            Ground::Aggregate if ours < u64::from(node.rules.governance.min_cohort) => {
                Err(Trouble::refused(Refusal::CohortTooSmall))
            }
            Ground::Aggregate | Ground::Research | Ground::Authorised(_) => Ok(()),
        }
    }

    /// The second look, before the first tag leaves: what is written here has not left yet, and
    /// nothing leaves before it is written.
    pub(crate) async fn before_release(&self, node: &Node, run: RunId) -> Result<(), Trouble> {
        node.members.admitted(&self.with)?;
        if let Ground::Authorised(classes) = &self.ground {
            authorised(node, &self.with, classes, self.items).await?;
        }
        let event = Event::AlignmentBegun {
            run,
            with: self.with.clone(),
            purpose: self.purpose,
            method: self.method(),
            counts: Counts { rows_in: self.items, ..Counts::default() },
        };
        node.record(Duty::Holder, event).await?;
        Ok(())
    }

    /// Writes down how it ended, once tags may have left.
    pub(crate) async fn over(
        &self,
        node: &Node,
        run: RunId,
        counts: Option<Counts>,
    ) -> Result<(), Trouble> {
        let event = match counts {
            Some(counts) => Event::Aligned {
                run,
                with: self.with.clone(),
                purpose: self.purpose,
                method: self.method(),
                counts,
            },
            None => Event::AlignmentNotCompleted { run },
        };
        node.record(Duty::Holder, event).await?;
        Ok(())
    }

    fn method(&self) -> Method {
        Method { protocol: Protocol::EcdhPsi, version: 1, parameters: self.terms }
    }
}

fn aggregate(
    node: &Node,
    fields: &BTreeSet<Field>,
    cohort: u32,
    purpose: Purpose,
) -> Result<(), Trouble> {
    if cohort < node.rules.governance.min_cohort {
        return Err(Trouble::refused(Refusal::CohortTooSmall));
    }
    let fields: Vec<Field> = fields.iter().cloned().collect();
    node.rules.needs(&fields, Request::Aggregate { cohort }, purpose)?;
    Ok(())
}

/// No more subjects than have authorised the peer.
async fn authorised(
    node: &Node,
    peer: &PartyId,
    classes: &BTreeSet<ClassId>,
    items: u64,
) -> Result<(), Trouble> {
    if items <= statements::tally(node, peer, classes).await? {
        return Ok(());
    }
    Err(Trouble::refused(Refusal::AuthMissing))
}
