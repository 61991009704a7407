//! Every sentence of the commands' own, in English and Chinese, beside those that all share.

mod authorisations;
mod governance;
mod models;
mod parties;
mod runs;
mod tokens;
mod training;
mod trouble;

// The only globs of this crate: the lists would repeat the name of every phrase.
pub(crate) use terminal::phrases::*;

// What pages say too.
pub(crate) use report::phrases::{
    bin_missing, bin_other, by_both, by_challenger, by_champion, by_neither, challenged,
    head_approved_by, head_asks, head_auc, head_bad_rate, head_bads, head_bads_so_far, head_bin,
    head_brier, head_explains, head_feature, head_figure, head_goods_so_far, head_known,
    head_ks_gini, head_lift, head_limit, head_predicted, head_riskiest, head_rule, head_score_from,
    head_scored, head_segment, head_share, head_share_before, head_share_now, head_slot,
    head_unknown_outcome, head_unplaced, head_verdict, head_without_outcome, head_without_score,
    head_worst, rule_broken, rule_flagged, rule_kept,
};

pub(crate) use authorisations::*;
pub(crate) use governance::*;
pub(crate) use models::*;
pub(crate) use parties::*;
pub(crate) use runs::*;
pub(crate) use tokens::*;
pub(crate) use training::*;
pub(crate) use trouble::*;

#[cfg(test)]
mod tests {
    use terminal::phrases::assert_complete;

    use super::{authorisations, governance, models, parties, runs, tokens, training, trouble};

    #[test]
    fn every_phrase_stands_once_in_both_languages_with_all_its_slots() {
        assert_complete(&[
            authorisations::ALL,
            governance::ALL,
            models::ALL,
            parties::ALL,
            runs::ALL,
            tokens::ALL,
            training::ALL,
            trouble::ALL,
        ]);
    }
}
