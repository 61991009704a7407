//! The end: what the joint model is worth to each bank, what all of it took, and where to go next.

use std::time::Duration;

use scorecard::Scorecard;
use terminal::Failure;
use terminal::units::{bytes, seconds, span};

use super::material::OWN;
use super::measures::{Separation, percentile};
use super::phrases;
use super::scores::Scored;
use super::show::length;
use super::stage::Stage;

/// The closing tables; `latencies` are those of the formula.
pub(super) async fn tell(
    stage: &Stage<'_>,
    scored: &Scored,
    latencies: &[Duration],
    took: Duration,
) -> Result<(), Failure> {
    let (material, show) = (stage.material, stage.show);
    let columns = |card: &Scorecard| length(card.features().count());
    let alone = phrases::closing::alone(&columns(&material.alone));
    let joint = phrases::closing::joint(&columns(&material.card));
    let mut rows = Vec::with_capacity(2 * material.banks.len());
    for (bank, comparison) in material.banks.iter().zip(scored.widest()) {
        let name = show.words(&phrases::party(bank.name));
        let firms = length(comparison.right);
        for (model, found) in [(&alone, comparison.alone()), (&joint, comparison.separation())] {
            let [auc, ks] = figures(found);
            rows.push(vec![name.clone(), show.words(model), firms.clone(), auc, ks]);
        }
    }
    show.gap();
    show.title(&phrases::closing::worth_title());
    show.table(&phrases::closing::worth_heads(), &[2, 3, 4], rows);
    show.under(&phrases::closing::worth_how(material.columns(OWN) > 0));

    let used = stage.usage().await?;
    let comparison = scored.verdicts.first();
    let [p50, p99] = [50, 99]
        .map(|percent| comparison.map_or(Duration::ZERO, |comparison| comparison.latency(percent)));
    let mut entries =
        vec![(phrases::label_latency(), phrases::closing::latency(&span(p50), &span(p99)))];
    if !latencies.is_empty() {
        let [p50, p99] = [50, 99].map(|percent| span(percentile(latencies, percent)));
        let told = phrases::closing::latency(&p50, &p99);
        entries.push((phrases::closing::label_formula(), told));
    }
    // What one sends another receives: counted once.
    let sent = used.iter().map(|used| used.sent).sum();
    let peak = used.iter().map(|used| used.peak_kib).sum::<u64>();
    let cpu: f64 = used.iter().map(|used| used.cpu_s).sum();
    entries.push((phrases::closing::label_moved(), phrases::closing::moved(&bytes(sent))));
    let memory = phrases::closing::memory(&bytes(peak << 10), used.len());
    entries.push((phrases::closing::label_memory(), memory));
    entries
        .push((phrases::closing::label_time(), phrases::closing::time(&span(took), &seconds(cpu))));
    show.gap();
    show.title(&phrases::closing::took_title());
    show.list(&entries);
    show.gap();
    show.title(&phrases::closing::next_title());
    show.list(&phrases::closing::next(material.is_governed()));
    Ok(())
}

fn figures(found: Option<Separation>) -> [String; 2] {
    found.map_or(["-".into(), "-".into()], |Separation { auc, ks }| {
        [format!("{auc:.4}"), format!("{ks:.4}")]
    })
}
