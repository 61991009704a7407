//! A province in small: the registers that `tacit demo` makes when it is given none.
//!
//! Firms with a hidden health; what the holders and the bank know of a firm hangs on its health
//! and on its size, so that the columns hang together and the outcomes can be foretold in part.
//! Every code lies in the zone PDY00001 to PDY99999, so none can be a real body's. Only sums,
//! products and comparisons are used, no library function of the platform's, so that the same seed
//! gives the same bytes on every machine.

use std::fmt::Write as _;

use domain::Uscc;
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};

/// The most firms that there are codes for.
pub(crate) const MOST_FIRMS: u32 = Uscc::PDY_CODES / PREFIXES;

/// The registers, each a CSV.
pub(crate) struct Province {
    /// The tax bureau's.
    pub(crate) tax: String,
    /// The social insurance bureau's.
    pub(crate) social: String,
    /// The power company's.
    pub(crate) power: String,
    /// The housing provident fund's.
    pub(crate) fund: String,
    /// The bank's customers: loan, account, and the outcome, 1 in `bad` for a loan not repaid.
    pub(crate) bank: String,
    /// Likewise of a second, smaller bank.
    pub(crate) rural: String,
}

impl Province {
    /// Makes `firms` firms, at most [`MOST_FIRMS`].
    ///
    /// The tax bureau knows most of them, the social insurance bureau and the power company somewhat
    /// fewer, the housing fund fewer still. Three in four are the bank's customers and one in seven
    /// the rural bank's, among them some that a holder does not know.
    pub(crate) fn generate(firms: u32, seed: u64) -> Self {
        let mut draws = Draws(StdRng::seed_from_u64(seed));
        // Draws of their own: what the others hold does not hang on the power company's, on the
        // housing fund, on what the bank sees of its customers, nor on the rural bank.
        let own = |whose| Draws(StdRng::seed_from_u64(seed ^ whose));
        let [mut metered, mut housed, mut banked, mut rural] =
            [METERED, HOUSED, BANKED, RURAL].map(own);
        let mut province = Self {
            tax: "uscc,vat_paid_12m_cny,vat_growth_pct,months_in_arrears,in_arrears_now,\
                  late_filings_12m,taxpayer_grade\n"
                .into(),
            social: "uscc,insured_count,insured_change_pct,months_paid_24m,contribution_base_cny\n"
                .into(),
            power: "uscc,avg_monthly_usage_3m,usage_change_pct,late_bills_12m,months_owing_24m\n"
                .into(),
            fund: "uscc,contributor_count,contribution_rate,consecutive_normal_months_12m,\
                   housing_fund_total_12m_cny\n"
                .into(),
            bank: CUSTOMERS.into(),
            rural: CUSTOMERS.into(),
        };
        for index in 0..firms.min(MOST_FIRMS) {
            let firm = Firm::draw(index, &mut draws);
            let code = firm.code.reveal();
            let (tax, social) = (firm.tax(&mut draws), firm.social(&mut draws));
            let (loan, bad) = (firm.loan(&mut draws), firm.is_bad(&tax, &mut draws));
            let account = firm.account(&mut banked);
            // Another loan of the same firm has luck of its own.
            let other = (firm.loan(&mut rural), firm.account(&mut rural));
            let other_bad = firm.is_bad(&tax, &mut rural);
            if draws.chance(0.96) {
                let Tax { vat, growth, arrears, late, grade } = tax;
                let (growth, now) = (Empty(growth), u8::from(arrears > 0));
                line(
                    &mut province.tax,
                    format_args!("{code},{vat},{growth},{arrears},{now},{late},{grade}"),
                );
            }
            // One-man businesses often insure nobody.
            if draws.chance(if firm.staff < 3 { 0.80 } else { 0.96 }) {
                let Social { insured, change, months, base } = social;
                let (change, base) = (Empty(change), Empty(base));
                line(
                    &mut province.social,
                    format_args!("{code},{insured},{change},{months},{base}"),
                );
            }
            let power = firm.power(&mut metered);
            // A desk in somebody else's office has no meter.
            if metered.chance(if firm.staff < 3 { 0.85 } else { 0.97 }) {
                let Power { usage, change, late, owing } = power;
                let change = Empty(change);
                line(&mut province.power, format_args!("{code},{usage},{change},{late},{owing}"));
            }
            let fund = firm.fund(&mut housed);
            // Who insures nobody pays for nobody's flat either, and some who insure do not.
            if housed.chance(if firm.staff < 3 { 0.70 } else { 0.94 }) {
                let Fund { contributors, rate, months, total } = fund;
                line(
                    &mut province.fund,
                    format_args!("{code},{contributors},{rate},{months},{total}"),
                );
            }
            if draws.chance(0.75) {
                customer(&mut province.bank, code, (loan, account), bad);
            }
            // Its customers are small, and some of them the bank's too.
            if rural.chance(if firm.staff < 20 { 0.20 } else { 0.06 }) {
                customer(&mut province.rural, code, other, other_bad);
            }
        }
        province
    }
}

/// What kinds of body [`Uscc::nth_pdy`] makes: enterprise, individual business, cooperative.
const PREFIXES: u32 = 3;

/// Parts the power company's draws from all others'.
const METERED: u64 = 0x6d65_7465_7265_6421;

/// Parts the housing fund's draws from all others'.
const HOUSED: u64 = 0x686f_7573_6564_2121;

/// Parts what the bank sees of a customer's account from all others' draws.
const BANKED: u64 = 0x6261_6e6b_6564_2121;

/// Parts the rural bank's draws from all others'.
const RURAL: u64 = 0x7275_7261_6c21_2121;

/// What a bank's list has.
const CUSTOMERS: &str = "uscc,loan_cny,turnover_12m_cny,months_as_customer,overdrafts_12m,bad\n";

/// What nobody's register holds: the causes of what they hold.
struct Firm {
    code: Uscc,
    age_months: i64,
    staff: i64,
    /// Standard normal; the higher the better.
    health: f64,
}

struct Tax {
    vat: i64,
    growth: Option<i64>,
    arrears: i64,
    late: i64,
    grade: char,
}

struct Social {
    insured: i64,
    change: Option<i64>,
    months: i64,
    base: Option<i64>,
}

struct Power {
    usage: i64,
    change: Option<i64>,
    late: i64,
    owing: i64,
}

struct Fund {
    contributors: i64,
    rate: i64,
    months: i64,
    total: i64,
}

/// What a bank sees by itself.
struct Account {
    turnover: i64,
    months: i64,
    overdrafts: i64,
}

impl Firm {
    fn draw(index: u32, draws: &mut Draws) -> Self {
        let (size, within) = (draws.share(), draws.share());
        let (prefix, staff) = if size < 0.45 {
            (1, 1.0 + 8.0 * within * within)
        } else if size < 0.52 {
            (2, 5.0 + 35.0 * within * within)
        } else if size < 0.90 {
            (0, 6.0 + 60.0 * within * within)
        } else {
            (0, 60.0 + 240.0 * within * within)
        };
        let code = Uscc::nth_pdy(index * PREFIXES + prefix)
            .expect("the index is below MOST_FIRMS and the prefix below PREFIXES");
        let age_months = whole(3.0 + 260.0 * draws.share() * draws.share());
        Self { code, age_months, staff: whole(staff), health: draws.normal() }
    }

    fn tax(&self, draws: &mut Draws) -> Tax {
        let each = 5_500.0 * (1.0 + 0.35 * self.health + 0.45 * draws.normal());
        let vat = hundreds(each.max(150.0) * real(self.staff));
        let growth = 6.0 + 13.0 * self.health + 17.0 * draws.normal();
        let growth = (self.age_months >= 24).then(|| whole(growth.clamp(-95.0, 180.0)));
        let arrears = months_behind(-0.9 * self.health + 0.9 * draws.normal() - 1.5);
        let late = months_behind(-0.6 * self.health + 0.9 * draws.normal() - 1.2);
        let standing = 0.7 * self.health + 0.7 * draws.normal()
            - 0.25 * real(arrears.min(4))
            - 0.10 * real(late.min(6));
        let grade = match standing {
            _ if self.age_months < 12 => 'M',
            it if it > 0.75 => 'A',
            it if it > -1.0 => 'B',
            it if it > -1.8 => 'C',
            _ => 'D',
        };
        Tax { vat, growth, arrears, late, grade }
    }

    fn social(&self, draws: &mut Draws) -> Social {
        let covered = 0.9 + 0.08 * self.health + 0.12 * draws.normal();
        let insured = whole(real(self.staff) * covered.clamp(0.2, 1.0)).max(1);
        let change = 2.0 + 8.0 * self.health + 10.0 * draws.normal();
        let change = (self.age_months >= 12).then(|| whole(change.clamp(-90.0, 150.0)));
        let due = self.age_months.min(24);
        let missed = months_behind(-0.8 * self.health + draws.normal() - 1.1);
        let months = (due - missed).max(0);
        let base = 6_800.0 * (1.0 + 0.14 * self.health + 0.18 * draws.normal());
        let reported = months > 0 && draws.chance(0.98);
        let base = reported.then(|| hundreds(base.clamp(4_800.0, 24_000.0)));
        Social { insured, change, months, base }
    }

    fn power(&self, draws: &mut Draws) -> Power {
        let each = 240.0 * (1.0 + 0.20 * self.health + 0.40 * draws.normal());
        let usage = tens(each.max(20.0) * real(self.staff));
        // The last three months against the last six.
        let change = 1.0 + 7.0 * self.health + 9.0 * draws.normal();
        let change = (self.age_months >= 6).then(|| whole(change.clamp(-90.0, 120.0)));
        let late = months_behind(-0.7 * self.health + 0.9 * draws.normal() - 1.0);
        let owing = months_behind(-0.8 * self.health + draws.normal() - 1.6);
        Power { usage, change, late, owing }
    }

    fn fund(&self, draws: &mut Draws) -> Fund {
        let covered = 0.75 + 0.08 * self.health + 0.15 * draws.normal();
        let contributors = whole(real(self.staff) * covered.clamp(0.1, 1.0)).max(1);
        // The law has 5 % to 12 %: who does well pays more.
        let rate = whole((7.5 + 1.2 * self.health + 1.6 * draws.normal()).clamp(5.0, 12.0));
        let missed = months_behind(-0.7 * self.health + draws.normal() - 1.0);
        let months = (self.age_months.min(12) - missed).max(0);
        let wage = 6_500.0 * (1.0 + 0.12 * self.health + 0.20 * draws.normal());
        let each = 2.0 * real(rate) / 100.0 * wage.clamp(4_000.0, 24_000.0) * real(months);
        Fund { contributors, rate, months, total: hundreds(each * real(contributors)) }
    }

    fn account(&self, draws: &mut Draws) -> Account {
        // Firms have other banks too: it sees a part of their business, and a part of their trouble.
        let each = 90_000.0 * (1.0 + 0.25 * self.health + 0.60 * draws.normal());
        let turnover = hundreds(each.max(2_000.0) * real(self.staff));
        let months = 1 + whole(real(self.age_months - 1) * draws.share());
        let overdrafts = months_behind(-0.5 * self.health + 1.1 * draws.normal() - 1.2);
        Account { turnover, months, overdrafts }
    }

    fn loan(&self, draws: &mut Draws) -> i64 {
        let each = 20_000.0 + 60_000.0 * draws.share();
        hundreds((each * real(self.staff)).min(10_000_000.0))
    }

    /// Bad health, bad luck, debts, youth and smallness make a bad loan: about one in ten.
    fn is_bad(&self, tax: &Tax, draws: &mut Draws) -> bool {
        let young = if self.age_months < 12 { 0.4 } else { 0.0 };
        let small = (0.6 - 0.02 * real(self.staff)).max(0.0);
        -self.health + 1.1 * draws.normal() + 0.08 * real(tax.arrears) + young + small > 2.4
    }
}

/// What is random in a province. `StdRng` is ChaCha with 12 rounds; a test pins its bytes.
struct Draws(StdRng);

impl Draws {
    /// Evenly from 0 up to 1.
    fn share(&mut self) -> f64 {
        const STEPS: f64 = 4_294_967_296.0;
        f64::from(self.0.next_u32()) / STEPS
    }

    /// Standard normal, as a sum of twelve: no tail beyond 6, and no logarithm.
    fn normal(&mut self) -> f64 {
        let sum: f64 = std::iter::repeat_with(|| self.share()).take(12).sum();
        sum - 6.0
    }

    fn chance(&mut self, share: f64) -> bool {
        self.share() < share
    }
}

/// A column that has no value is empty.
struct Empty(Option<i64>);

impl std::fmt::Display for Empty {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.map_or(Ok(()), |value| write!(f, "{value}"))
    }
}

fn line(csv: &mut String, row: std::fmt::Arguments<'_>) {
    writeln!(csv, "{row}").expect("text can always be appended to");
}

fn customer(csv: &mut String, code: &str, (loan, account): (i64, Account), bad: bool) {
    let Account { turnover, months, overdrafts } = account;
    let bad = u8::from(bad);
    line(csv, format_args!("{code},{loan},{turnover},{months},{overdrafts},{bad}"));
}

/// None unless the drive to fall behind is positive; then 1 to 12.
fn months_behind(drive: f64) -> i64 {
    if drive > 0.0 { whole(1.0 + 4.0 * drive).min(12) } else { 0 }
}

fn tens(value: f64) -> i64 {
    whole(value / 10.0) * 10
}

fn hundreds(value: f64) -> i64 {
    whole(value / 100.0) * 100
}

#[expect(clippy::cast_possible_truncation, reason = "the decimals go; no figure here nears 2^53")]
fn whole(value: f64) -> i64 {
    value as i64
}

#[expect(clippy::cast_precision_loss, reason = "counts of people and months")]
fn real(value: i64) -> f64 {
    value as f64
}

#[cfg(test)]
#[path = "province_tests.rs"]
mod tests;
