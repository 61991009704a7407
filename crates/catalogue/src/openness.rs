//! What is public: by whose word, and on which days.

use domain::ClassId;
use time::Date;

use crate::words::words;
use crate::{Class, FieldEntry, SharingMode};

words! {
    /// Who or what says whether a class's records are public (national L63).
    OpennessRule, "an openness rule":
    /// The provider declares it, field by field; not public until it does.
    ProviderDeclares "provider_declares"
        "the provider declares it" "由提供单位声明";
    /// Public during the notice, both its days included.
    PublicNoticeWindow "public_notice_window"
        "public during the notice" "公告期内公开";
    /// Public from its publicity date on.
    FromPublicityDate "from_publicity_date"
        "public from the publicity date on" "自公示日期起公开";
    /// Each record says so itself (公开类型).
    PerRecordDisclosureType "per_record_disclosure_type"
        "as the record's disclosure type says" "按记录的公开类型";
    /// Public up to and on its last publicity date, not afterwards.
    PublicUntilPublicityEndDate "public_until_publicity_end_date"
        "public until the publicity end date" "公示截止日期前公开";
}

/// What a catalogue says about one field's openness, beside the rule of its class.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Openness {
    /// The rule of the class decides; without a declaration that means not public.
    ByRule,
    /// Declared public by this responsible department.
    Public {
        /// The department's key in the catalogue.
        declared_by: String,
    },
    /// Never public, whatever the rule of the class says.
    NonPublic,
}

/// What a record says about its own publicity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Publicity {
    /// Its publicity dates.
    Window(PublicityWindow),
    /// Its disclosure type: whether it says "public".
    Disclosed(bool),
}

/// A record's publicity dates: a notice from and to, or a publicity date and end date.
///
/// Both days count as public. Days are those of Asia/Shanghai.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PublicityWindow {
    /// The first day, where the record has one.
    pub from: Option<Date>,
    /// The last day, where the record has one.
    pub until: Option<Date>,
}

impl PublicityWindow {
    fn has_begun(self, today: Date) -> bool {
        self.from.is_some_and(|from| from <= today)
    }

    fn has_not_ended(self, today: Date) -> bool {
        self.until.is_some_and(|until| today <= until)
    }
}

impl OpennessRule {
    /// Whether a record that says this is public on this day; a date that the rule needs and the
    /// record lacks means no.
    #[must_use]
    pub fn admits(self, publicity: Publicity, today: Date) -> bool {
        match (self, publicity) {
            (Self::PublicNoticeWindow, Publicity::Window(window)) => {
                window.has_begun(today) && window.has_not_ended(today)
            }
            (Self::FromPublicityDate, Publicity::Window(window)) => window.has_begun(today),
            (Self::PublicUntilPublicityEndDate, Publicity::Window(window)) => {
                window.from.is_none_or(|from| from <= today) && window.has_not_ended(today)
            }
            (Self::PerRecordDisclosureType, Publicity::Disclosed(public)) => public,
            (Self::ProviderDeclares, Publicity::Window(_) | Publicity::Disclosed(_))
            | (
                Self::PublicNoticeWindow
                | Self::FromPublicityDate
                | Self::PublicUntilPublicityEndDate,
                Publicity::Disclosed(_),
            )
            | (Self::PerRecordDisclosureType, Publicity::Window(_)) => false,
        }
    }
}

impl Class {
    /// Whether this field of the class is public on this day.
    ///
    /// `records` is what each record in question says of itself; where the rule goes by the record,
    /// every record must be public, and none at all is not public. So before any record is looked
    /// at, or about a subject that has none, the field is not public.
    #[must_use]
    pub fn is_public(
        &self,
        entry: &FieldEntry,
        records: &[(ClassId, Publicity)],
        today: Date,
    ) -> bool {
        if self.barred_from_publicity(entry).is_some() {
            return false;
        }
        match entry.openness() {
            Openness::NonPublic => false,
            Openness::Public { .. } => true,
            Openness::ByRule => {
                let mut own = records.iter().filter(|(class, _)| *class == self.id()).peekable();
                own.peek().is_some() && own.all(|(_, said)| self.rule().admits(*said, today))
            }
        }
    }

    /// Why no declaration and no date makes this field public, if there is a reason.
    pub(crate) fn barred_from_publicity(&self, entry: &FieldEntry) -> Option<&'static str> {
        if entry.is_personal() {
            return Some("it says who a natural person is (L69: no personal privacy)");
        }
        match entry.mode() {
            SharingMode::InterfaceWithAuthorisation
            | SharingMode::VerificationWithAuthorisation => {
                return Some("its sharing mode asks for authorisation");
            }
            SharingMode::CentralisedCollection | SharingMode::InterfaceWithoutAuthorisation => {}
        }
        // Detail of social insurance stays at home even where a field of it is merely collected.
        self.asks_authorisation().then_some("its class has fields that ask for authorisation")
    }
}

#[cfg(test)]
mod tests {
    use time::Date;
    use time::macros::date;

    use super::{OpennessRule, Publicity, PublicityWindow};

    const FIRST: Date = date!(2026 - 03 - 01);
    const LAST: Date = date!(2026 - 03 - 31);
    const BEFORE: Date = date!(2026 - 02 - 28);
    const AFTER: Date = date!(2026 - 04 - 01);

    fn window(from: Option<Date>, until: Option<Date>) -> Publicity {
        Publicity::Window(PublicityWindow { from, until })
    }

    fn days(rule: OpennessRule, publicity: Publicity) -> [bool; 4] {
        [BEFORE, FIRST, LAST, AFTER].map(|today| rule.admits(publicity, today))
    }

    #[test]
    fn a_notice_is_public_on_its_first_and_last_day_and_needs_both() {
        let rule = OpennessRule::PublicNoticeWindow;
        assert_eq!(days(rule, window(Some(FIRST), Some(LAST))), [false, true, true, false]);
        assert_eq!(days(rule, window(Some(FIRST), None)), [false; 4]);
        assert_eq!(days(rule, window(None, Some(LAST))), [false; 4]);
        assert_eq!(days(rule, window(Some(LAST), Some(FIRST))), [false; 4], "upside down");
    }

    #[test]
    fn a_pledge_is_public_from_its_publicity_date_on() {
        let rule = OpennessRule::FromPublicityDate;
        assert_eq!(days(rule, window(Some(FIRST), None)), [false, true, true, true]);
        assert_eq!(days(rule, window(None, Some(LAST))), [false; 4]);
    }

    #[test]
    fn a_sanction_stops_being_public_after_its_end_date() {
        let rule = OpennessRule::PublicUntilPublicityEndDate;
        assert_eq!(days(rule, window(None, Some(LAST))), [true, true, true, false]);
        assert_eq!(days(rule, window(Some(FIRST), Some(LAST))), [false, true, true, false]);
        assert_eq!(days(rule, window(Some(FIRST), None)), [false; 4], "no end date, not public");
    }

    #[test]
    fn a_commitment_is_public_when_its_record_says_so() {
        let rule = OpennessRule::PerRecordDisclosureType;
        assert_eq!(days(rule, Publicity::Disclosed(true)), [true; 4]);
        assert_eq!(days(rule, Publicity::Disclosed(false)), [false; 4]);
        assert_eq!(days(rule, window(Some(FIRST), Some(LAST))), [false; 4]);
    }

    #[test]
    fn dates_do_not_open_what_the_provider_must_declare() {
        for said in [window(Some(FIRST), Some(LAST)), Publicity::Disclosed(true)] {
            assert_eq!(days(OpennessRule::ProviderDeclares, said), [false; 4]);
        }
    }
}
