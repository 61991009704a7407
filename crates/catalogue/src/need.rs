//! What must be in place before something that may be asked is done.

/// What must be in place before something that may be asked is done, the least first.
///
/// Everything above [`Need::Nothing`], the subject's own report excepted, also means an admitted
/// caller, a purpose and a record; [`crate::decide`] has seen to the first two.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Need {
    /// Nobody's authorisation: the information is public.
    Nothing,
    /// An admitted caller, a purpose and a record, but nobody's authorisation.
    Purpose,
    /// The recorded approval of the project by every holder, in place of each subject's
    /// authorisation. The subjects' authorisations do as well.
    Project,
    /// The authorisation of the subject that the records are about.
    Subject,
    /// The natural person's own consent. An enterprise's authorisation is neither needed nor
    /// enough.
    Person,
    /// The enterprise's authorisation, and the natural person's own consent beside it.
    SubjectAndPerson,
}

impl Need {
    /// What satisfies both.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Subject, Self::Person) | (Self::Person, Self::Subject) => Self::SubjectAndPerson,
            (one, two) => one.max(two),
        }
    }

    /// Whether the authorisation of the subject is among it.
    #[must_use]
    pub const fn asks_subject(self) -> bool {
        matches!(self, Self::Subject | Self::SubjectAndPerson)
    }

    /// Whether a natural person's own consent is among it.
    #[must_use]
    pub const fn asks_person(self) -> bool {
        matches!(self, Self::Person | Self::SubjectAndPerson)
    }

    /// The stable word that records carry.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::Purpose => "purpose",
            Self::Project => "project",
            Self::Subject => "subject",
            Self::Person => "person",
            Self::SubjectAndPerson => "subject_and_person",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Need;

    const ALL: [Need; 6] = [
        Need::Nothing,
        Need::Purpose,
        Need::Project,
        Need::Subject,
        Need::Person,
        Need::SubjectAndPerson,
    ];

    #[test]
    fn what_satisfies_both_satisfies_each_and_in_any_order() {
        for one in ALL {
            assert_eq!(one.and(one), one);
            for two in ALL {
                let both = one.and(two);
                assert_eq!(both, two.and(one));
                assert!(both >= one && both >= two);
                assert_eq!(both.asks_subject(), one.asks_subject() || two.asks_subject());
                assert_eq!(both.asks_person(), one.asks_person() || two.asks_person());
            }
        }
        assert_eq!(Need::Subject.and(Need::Person), Need::SubjectAndPerson);
    }
}
