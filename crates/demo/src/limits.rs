//! Where it ends: a lender that searches for a value, and a firm that takes its word back.

use std::time::Instant;

use control::messages::{self, SelfReportRequest};
use domain::{Answer, Refusal, Text};
use terminal::units::{count, span};
use terminal::{Document, Failure};

use super::commands;
use super::formulas::said;
use super::phrases;
use super::show::length;
use super::stage::Stage;
use super::steps;
use super::story::{expected, not_refused};

/// The thresholds of a yuan field that the catalogue lets anybody ask about, from nothing up.
const THRESHOLDS: [i64; 9] =
    [10_000, 50_000, 100_000, 500_000, 1_000_000, 3_000_000, 10_000_000, 50_000_000, 100_000_000];

/// A threshold that is none of them.
const BETWEEN: i64 = 123_456;

/// What the lender wants to find.
const FIELD: &str = "1.vat_paid_12m_cny";

/// One question to each holder, and to no other.
const OF_EACH: [(&str, &str); 4] = [
    ("tax", "2.in_arrears_now"),
    ("social", "10.insured_count >= 10"),
    ("power", "14.avg_monthly_usage_3m >= 500"),
    ("fund", "13.contributor_count >= 10"),
];

/// A lender halves the interval of one firm's tax until it is refused.
pub(super) async fn probe(stage: &Stage<'_>, firm: &str) -> Result<(), Failure> {
    let show = stage.show;
    let began = Instant::now();
    let mut search = Search::default();
    let mut rows = Vec::new();
    let refusal = loop {
        let Some(threshold) = search.next() else { return Err(not_refused(Refusal::QueryBudget)) };
        match ask(stage, firm, &at_least(threshold)).await? {
            Ok(answer) => {
                search.heard(threshold, answer);
                rows.push((Text::same(at_least(threshold)), said(answer)));
            }
            Err(refusal) => {
                rows.push((Text::same(at_least(threshold)), Text::same(refusal.code())));
                break refusal;
            }
        }
    };
    expected(Refusal::QueryBudget, &refusal)?;
    let off_grid = ask(stage, firm, &at_least(BETWEEN)).await?.err();
    let off_grid = off_grid.ok_or_else(|| not_refused(Refusal::QueryBudget))?;
    let took = began.elapsed();
    let tax = stage.material.number("tax", "vat_paid_12m_cny", firm);
    if tax.is_some_and(|tax| !search.holds(tax)) {
        let what = phrases::limits::interval_wrong();
        return Err(Failure::new("ANSWER_DIFFERS", what));
    }
    let asked = length(search.answers.len());
    let command = commands::verify(&at_least(THRESHOLDS[4]), None, "letter.json", firm);
    show.step(&phrases::limits::step_probe(&asked, &refusal), took, &[command]);
    show.list(&rows);
    let [low, high] = search.interval().map(|end| end.map(|end| count(end.unsigned_abs())));
    show.under(&phrases::limits::knows(low.as_deref(), high.as_deref()));
    show.under(&phrases::limits::off_grid(&at_least(BETWEEN), &off_grid));
    Ok(())
}

/// A firm ends its authorisation; its next question is refused by every holder.
pub(super) async fn revoke(stage: &Stage<'_>, firm: &str) -> Result<(), Failure> {
    let (material, show) = (stage.material, stage.show);
    let bank = material.bank().name;
    let began = Instant::now();
    let signed = stage.letters.revoke(bank, firm)?;
    stage.registry().control().submit(signed).await?;
    let ended = began.elapsed();
    let mut entries = Vec::with_capacity(OF_EACH.len() + 1);
    let asked = [firm.to_owned()];
    let mut scored =
        steps::score(stage.bank(), stage.asking(), &stage.letters, &asked, || ()).await?;
    let scored = scored.pop().and_then(|answer| answer.outcome.err());
    let scored = scored.ok_or_else(|| not_refused(Refusal::AuthRevoked))?;
    expected(Refusal::AuthRevoked, &scored)?;
    entries.push((phrases::limits::label_score(), phrases::limits::refused(&scored)));
    entries.extend(each_refuses(stage, firm).await?);
    // Not the platform's word for it: each holder has written its own refusal down.
    if refusals(stage, firm).await?.contains(&0) {
        return Err(not_refused(Refusal::AuthRevoked));
    }
    show.step(&phrases::limits::step_revoke(), began.elapsed(), &commands::revoke(material, firm));
    show.list(&entries);
    show.under(&phrases::limits::revoked_how(&span(ended)));
    Ok(())
}

/// Asks each holder, and no other, about a firm that has revoked; fails unless each refuses.
async fn each_refuses(stage: &Stage<'_>, firm: &str) -> Result<Vec<(Text, Text)>, Failure> {
    let mut refused = Vec::with_capacity(OF_EACH.len());
    for (holder, formula) in OF_EACH {
        let refusal = ask(stage, firm, formula).await?.err();
        let refusal = refusal.ok_or_else(|| not_refused(Refusal::AuthRevoked))?;
        expected(Refusal::AuthRevoked, &refusal)?;
        refused.push((phrases::party(holder), phrases::limits::refused(&refusal)));
    }
    Ok(refused)
}

/// How often each holder's log says that a question about a firm was refused for a revocation.
async fn refusals(stage: &Stage<'_>, firm: &str) -> Result<Vec<usize>, Failure> {
    let mut refusals = Vec::with_capacity(stage.holders().len());
    for holder in stage.holders() {
        let request = SelfReportRequest {
            kind: messages::SubjectKind::from(stage.material.kind).into(),
            subject: firm.into(),
        };
        let report = Document::of(&holder.control().self_report(request).await?);
        let lines = report.view();
        let revoked = lines.list("lines").filter(|line| {
            line.word("event") == "refused" && line.word("refusal") == Refusal::AuthRevoked.code()
        });
        refusals.push(revoked.count());
    }
    Ok(refusals)
}

/// One question about one firm; the outer error is the line's, the inner one the answer's.
async fn ask(
    stage: &Stage<'_>,
    firm: &str,
    formula: &str,
) -> Result<Result<Answer, Failure>, Failure> {
    let (asked, question) = ([firm.to_owned()], (formula, &[][..]));
    let told = steps::verify(stage.bank(), stage.asking(), &stage.letters, question, &asked);
    let told = told.await?.pop();
    told.map(|told| told.outcome)
        .ok_or_else(|| Failure::new("PARTY", phrases::endings::empty_answer()))
}

fn at_least(threshold: i64) -> String {
    format!("{FIELD} >= {threshold}")
}

/// What a lender that halves knows, and what it would ask next.
#[derive(Default)]
struct Search {
    answers: Vec<(i64, bool)>,
}

impl Search {
    /// The middle of what is open; then the nearest thresholds that it has not asked.
    fn next(&self) -> Option<i64> {
        let [low, high] = self.interval();
        let open: Vec<i64> = THRESHOLDS
            .into_iter()
            .filter(|it| low.is_none_or(|low| *it > low) && high.is_none_or(|high| *it < high))
            .collect();
        if let Some(middle) = open.get(open.len() / 2) {
            return Some(*middle);
        }
        let asked = |threshold: &i64| self.answers.iter().any(|(asked, _)| asked == threshold);
        let near = high.or(low).unwrap_or(0);
        let left = THRESHOLDS.into_iter().filter(|threshold| !asked(threshold));
        left.min_by_key(|threshold| (threshold - near).abs())
    }

    fn heard(&mut self, threshold: i64, answer: Answer) {
        match answer {
            Answer::Yes => self.answers.push((threshold, true)),
            Answer::No => self.answers.push((threshold, false)),
            Answer::Unknown => {}
        }
    }

    /// At least the first, less than the second.
    fn interval(&self) -> [Option<i64>; 2] {
        let of = |yes: bool| self.answers.iter().filter(move |it| it.1 == yes).map(|it| it.0);
        [of(true).max(), of(false).min()]
    }

    fn holds(&self, value: i64) -> bool {
        let [low, high] = self.interval();
        low.is_none_or(|low| value >= low) && high.is_none_or(|high| value < high)
    }
}

#[cfg(test)]
mod tests {
    use domain::Answer;

    use super::{Search, THRESHOLDS};

    #[test]
    fn a_search_closes_in_on_any_value_and_then_asks_what_is_left() {
        for value in [0, 9_999, 10_000, 285_900, 5_000_000, 100_000_000] {
            let mut search = Search::default();
            for asked in 1..=THRESHOLDS.len() {
                let threshold = search.next().unwrap();
                assert!(search.answers.iter().all(|(before, _)| *before != threshold));
                search.heard(threshold, Answer::from(value >= threshold));
                assert!(search.holds(value));
                let [low, high] = search.interval();
                let place = |end: Option<i64>| {
                    end.and_then(|end| THRESHOLDS.iter().position(|it| *it == end))
                };
                if asked >= 4 {
                    let low = place(low).map_or(0, |at| at + 1);
                    assert_eq!(place(high).unwrap_or(THRESHOLDS.len()), low, "{value}");
                }
            }
            assert_eq!(search.next(), None);
        }
    }
}
