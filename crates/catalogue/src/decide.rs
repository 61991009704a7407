//! May this be asked at all?

use domain::{Output, Refusal};

use crate::{
    About, Allowed, AllowedField, Ask, Caller, Case, Catalogue, Citation, Class, Effect,
    FieldEntry, Need, Profile, Refused, Request, Ruling, SharingMode,
};

/// Decides by class, field, mode, openness, output and purpose, under a profile.
///
/// Looks at no authorisation and no register. What it allows has a [`Need`] that others must see
/// met; what it refuses nobody can make good.
///
/// # Errors
///
/// [`Refusal::MemberState`] for a caller that is not admitted, unless a subject asks for its own
/// report; [`Refusal::ModeForbids`] for a field that is not listed or does not have this output;
/// [`Refusal::NotPublic`] when only public information is given and this is not;
/// [`Refusal::CohortTooSmall`]; [`Refusal::ProfileDenies`] for what the profile denies, the lack of
/// a purpose among it.
pub fn decide(catalogue: &Catalogue, profile: &Profile, ask: &Ask<'_>) -> Ruling {
    let own = ask.request == Request::Output(Output::Own);
    if ask.caller == Caller::Unknown && !own {
        return Err(Refused::new(Refusal::MemberState, None, Citation::admission()));
    }
    let judged = ask.fields.iter().map(|field| {
        let (class, entry) = catalogue.lookup(field).ok_or_else(|| {
            Refused::new(Refusal::ModeForbids, Some(field), Citation::unlisted(catalogue))
        })?;
        let (need, citation) = Matter { profile, ask, class, entry }.judged()?;
        let citation = citation.and(&Citation::row(class, entry));
        Ok(AllowedField { field: field.clone(), need, citation })
    });
    let fields = judged.collect::<Result<Vec<_>, _>>()?;
    // The first of the strictest: `max_by_key` would take the last.
    let Some(strictest) = fields.iter().rev().max_by_key(|judged| judged.need) else {
        return Err(Refused::new(Refusal::ModeForbids, None, Citation::nothing_named()));
    };
    let need = fields.iter().fold(Need::Nothing, |need, judged| need.and(judged.need));
    if need != Need::Nothing && !own && ask.purpose.is_none() {
        let citation = profile.position(Case::OutsideFinancing).citation();
        return Err(Refused::new(Refusal::ProfileDenies, None, citation));
    }
    Ok(Allowed { need, citation: strictest.citation.clone(), fields })
}

/// One field of an ask.
struct Matter<'a> {
    profile: &'a Profile,
    ask: &'a Ask<'a>,
    class: &'a Class,
    entry: &'a FieldEntry,
}

/// What a field needs, and the article.
type Judged = Result<(Need, Citation), Refused>;

impl Matter<'_> {
    fn judged(&self) -> Judged {
        match self.ask.request {
            Request::Output(output) if !self.entry.outputs().contains(&output) => {
                Err(self.not_offered())
            }
            Request::Output(output) => self.output(output),
            Request::PublicReport => self.published(Case::PublicInformation),
            Request::BatchPush if self.class.about() == About::Person => {
                Err(self.refused(Refusal::ModeForbids, Citation::no_lists_of_persons()))
            }
            Request::BatchPush => self.published(Case::BatchPush),
            Request::Aggregate { cohort } => self.aggregate(cohort),
        }
    }

    fn output(&self, output: Output) -> Judged {
        match output {
            Output::Score | Output::Verify | Output::Train if self.is_open() => self.open(),
            Output::Score => self.about_one(Case::ScoreWithAuthorisation),
            Output::Verify => self.about_one(Case::VerificationWithAuthorisation),
            Output::Train => self.training(),
            // Watching and showing go further than one answer: both need the subject even where
            // the information is public. Of showing Jiangsu art. 8 says so; of watching (art. 9)
            // it is the toolkit's own rule.
            Output::Monitor => {
                let (need, citation) = self.authorised(Case::VerificationWithAuthorisation)?;
                Ok((need, citation.and(&Citation::monitoring())))
            }
            Output::Display => {
                let (need, _) = self.authorised(Case::ScoreWithAuthorisation)?;
                Ok((need, self.position(Case::DisplayWithoutAuthorisation)))
            }
            // A subject reads what was done with its data; for a person that is the person.
            Output::Own => match self.class.about() {
                About::Enterprise | About::Litigant => Ok((Need::Subject, Citation::own())),
                About::Person => Ok((Need::Person, Citation::own())),
            },
        }
    }

    /// A score or an answer about one subject, from what is not public.
    ///
    /// Court data follows case 10, restrictions on persons (8) among it: the annex shares that very
    /// class without authorisation, for a stated purpose, and what it says of one class goes before
    /// the general rule on persons (个人信息保护法 art. 13 and 29). Where case 10 is denied the
    /// general rule stands again.
    fn about_one(&self, case: Case) -> Judged {
        let court = Case::CourtWithoutAuthorisation;
        if self.is_court() && self.profile.effect(court) == Effect::Allow {
            return Ok((Need::Purpose, self.position(court)));
        }
        self.authorised(case)
    }

    /// A row of a training on shares, from what is not public.
    ///
    /// A project's approval stands in for enterprises' authorisations, never for a person's.
    fn training(&self) -> Judged {
        let training = Case::TrainingWithoutAuthorisation;
        let person = self.authorising().asks_person();
        match self.profile.effect(training) {
            Effect::Project if !person => {
                let citation = self.position(training);
                // Collected data lies at the node, which may not hand it to a platform itself: the
                // provider takes part (case 4; Jiangsu art. 14).
                let collected = self.entry.mode() == SharingMode::CentralisedCollection;
                let gate = Case::NodeToPlatformWithoutAuthorisation;
                let citation =
                    if collected { citation.and(&self.position(gate)) } else { citation };
                Ok((Need::Project, citation))
            }
            Effect::Project | Effect::Deny | Effect::AllowPublic | Effect::Allow => {
                Ok((self.authorising(), self.with_person(self.position(training))))
            }
        }
    }

    /// What the profile allows with authorisation.
    fn authorised(&self, case: Case) -> Judged {
        match self.profile.effect(case) {
            Effect::Allow => Ok((self.authorising(), self.with_person(self.position(case)))),
            Effect::Deny | Effect::Project | Effect::AllowPublic => Err(self.denied(case)),
        }
    }

    /// Whose authorisation it takes, once it takes one.
    ///
    /// Real estate of persons (29, 30) is shared 经企业授权 and needs the person beside the
    /// enterprise; restrictions and sanctions on persons (8, 37) need the person alone, for the
    /// annex asks nothing of the enterprise there. A litigant (7, 9) is the subject itself,
    /// whichever of the two it is.
    fn authorising(&self) -> Need {
        match self.class.about() {
            About::Person if self.entry.mode().asks_authorisation() => Need::SubjectAndPerson,
            About::Person => Need::Person,
            About::Enterprise if self.entry.is_personal() => Need::SubjectAndPerson,
            About::Enterprise | About::Litigant => Need::Subject,
        }
    }

    fn with_person(&self, citation: Citation) -> Citation {
        if self.authorising().asks_person() { citation.and(&Citation::person()) } else { citation }
    }

    /// A desensitised figure: what may be counted is a fact that may be a feature.
    fn aggregate(&self, cohort: u32) -> Judged {
        if !self.entry.is_feature() {
            return Err(self.not_offered());
        }
        match self.profile.effect(Case::Aggregate) {
            Effect::Deny | Effect::Project | Effect::AllowPublic => {
                Err(self.denied(Case::Aggregate))
            }
            Effect::Allow if cohort < self.profile.minimum_cohort() => {
                let citation = Citation::cohort(self.profile.minimum_cohort());
                Err(self.refused(Refusal::CohortTooSmall, citation))
            }
            Effect::Allow => Ok((Need::Purpose, self.position(Case::Aggregate))),
        }
    }

    /// What is given only while it is public.
    fn published(&self, case: Case) -> Judged {
        if self.profile.effect(case) == Effect::Deny {
            return Err(self.denied(case));
        }
        if !self.is_public() {
            let citation = self.position(case).and(&Citation::row(self.class, self.entry));
            return Err(self.refused(Refusal::NotPublic, citation));
        }
        let (need, citation) = self.open()?;
        Ok((need, if case == Case::BatchPush { self.position(case) } else { citation }))
    }

    /// Public information: nobody's authorisation; about a person, only for a purpose.
    fn open(&self) -> Judged {
        let citation = self.position(Case::PublicInformation);
        match self.class.about() {
            About::Person => Ok((Need::Purpose, citation.and(&Citation::published_person()))),
            About::Enterprise | About::Litigant => Ok((Need::Nothing, citation)),
        }
    }

    fn is_open(&self) -> bool {
        self.is_public() && self.profile.effect(Case::PublicInformation) == Effect::Allow
    }

    fn is_public(&self) -> bool {
        self.class.is_public(self.entry, self.ask.publicity, self.ask.today)
    }

    fn is_court(&self) -> bool {
        self.entry.mode() == SharingMode::InterfaceWithoutAuthorisation
    }

    fn position(&self, case: Case) -> Citation {
        self.profile.position(case).citation()
    }

    fn not_offered(&self) -> Refused {
        let citation = Citation::row(self.class, self.entry).and(&Citation::by_type(self.entry));
        self.refused(Refusal::ModeForbids, citation)
    }

    fn denied(&self, case: Case) -> Refused {
        self.refused(Refusal::ProfileDenies, self.position(case))
    }

    fn refused(&self, refusal: Refusal, citation: Citation) -> Refused {
        Refused::new(refusal, Some(self.entry.field()), citation)
    }
}
