//! Scorecards: points by bin, the file they are written in, and what a total means.
//!
//! * [`Scorecard`], [`Part`], [`Binning`]: the card, what a holder sees of it, how values find bins;
//! * [`fitting`]: how bins are found, of a holder's column and of counts;
//! * [`admission`] with its [`Reference`]: what a card must keep before it is registered;
//! * [`Separation`], [`gains()`], [`stability_index`]: how well scores part good from bad, and whether a
//!   population has moved;
//! * [`monitoring`]: what a score in use shows once outcomes are known;
//! * cards and regressions of other programs, read and written.
//!
//! No clock, no randomness, no files.
//!
//! # The model file
//!
//! A model is a TOML file:
//!
//! ```toml
//! model = "uci-default"        # 1 to 40 of a-z, 0-9 and hyphens
//! version = 1                  # from 1; a published version never changes
//! title = "Default next month"
//! offset = 412                 # the lender adds it to the decrypted sum: total = offset + points
//! valid_until = "2027-12-31"   # optional, the last day of use
//!
//! [scale]                      # how totals map to odds (good : bad)
//! base_score = 600             # at this total ...
//! base_odds = 50               # ... the odds are these,
//! pdo = 20                     # and this many more points double them
//!
//! [[grade]]                    # optional cut-offs, best grade first
//! name = "A"
//! from = 640
//!
//! [training]                   # optional facts for readers: numbers and short texts
//! rows = 30000
//! auc = 0.77
//!
//! [[feature]]
//! column = "PAY_0"             # the holder's column
//! holder = "tax"               # a slot; a party is bound to it when the model is put to use
//! field = "1.vat_paid_12m_cny" # optional, for readers: what a column is, its holder's binding says
//! missing = 12                 # points without a value or a record; absent = research data only
//! [[feature.bin]]
//! below = 0                    # ascending; the bin holds what is below, the last bin has none
//! points = 57
//! [[feature.bin]]
//! points = 0
//!
//! [[feature]]
//! column = "ownership"
//! holder = "social"
//! other = 3                    # points of a value in no list; absent = research data only
//! [[feature.bin]]
//! values = ["A", "B"]
//! points = 20
//! ```
//!
//! Bins of numbers are half-open: each holds its lower break and not its upper one, `below`, which is
//! the first value of the next bin. No break is rounded or moved on its way from a file of another
//! program to a holder.
//!
//! Over firms and persons every feature needs `missing`, and every one of categories `other`: holders
//! refuse a model that would not answer about some of them. Over research data a value without a bin
//! has no score.
//!
//! Points are whole, at least 0, and no total exceeds [`MESSAGE_SPACE`] − 1: that is what one
//! encrypted answer can carry. A negative contribution goes into `offset`.
//!
//! A file may have the regression instead of its points, and points and `offset` are computed:
//!
//! ```toml
//! intercept = -1.24            # instead of `offset`
//!
//! [[feature]]
//! column = "PAY_0"
//! holder = "tax"
//! coef = 0.83                  # the weight of the feature
//! missing_woe = 0.1            # instead of `missing`; `other_woe` instead of `other`
//! [[feature.bin]]
//! below = 0
//! woe = -0.61                  # instead of `points`
//! [[feature.bin]]
//! woe = 1.32
//! ```
//!
//! Signs: the regression is of *bad*, as `y = 1` is wherever scorecards are fitted. The log-odds of
//! bad are `intercept + Σ coef · woe`, so with positive coefficients a bin of woe above 0,
//! ln (share of the bads / share of the goods), is worse than the average and has fewer points.
//! With factor = pdo / ln 2 and shift = base_score − factor · ln base_odds, a bin of one of n
//! features has −factor · (woe · coef + intercept / n) + shift / n points, rounded to the nearest
//! whole number (a half to the even one); then the least of each feature is moved into `offset`.

pub mod admission;
mod binning;
mod canonical;
mod card;
mod error;
mod fitted;
pub mod fitting;
mod gains;
mod meaning;
mod model_file;
pub mod monitoring;
mod part;
mod reference;
mod reference_file;
mod scorecardpy;
mod separation;
mod sheet;
mod sklearn;
mod stability;
mod weights;

pub use binning::Binning;
pub use card::{Fill, Head, MESSAGE_SPACE, Scorecard};
pub use error::Error;
pub use fitted::Fitted;
pub use gains::{Gain, gains};
pub use meaning::{Fact, Grade, Scale};
pub use part::{Feature, Part};
pub use reference::{Reference, Tally};
pub use separation::Separation;
pub use sheet::CsvTable;
pub use stability::stability_index;
