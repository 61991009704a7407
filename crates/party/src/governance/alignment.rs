//! Intersections: how many subjects a peer may bring, and what is written down of it.

use std::collections::BTreeSet;

use ::catalogue::Request;
use audit::{Asked, Counts, Event, Fields, Method, Protocol, Question};
use domain::{ClassId, Duty, Field, Output, PartyId, Purpose, Refusal, RunId};
use store::{IntersectionLimit, NewIntersection, NewRun};
use wire::{PsiOutput, PsiProtocol, PsiTerms};

use crate::Trouble;
use crate::clock::now_ms;
use crate::config::Register;
use crate::governance::authorise::period;
use crate::governance::statements;
use crate::node::Node;

/// An intersection that this party has agreed to, and why it may.
#[derive(Clone)]
pub(crate) struct Alignment {
    asked: Asked,
    items: u64,
    register: String,
    protocol: PsiProtocol,
    ground: LegalBasis,
}

#[derive(Clone)]
enum LegalBasis {
    /// Nobody's data.
    Research,
    /// The peer brings no more subjects than have authorised it in one of these classes, and over all
    /// its runs in the period a small multiple of them. Which they are it does not show: that is what
    /// the intersection is for.
    Authorised {
        classes: BTreeSet<ClassId>,
        /// How many have, as the registry said when this was decided.
        tally: u64,
    },
    /// Only a count comes out, over enough subjects, and few times.
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
    let PsiTerms { register: named, output, items, protocol, .. } = terms;
    let bytes = format!("{run} {named} {output:?} {items} {protocol:?}");
    let hash = super::release::hashed("tacit/party/v1/alignment", bytes.as_bytes());
    let fields: BTreeSet<Field> = register.fields.values().cloned().collect();
    let asked = Asked {
        request: hash,
        run,
        fields: Fields::new(fields.clone()).map_err(|error| Trouble::from_error("OURS", &error))?,
        output: Output::Verify,
        purpose,
        question: Question::Predicate { hash },
        // Nobody stands between the two.
        platform: peer.clone(),
        receiver: peer.clone(),
    };
    let decided = async {
        let ground = if !register.is_governed() {
            LegalBasis::Research
        } else if terms.output == PsiOutput::Cardinality {
            aggregate(node, &fields, terms, purpose)?;
            LegalBasis::Aggregate
        } else {
            let classes = register.classes();
            let tally = authorised(node, peer, &classes, terms.items).await?;
            LegalBasis::Authorised { classes, tally }
        };
        let (register, protocol) = (terms.register.clone(), terms.protocol);
        let alignment =
            Alignment { asked: asked.clone(), items: terms.items, register, protocol, ground };
        // Before the register is read; it is asked again when the run is written down.
        if node.store.may_intersect(&alignment.counted(), alignment.limit(node)).await? {
            return Ok(alignment);
        }
        Err(Trouble::refused(Refusal::IntersectionBudget))
    };
    match decided.await {
        Ok(alignment) => Ok(alignment),
        Err(trouble) => Err(refused(node, asked, trouble).await),
    }
}

impl Alignment {
    /// Records the run that begins, and counts it against what the peer may ask in the period.
    ///
    /// # Errors
    ///
    /// When our own side has too few subjects for an aggregate, or the peer has asked enough: it is
    /// written down, and there is no run.
    pub(crate) async fn begin(&self, node: &Node, run: &NewRun, ours: u64) -> Result<(), Trouble> {
        let begun = async {
            match self.ground {
                LegalBasis::Aggregate if ours < u64::from(node.rules.governance.min_cohort) => {
                    return Err(Trouble::refused(Refusal::CohortTooSmall));
                }
                LegalBasis::Aggregate | LegalBasis::Research | LegalBasis::Authorised { .. } => {}
            }
            let limit = self.limit(node);
            Ok(node.store.begin_intersection(run, &self.counted(), limit, now_ms()).await?)
        };
        match begun.await {
            Ok(()) => Ok(()),
            Err(trouble) => Err(refused(node, self.asked.clone(), trouble).await),
        }
    }

    /// The second look, before the first tag or value leaves: what is written here has not left yet, and
    /// nothing leaves before it is written.
    pub(crate) async fn before_release(&self, node: &Node, run: RunId) -> Result<(), Trouble> {
        node.members.admitted(self.with())?;
        if let LegalBasis::Authorised { classes, .. } = &self.ground {
            authorised(node, self.with(), classes, self.items).await?;
        }
        let event = Event::AlignmentBegun {
            run,
            with: self.with().clone(),
            purpose: self.asked.purpose,
            method: self.method(),
            counts: Counts { rows_in: self.items, ..Counts::default() },
        };
        node.record_intersection(run, event).await
    }

    /// Writes down how it ended, if tags or values may have left and no end of it is written.
    pub(crate) async fn over(
        &self,
        node: &Node,
        run: RunId,
        counts: Option<Counts>,
    ) -> Result<(), Trouble> {
        let event = match counts {
            Some(counts) => Event::Aligned {
                run,
                with: self.with().clone(),
                purpose: self.asked.purpose,
                method: self.method(),
                counts,
            },
            None => Event::AlignmentNotCompleted { run },
        };
        node.record_intersection_over(run, event).await
    }

    fn with(&self) -> &PartyId {
        &self.asked.receiver
    }

    fn method(&self) -> Method {
        let protocol = match self.protocol {
            PsiProtocol::Ecdh => Protocol::EcdhPsi,
            PsiProtocol::Vole { .. } => Protocol::VolePsi,
        };
        Method { protocol, version: 1, parameters: self.asked.request }
    }

    /// What counts against the peer.
    fn counted(&self) -> NewIntersection {
        NewIntersection {
            peer: self.with().clone(),
            register: self.register.clone(),
            aggregate: matches!(self.ground, LegalBasis::Aggregate),
            items: self.items,
        }
    }

    /// How much of that the peer may ask in the period.
    fn limit(&self, node: &Node) -> IntersectionLimit {
        let governance = &node.rules.governance;
        let since_ms = period(node);
        match &self.ground {
            LegalBasis::Research => IntersectionLimit::Unlimited,
            LegalBasis::Authorised { tally, .. } => {
                IntersectionLimit::Items { most: governance.items_for(*tally), since_ms }
            }
            LegalBasis::Aggregate => {
                let most = governance.aggregates_per_register.into();
                IntersectionLimit::Aggregates { most, since_ms }
            }
        }
    }
}

/// Writes a refusal down, if the table of codes has it, and returns it.
async fn refused(node: &Node, asked: Asked, trouble: Trouble) -> Trouble {
    if let Ok(refusal) = trouble.code.parse::<Refusal>() {
        let peer = asked.receiver.clone();
        let event = Event::Refused { refusal, asked, subject: None, operator: None };
        node.record_refusals(Duty::Holder, &peer, vec![event]).await;
    }
    trouble
}

fn aggregate(
    node: &Node,
    fields: &BTreeSet<Field>,
    terms: &PsiTerms,
    purpose: Purpose,
) -> Result<(), Trouble> {
    if terms.pad_to.is_some() {
        return Err(padded_aggregate());
    }
    let cohort = u32::try_from(terms.items).unwrap_or(u32::MAX);
    if cohort < node.rules.governance.min_cohort {
        return Err(Trouble::refused(Refusal::CohortTooSmall));
    }
    let fields: Vec<Field> = fields.iter().cloned().collect();
    node.rules.needs(&fields, Request::Aggregate { cohort }, purpose)?;
    Ok(())
}

/// A count of firms or persons is over subjects, and padding is none.
pub(crate) fn padded_aggregate() -> Trouble {
    Trouble::us(
        "PADDING",
        "a count of firms or persons is over the subjects that are really sent: leave the padding out",
        "对企业或个人计数时，仅计实际送入的主体：请勿填充",
    )
}

/// Refuses more subjects than have authorised the peer; returns how many have.
async fn authorised(
    node: &Node,
    peer: &PartyId,
    classes: &BTreeSet<ClassId>,
    items: u64,
) -> Result<u64, Trouble> {
    let tally = statements::tally(node, peer, classes).await?;
    if items <= tally { Ok(tally) } else { Err(Trouble::refused(Refusal::AuthMissing)) }
}
