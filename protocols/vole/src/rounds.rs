//! The rounds: who says what, in which order.

/// The point of the base OTs' sender.
pub(crate) const POINT: u32 = 1;
/// The pairs of points of the base OTs' receiver.
pub(crate) const PAIRS: u32 = 2;
/// The corrections of the OT extension's columns.
pub(crate) const CORRECTIONS: u32 = 3;
/// The hashes of choices and columns.
pub(crate) const COLUMNS: u32 = 4;
/// The sums of the trees, a batch a chunk.
pub(crate) const TREES: u32 = 5;
/// The masks of the trees' check.
pub(crate) const MASKS: u32 = 6;
/// The hash of the sender's vectors.
pub(crate) const HASHES: u32 = 7;

/// What each round carries, for progress and error messages: round 1 first.
pub const ROUNDS: [&str; 7] = [
    "base OT: point",
    "base OT: pairs of points",
    "OT extension: corrections",
    "OT extension: check",
    "trees",
    "trees: masks of the check",
    "trees: check",
];
