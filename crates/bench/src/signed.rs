//! Made-up firms of three holders' registers, each of which signs an authorisation.

use documents::{Grant, Models, Sample, grant, new_id, scope_line};
use domain::{CheckMode, Purpose, Subject, SubjectKind, Text, Uscc};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use terminal::Failure;
use time::{OffsetDateTime, UtcOffset};

pub(super) const PLATFORM: &str = "platform";
pub(super) const BANK: &str = "bank";
/// The provincial node: the registry of authorisations is no platform's.
pub(super) const PROVINCE: &str = "province";

/// What each holder has: the class of the catalogue, and amounts of yuan in it.
pub(super) const FIELDS: [(u16, [&str; 3]); 3] = [
    (1, ["vat_paid_12m_cny", "cit_paid_12m_cny", "vat_payable_12m_cny"]),
    (10, ["month_paid_total_cny", "employer_contribution_base_cny", "month_payable_total_cny"]),
    (13, ["housing_fund_total_12m_cny", "housing_fund_total_cny", "housing_subsidy_total_cny"]),
];

/// Thresholds of a field, far enough from one another for one formula.
const THRESHOLDS: [u32; 3] = [500_000, 1_000_000, 100_000];

/// Amounts lie below this.
const HIGHEST: u32 = 2_000_000;

/// One question of the formula.
pub(super) struct Atom {
    pub(super) field: String,
    /// Its place among a firm's amounts.
    pub(super) amount: usize,
    pub(super) threshold: u32,
}

impl Atom {
    /// Atoms go round the holders, then round the fields, then round the thresholds.
    pub(super) fn new(at: u32, holders: u32) -> Self {
        let (holder, round) = ((at % holders) as usize, (at / holders) as usize);
        let (class, fields) = FIELDS[holder];
        Self {
            field: format!("{class}.{}", fields[round % 3]),
            amount: 3 * holder + round % 3,
            threshold: THRESHOLDS[round / 3],
        }
    }
}

/// A made-up firm.
pub(super) struct Firm {
    pub(super) code: String,
    /// Three a holder.
    pub(super) amounts: [u32; 9],
}

impl Firm {
    pub(super) fn new(at: u32) -> Self {
        let code = Uscc::nth_pdy(at).expect("the argument's limit is far below the test zone's");
        let mut rng = StdRng::seed_from_u64(at.into());
        let amounts = [(); 9].map(|()| rng.random_range(0..HIGHEST));
        Self { code: code.reveal().to_owned(), amounts }
    }

    /// Its authorisation of everything that may be verified of these classes.
    pub(super) fn signs(
        &self,
        issuer: &Sample,
        classes: impl IntoIterator<Item = u16>,
    ) -> Result<Vec<u8>, Failure> {
        let now = OffsetDateTime::now_utc().replace_nanosecond(0).expect("0 is a nanosecond");
        let (certified, shown) =
            (now - time::Duration::minutes(2), now - time::Duration::minutes(1));
        let subject = Subject::parse(SubjectKind::Uscc, &self.code, CheckMode::Strict);
        let subject = subject.map_err(|error| Failure::usage(Text::same(error.to_string())))?.value;
        let subject_key = issuer.subject_key(&subject, certified)?;
        let scope = classes
            .into_iter()
            .map(|class| scope_line(&format!("{class}:verify")))
            .collect::<Result<Vec<_>, _>>()?;
        let shanghai = UtcOffset::from_hms(8, 0, 0).expect("eight hours are an offset");
        let wanted = Grant {
            id: new_id(now)?,
            subject,
            lender: BANK.parse().expect("a constant that is a name"),
            platform: PLATFORM.parse().expect("a constant that is a name"),
            node: Some(PROVINCE.parse().expect("a constant that is a name")),
            scope,
            models: Models::None,
            purpose: Purpose::PreLoan,
            application: None,
            from: now.to_offset(shanghai).date(),
            days: 30,
            max_uses: 10,
            interval_s: 0,
            persons: Vec::new(),
            letter: None,
        };
        Ok(grant(wanted, &subject_key, shown)?.sign(&subject_key, now)?.json)
    }
}
