//! The rules of admission and their limits; R3 and the like are the codes of [`Rule`].

use domain::bilingual;

use crate::MESSAGE_SPACE;

/// Holders besides the lender itself (R3): with two, a lender that colludes with one subtracts its
/// part and has the other's.
pub const LEAST_HOLDERS: u16 = 3;
/// Holders besides the lender, where the lender fills a slot of the model itself (R3).
pub const LEAST_HOLDERS_WITH_LENDER: u16 = 2;
/// Features of each holder that is not the lender (R3).
pub const LEAST_FEATURES_OF_A_HOLDER: u16 = 3;
/// Features whose points differ between bins (R3).
pub const LEAST_FEATURES: u16 = 8;
/// Bins of each feature, those for other and missing values included (R3).
pub const LEAST_BINS: u16 = 3;
/// The share of the rows with a value that each bin has (R3).
pub const LEAST_BIN_SHARE: f64 = 0.05;
/// The largest total of points (R5): 10 bits.
pub const MOST_POINTS: u16 = MESSAGE_SPACE - 1;
/// What of the score one feature may explain (R2), the lender's own points subtracted from it.
/// Regressions on public data (UCI's credit card clients, German credit, Give Me Some Credit) had
/// 0.45 to 0.76.
pub const MOST_BY_FEATURE: f64 = 0.80;
/// What of the score one holder's block may explain (R2); those regressions had 0.84 to 0.92.
pub const MOST_BY_HOLDER: f64 = 0.95;
/// From here on a holder's block is flagged (R2).
pub const FLAGGED_BY_HOLDER: f64 = 0.90;
/// One feature's part of the spans of points of all: R2's limit, where there are no statistics. A
/// unit vector has 1.
pub const MOST_SPAN: f64 = 0.80;
/// What of one side of a split may be readable off the total. A table b·Bʲ has 1; the tests hold
/// regressions drawn at random below 0.65 and the cards of `tacit demo` below 0.60.
pub const MOST_READABLE: f64 = 0.80;

bilingual! {
    /// A rule of admission, with what it asks.
    Rule;

    /// Breadth: holders.
    Holders "R3.holders"
        "holders besides the lender: 3, or 2 where the lender has a slot of its own"
        "除贷款机构外的数据持有方：至少 3 个；贷款机构自有一组特征时至少 2 个";
    /// Breadth: features of each holder.
    HolderFeatures "R3.holder-features"
        "features of every holder" "每个数据持有方的特征数";
    /// Breadth: features that matter.
    Features "R3.features" "features whose bins differ in points" "各分箱分值不全相同的特征数";
    /// Breadth: bins.
    Bins "R3.bins" "bins of every feature" "每个特征的分箱数";
    /// Breadth: nobody stands alone in a bin. A bin for other or missing values may be rarer, as
    /// long as its points lie among those of the feature's listed bins.
    BinShare "R3.bin-share" "share of rows in the rarest bin" "最稀少分箱的样本占比";
    /// Room: whole points that fit into 10 bits.
    Room "R5.room" "largest total of whole points" "整数分值的最大合计";
    /// Dominance of a feature.
    FeatureDominance "R2.feature"
        "share of what the lender opens that one feature explains" "单个特征对贷款机构所解密之和的解释占比";
    /// Dominance of a holder.
    HolderDominance "R2.holder"
        "share of what the lender opens that one holder explains" "单个数据持有方对所解密之和的解释占比";
    /// Not a unit vector.
    UnitVector "S1.unit-vector"
        "one feature's part of the spans of points" "单个特征的分值跨度占比";
    /// Not a mixed radix.
    MixedRadix "S2.mixed-radix"
        "share of a part that can be read off the total" "可从合计分值中还原的部分占比";
}
