//! The firms of the demonstration sign: an identity issuer, a key a firm, an authorisation a lender.

use std::collections::HashMap;

use documents::{
    Authorisation, ChangeKind, Grant, Models, PublicKey, Sample, SubjectKey, change, grant, new_id,
    scope_line,
};
use domain::{CheckMode, Purpose, Subject};
use terminal::Failure;
use terminal::units::{Day, now};
use time::{Duration, OffsetDateTime};

use super::material::Material;
use super::parties::{PLATFORM, PROVINCE};
use super::phrases;

/// Who binds the demonstration's firms to their keys.
const ISSUER: &str = "licences";

/// What every firm grants: scores from tax, arrears, tax grade, social insurance, housing fund and
/// power, and answers to formulas where the registers have what these ask about.
pub const SCOPE: [&str; 7] = [
    "1:score,verify",
    "2:score,verify",
    "4:score",
    "10:score,verify",
    "13:score,verify",
    "14:score,verify",
    "15:score",
];

/// How often an authorisation may be used, and for how many days.
pub(super) const USES: u32 = 20;
pub(super) const DAYS: u16 = 30;

/// The issuer, and what each bank's customers have signed.
pub(super) struct Letters {
    issuer: Sample,
    signed: HashMap<(&'static str, String), Letter>,
}

/// What one firm has signed for one bank, and with which key.
struct Letter {
    json: Vec<u8>,
    record: Authorisation,
    subject_key: SubjectKey,
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

    /// The issuer as a reader of receipts trusts it.
    pub(super) fn issuer_key(&self) -> (domain::PartyId, PublicKey) {
        (self.issuer.name().clone(), self.issuer.public())
    }

    /// One firm signs for one bank; returns what it has signed.
    pub(super) fn sign(
        &mut self,
        material: &Material,
        lender: &'static str,
        code: &str,
    ) -> Result<&[u8], Failure> {
        // Whole seconds, as certificates have them; the notice is read before it is signed.
        let now = OffsetDateTime::now_utc().replace_nanosecond(0).expect("0 is a nanosecond");
        let (certified, shown) = (now - Duration::minutes(2), now - Duration::minutes(1));
        let subject = Subject::parse(material.kind, code, CheckMode::Strict)
            .map_err(|error| Failure::usage(domain::Text::same(error.to_string())))?
            .value;
        let subject_key = self.issuer.subject_key(&subject, certified)?;
        let scope = SCOPE.iter().map(|line| scope_line(line)).collect::<Result<Vec<_>, _>>()?;
        let wanted = Grant {
            id: new_id(now)?,
            subject,
            lender: lender.parse().expect("a constant that is a name"),
            platform: PLATFORM.parse().expect("a constant that is a name"),
            node: Some(PROVINCE.parse().expect("a constant that is a name")),
            scope,
            models: Models::Only([material.card.model().clone()].into()),
            purpose: Purpose::PreLoan,
            application: None,
            from: Day::of(now).0,
            days: DAYS,
            max_uses: USES,
            interval_s: 0,
            persons: Vec::new(),
            letter: None,
        };
        let signed = grant(wanted, &subject_key, shown)?.sign(&subject_key, now)?;
        let letter = Letter { json: signed.json, record: signed.record, subject_key };
        Ok(&self.signed.entry((lender, code.into())).insert_entry(letter).into_mut().json)
    }

    /// One firm ends what it has granted a bank; returns what it has signed.
    pub(super) fn revoke(&self, lender: &'static str, code: &str) -> Result<Vec<u8>, Failure> {
        let letter = self.signed.get(&(lender, code.to_owned()));
        let letter = letter.ok_or_else(|| Failure::new("NO_LETTER", phrases::no_letter()))?;
        Ok(change(&letter.record, ChangeKind::Revoke, &letter.subject_key, now())?)
    }

    /// What these firms have signed for a bank.
    pub(super) fn of(&self, lender: &'static str, codes: &[String]) -> Vec<Vec<u8>> {
        let letter = |code: &String| self.signed.get(&(lender, code.clone()));
        codes.iter().filter_map(letter).map(|letter| letter.json.clone()).collect()
    }
}
