//! The words of reports in English and Chinese, beside those that all commands share.

mod card;
mod data;
mod measures;
mod page;

// The only globs of this crate: the lists would repeat the name of every phrase.
pub(crate) use terminal::phrases::*;

pub use card::*;
pub use data::*;
pub use measures::*;
pub use page::*;

#[cfg(test)]
mod tests {
    use terminal::phrases::assert_complete;

    use super::{card, data, measures, page};

    #[test]
    fn every_phrase_stands_once_in_both_languages_with_all_its_slots() {
        assert_complete(&[card::ALL, data::ALL, measures::ALL, page::ALL]);
    }
}
