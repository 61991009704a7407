//! The firms of the demonstration sign: an identity issuer, a key a firm, an authorisation each.

use std::collections::HashMap;

use domain::{CheckMode, Purpose, Subject};
use party::documents::{Grant, Models, Sample, grant, new_id, scope_line};
use time::{Duration, OffsetDateTime};

use super::material::Material;
use super::parties::{BANK, PLATFORM};
use crate::failure::Failure;

/// Who binds the demonstration's firms to their keys.
const ISSUER: &str = "licences";

/// What every firm grants: scores from tax, arrears, tax grade, social insurance and power.
pub(super) const SCOPE: [&str; 6] =
    ["1:score", "2:score", "4:score", "10:score", "14:score", "15:score"];

/// How often an authorisation may be used, and for how many days.
const USES: u32 = 10;
const DAYS: u16 = 30;

/// The issuer, and what each of the bank's customers has signed.
pub(super) struct Letters {
    issuer: Sample,
    signed: HashMap<String, Vec<u8>>,
}

impl Letters {
    /// An issuer whom nobody has come to yet.
    pub(super) fn new() -> Result<Self, Failure> {
        let name = ISSUER.parse().expect("a constant that is a name");
        Ok(Self { issuer: Sample::new(name)?, signed: HashMap::new() })
    }

    /// The issuer as configurations trust it: its name and key.
    pub(super) fn issuer(&self) -> (String, String) {
        (self.issuer.name().to_string(), self.issuer.public().to_string())
    }

    /// One firm signs; returns what it has signed.
    pub(super) fn sign(&mut self, material: &Material, code: &str) -> Result<&[u8], Failure> {
        // Whole seconds, as certificates have them; the notice is read before it is signed.
        let now = OffsetDateTime::now_utc().replace_nanosecond(0).expect("0 is a nanosecond");
        let (certified, shown) = (now - Duration::minutes(2), now - Duration::minutes(1));
        let subject = Subject::parse(material.kind, code, CheckMode::Strict)
            .map_err(|error| Failure::usage(crate::language::Text::same(error.to_string())))?
            .value;
        let hand = self.issuer.hand(&subject, certified)?;
        let scope = SCOPE.iter().map(|line| scope_line(line)).collect::<Result<Vec<_>, _>>()?;
        let wanted = Grant {
            id: new_id(now)?,
            subject,
            lender: BANK.parse().expect("a constant that is a name"),
            platform: PLATFORM.parse().expect("a constant that is a name"),
            node: None,
            scope,
            models: Models::Only([material.card.model().clone()].into()),
            purpose: Purpose::PreLoan,
            application: None,
            from: shanghai(now).date(),
            days: DAYS,
            max_uses: USES,
            interval_s: 0,
            persons: Vec::new(),
            letter: None,
        };
        let signed = grant(wanted, &hand, shown)?.sign(&hand, now)?;
        Ok(self.signed.entry(code.into()).or_insert(signed.json))
    }

    /// What these firms have signed.
    pub(super) fn of(&self, codes: &[String]) -> Vec<Vec<u8>> {
        codes.iter().filter_map(|code| self.signed.get(code).cloned()).collect()
    }
}

fn shanghai(time: OffsetDateTime) -> OffsetDateTime {
    let offset = time::UtcOffset::from_hms(8, 0, 0).expect("eight hours are an offset");
    time.to_offset(offset)
}
