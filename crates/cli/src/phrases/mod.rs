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
