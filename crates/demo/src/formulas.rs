//! Yes, no or unknown: one formula over three holders for a handful of firms, and a sealed number.

use std::time::{Duration, Instant};

use control::messages::PrepareRequest;
use domain::{Answer, Text};
use terminal::units::{bytes, span};
use terminal::{Document, Failure};

use super::commands;
use super::material::Material;
use super::measures::percentile;
use super::parties::PLATFORM;
use super::phrases;
use super::scores::Scored;
use super::show::length;
use super::stage::Stage;
use super::steps;

/// What the bank asks: each atom is answered by the holder of its class.
const FORMULA: &str = "1.vat_paid_12m_cny >= 100000 and not 2.in_arrears_now \
    and 10.insured_count >= 10 and 14.avg_monthly_usage_3m >= 500";

/// The same in clear, from what only this demonstration has side by side.
fn in_clear(material: &Material, code: &str) -> Answer {
    let number = |holder, column| material.number(holder, column, code);
    let at_least = |found: Option<i64>, least| {
        found.map_or(Answer::Unknown, |value| Answer::from(value >= least))
    };
    let in_arrears = at_least(number("tax", "in_arrears_now"), 1);
    at_least(number("tax", "vat_paid_12m_cny"), 100_000)
        .and(!in_arrears)
        .and(at_least(number("social", "insured_count"), 10))
        .and(at_least(number("power", "avg_monthly_usage_3m"), 500))
}

/// With a number in the place of the threshold that no holder sees.
const SEALED: &str = "1.vat_paid_12m_cny >= sealed";

/// What the lender compares with: off the grid on purpose.
const NUMBER: i64 = 123_456;

/// How many firms of each answer are asked about.
const EACH: [(Answer, usize); 3] = [(Answer::Yes, 3), (Answer::No, 3), (Answer::Unknown, 2)];

/// The firms that the steps after the scores are about, each another one: what is asked about one
/// spends what may be asked about it.
pub(super) struct Chosen {
    /// Customers whose clear answers are yes, no and unknown.
    formula: Vec<String>,
    /// Its tax is compared with a number that nobody sees.
    pub(super) sealed: String,
    /// Its tax is what a lender tries to find.
    pub(super) probed: String,
    /// It ends its authorisation.
    pub(super) revoking: String,
    /// Its score is proven afterwards.
    pub(super) proven: String,
}

/// Chooses them from the clear text, which no party has.
pub(super) fn chosen(
    stage: &Stage<'_>,
    applicants: &[String],
    scored: &Scored,
) -> Result<Chosen, Failure> {
    let material = stage.material;
    let free = |taken: &[&String]| {
        // Those with a score first: there is more to tell about them.
        let scored = scored.runs.iter().map(|(code, _)| code);
        scored.chain(applicants).find(|code| !taken.contains(code)).cloned()
    };
    let chosen = || {
        let (proven, _) = scored.runs.first()?.clone();
        // One whose tax lies between two thresholds, so that there is something to find.
        let tax = |code: &String| material.number("tax", "vat_paid_12m_cny", code).unwrap_or(0);
        let hidden = |code: &&String| **code != proven && (50_000..1_000_000).contains(&tax(code));
        let probed = applicants.iter().find(hidden).cloned().or_else(|| free(&[&proven]))?;
        let revoking = free(&[&proven, &probed])?;
        let sealed = free(&[&proven, &probed, &revoking])?;
        let taken = [&proven, &probed, &revoking, &sealed];
        let others = material.bank().customers().iter().filter(|code| !taken.contains(code));
        let formula = EACH.iter().flat_map(|(answer, most)| {
            let so = move |code: &&String| in_clear(material, code) == *answer;
            others.clone().filter(so).take(*most).cloned()
        });
        let formula: Vec<_> = formula.collect();
        Some(Chosen { formula, sealed, probed, revoking, proven })
    };
    let found = chosen().filter(|chosen| !chosen.formula.is_empty());
    found.ok_or_else(|| Failure::new("TOO_FEW", phrases::limits::too_few()))
}

/// Asks the formula about a handful of firms; returns how long each took.
pub(super) async fn ask(stage: &Stage<'_>, chosen: &Chosen) -> Result<Vec<Duration>, Failure> {
    let show = stage.show;
    let began = Instant::now();
    let request = PrepareRequest { platform: PLATFORM.into() };
    let handed = Document::of(&stage.bank().control().prepare_verification(request).await?);
    let key = handed.view().list("handed").next().and_then(|handed| handed.number("bytes"));
    let parties = handed.view().list("handed").count();
    let prepared = began.elapsed();
    let command = commands::prepare();
    let sent = phrases::limits::step_prepare(&length(parties), &bytes(key.unwrap_or(0)));
    show.step(&sent, prepared, &[command]);

    show.rest().await;
    let began = Instant::now();
    let question = (FORMULA, &[][..]);
    let told =
        steps::verify(stage.bank(), stage.asking(), &stage.letters, question, &chosen.formula)
            .await?;
    let took = began.elapsed();
    show.step(
        &phrases::limits::step_formula(&length(told.len())),
        took,
        &[commands::verify(FORMULA, None, "letters.jsonl", "- < applicants.txt")],
    );
    let mut rows = Vec::with_capacity(told.len());
    let mut latencies = Vec::with_capacity(told.len());
    for (asked, told) in chosen.formula.iter().zip(&told) {
        let answer = told.outcome.clone()?;
        let clear = in_clear(stage.material, asked);
        if *asked != told.subject || answer != clear {
            return Err(differs(answer, clear));
        }
        let [answer, clear] = [answer, clear].map(|answer| show.words(&said(answer)));
        rows.push(vec![told.subject.clone(), answer, clear, span(told.latency)]);
        latencies.push(told.latency);
    }
    if latencies.len() < chosen.formula.len() {
        return Err(Failure::new("PARTY", phrases::endings::empty_answer()));
    }
    show.table(&phrases::limits::formula_heads(), &[3], rows);
    let [p50, p99] = [50, 99].map(|percent| span(percentile(&latencies, percent)));
    show.under(&phrases::limits::formula_told(&p50, &p99));
    Ok(latencies)
}

/// Asks with a number that only the bank knows.
pub(super) async fn ask_sealed(stage: &Stage<'_>, firm: &str) -> Result<(), Failure> {
    let began = Instant::now();
    let (number, asked) = (NUMBER.to_string(), [firm.to_owned()]);
    let question = (SEALED, &[number.clone()][..]);
    let mut told =
        steps::verify(stage.bank(), stage.asking(), &stage.letters, question, &asked).await?;
    let told = told.pop().ok_or_else(|| Failure::new("PARTY", phrases::endings::empty_answer()))?;
    let answer = told.outcome?;
    let tax = stage.material.number("tax", "vat_paid_12m_cny", firm);
    let clear = tax.map_or(Answer::Unknown, |tax| Answer::from(tax >= NUMBER));
    if answer != clear {
        return Err(differs(answer, clear));
    }
    stage.show.step(
        &phrases::limits::step_sealed(&said(answer)),
        began.elapsed(),
        &[commands::verify(SEALED, Some(&number), "letter.json", firm)],
    );
    stage.show.under(&phrases::limits::sealed_how());
    Ok(())
}

/// The word of an answer.
pub(super) fn said(answer: Answer) -> Text {
    Text { en: answer.en().into(), zh: answer.zh().into() }
}

fn differs(answer: Answer, clear: Answer) -> Failure {
    let what = phrases::limits::answer_differs(&said(answer), &said(clear));
    Failure::new("ANSWER_DIFFERS", what)
}
