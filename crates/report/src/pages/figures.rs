//! Figures as people read them, everywhere with the same digits.

/// A share with two digits: `22.12%`.
pub(super) fn percent(share: f64) -> String {
    format!("{:.2}%", 100.0 * share)
}

/// A measure with four digits: an AUC, a WOE, an index.
pub(super) fn four(number: f64) -> String {
    format!("{number:.4}")
}

/// A score: whole ones as they are.
pub(super) fn score(score: f64) -> String {
    if score.fract() == 0.0 { format!("{score:.0}") } else { format!("{score:.4}") }
}

/// A probability of chance.
pub(super) fn p_value(p: f64) -> String {
    if p < 0.001 { "< 0.001".into() } else { format!("= {p:.3}") }
}
