//! Reference statistics as a file: written by whoever has the rows, read by whoever admits the model.
//!
//! ```toml
//! model = "small-firms@2"      # for readers
//! bins = "sha256:..."          # SHA-256 of holders, columns, bins and points: no other model's
//! rows = 29989                 # how many rows were counted
//! lender = "own"               # where the lender fills a slot itself: it is not in what is explained
//!
//! [[holder]]                   # in the order in which the model first names them
//! slot = "tax"
//! explains = 0.71              # what of the score its block explains, 0 to 1
//!
//! [[feature]]                  # in the order of the model
//! holder = "tax"
//! column = "vat_paid_12m_cny"
//! explains = 0.31
//! shares = [0.1, 0.2, 0.7]     # of the rows, bin by bin
//! ```

use domain::{Digest, ModelId, Slot};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use crate::{Error, Reference, Scorecard};

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    model: ModelId,
    bins: Digest,
    rows: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    lender: Option<Slot>,
    holder: Vec<Block>,
    feature: Vec<Counted>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Block {
    slot: Slot,
    explains: f64,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Counted {
    holder: Slot,
    column: String,
    explains: f64,
    shares: Vec<f64>,
}

impl Reference {
    /// Writes the statistics as a file of this model; reading it again yields equal ones.
    #[must_use]
    pub fn to_toml(&self, card: &Scorecard) -> String {
        let blocks = card.holders().into_iter().zip(&self.holder_dominance);
        let features = card.features().zip(&self.feature_dominance).zip(&self.bin_shares);
        let file = File {
            model: card.model().clone(),
            bins: bins(card),
            rows: self.rows,
            lender: self.lender.clone(),
            holder: blocks.map(|(slot, explains)| Block { slot, explains: *explains }).collect(),
            feature: features
                .map(|(((slot, feature, _), explains), shares)| Counted {
                    holder: slot.clone(),
                    column: feature.column().into(),
                    explains: *explains,
                    shares: shares.clone(),
                })
                .collect(),
        };
        toml::to_string(&file).expect("texts and finite numbers can be written")
    }

    /// Reads the statistics of this model.
    ///
    /// # Errors
    ///
    /// [`Error::Reference`] when the text is no such file, when it was counted in other bins or with
    /// other points than the model's, or when a share is none.
    pub fn from_toml(text: &str, card: &Scorecard) -> Result<Self, Error> {
        let file: File =
            toml::from_str(text).map_err(|error| Error::Reference(error.message().into()))?;
        if file.bins != bins(card) {
            return Err(Error::Reference(format!(
                "they were counted for {} in other bins or with other points than this {} has: \
                 `tacit model check --data ... --reference FILE` counts anew",
                file.model,
                card.model()
            )));
        }
        let holders = file.holder.iter().map(|block| &block.slot);
        let features = file.feature.iter();
        let same = holders.eq(&card.holders())
            && file.lender.iter().all(|lender| card.holders().contains(lender))
            && features.len() == card.features().count()
            && features.zip(card.features()).all(|(counted, (slot, feature, points))| {
                counted.holder == *slot
                    && counted.column == feature.column()
                    && counted.shares.len() == points.len()
            });
        if !same {
            return Err(Error::Reference(
                "their holders, features or bins are not in the order of the model".into(),
            ));
        }
        let blocks = file.holder.iter().map(|block| block.explains);
        let counted = file.feature.iter().flat_map(|counted| {
            counted.shares.iter().chain(std::iter::once(&counted.explains)).copied()
        });
        let whole = |counted: &Counted| (counted.shares.iter().sum::<f64>() - 1.0).abs() < ROUNDING;
        if file.rows == 0
            || !blocks.chain(counted).all(|share| (0.0..=1.0 + ROUNDING).contains(&share))
            || !file.feature.iter().all(whole)
        {
            return Err(Error::Reference(
                "`rows` must be 1 at least, every share from 0 to 1, and those of a feature's bins \
                 1 together"
                    .into(),
            ));
        }
        Ok(Self {
            lender: file.lender,
            rows: file.rows,
            feature_dominance: file.feature.iter().map(|counted| counted.explains).collect(),
            holder_dominance: file.holder.iter().map(|block| block.explains).collect(),
            bin_shares: file.feature.into_iter().map(|counted| counted.shares).collect(),
        })
    }
}

/// What sums and quotients of doubles may be off.
const ROUNDING: f64 = 1e-6;

fn bins(card: &Scorecard) -> Digest {
    Digest::from_bytes(<Sha256 as sha2::Digest>::digest(card.canonical_bins()).into())
}

#[cfg(test)]
mod tests {
    use crate::{Error, Reference, Scorecard, Tally};

    const CARD: &str = "model = 'm'\nversion = 1\ntitle = 't'\noffset = 0\n\
        [scale]\nbase_score = 600\nbase_odds = 50\npdo = 20\n\
        [[feature]]\ncolumn = 'a'\nholder = 'x'\nbin = [{below = 1, points = 0}, {points = 3}]\n\
        [[feature]]\ncolumn = 'b'\nholder = 'y'\nbin = [{below = 1, points = 0}, {points = 4}]\n";

    fn counted(card: &Scorecard) -> Reference {
        let mut tally = Tally::new(card, Some(&"x".parse().unwrap()));
        for bins in [[0, 0], [0, 1], [1, 1]] {
            tally.count(&bins);
        }
        tally.reference().unwrap()
    }

    #[test]
    fn what_is_written_is_read_again_to_the_last_digit() {
        let card = Scorecard::from_toml(CARD).unwrap();
        let reference = counted(&card);
        assert_eq!(Reference::from_toml(&reference.to_toml(&card), &card).unwrap(), reference);
    }

    #[test]
    fn statistics_of_another_card_are_refused_and_another_title_is_no_other_card() {
        let card = Scorecard::from_toml(CARD).unwrap();
        let text = counted(&card).to_toml(&card);
        for (from, to) in [("points = 3", "points = 2"), ("below = 1", "below = 2"), ("'y'", "'z'")]
        {
            let other = Scorecard::from_toml(&CARD.replace(from, to)).unwrap();
            let refused = Reference::from_toml(&text, &other).unwrap_err();
            assert!(refused.to_string().contains("other bins"), "{refused}");
        }
        let titled = Scorecard::from_toml(&CARD.replace("'t'", "'u'")).unwrap();
        assert!(Reference::from_toml(&text, &titled).is_ok());
    }

    #[test]
    fn what_is_no_statistics_is_refused() {
        let card = Scorecard::from_toml(CARD).unwrap();
        let text = counted(&card).to_toml(&card);
        for (from, to) in [
            ("rows = 3", "rows = 0"),
            ("rows = 3", "rows = 3\nmore = 1"),
            ("lender = \"x\"", "lender = \"z\""),
            ("slot = \"x\"", "slot = \"y\""),
            ("column = \"a\"", "column = \"b\""),
            ("shares = [", "shares = [0.0, "),
            ("shares = [0.6666666666666666, ", "shares = [nan, "),
            ("shares = [0.6666666666666666, ", "shares = [0.1, "),
            ("explains = 0.0", "explains = 7.0"),
        ] {
            let changed = text.replacen(from, to, 1);
            assert_ne!(changed, text, "{from}");
            let refused = Reference::from_toml(&changed, &card).unwrap_err();
            assert!(matches!(refused, Error::Reference(_)), "{from}: {refused}");
        }
    }
}
