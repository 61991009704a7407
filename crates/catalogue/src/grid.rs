//! Thresholds that may be asked about: at most ten a field, so that answers are no binary search.

use formula::{Day, Quantity, Unit};
use time::{Date, Duration, Month};

use crate::FieldType;
use crate::error::Fault;

/// The most thresholds of a field: of free ones some twenty answers find an amount to a hundredth.
pub const MAX_GRID: usize = 10;

const fn whole<const N: usize>(numbers: [u32; N]) -> [Quantity; N] {
    let mut grid = [Quantity::whole(0); N];
    let mut place = 0;
    while place < N {
        grid[place] = Quantity::whole(numbers[place]);
        place += 1;
    }
    grid
}

/// Yuan: none at all, then from a stall's month to a listed firm's year. 300万 and 1000万 yuan are
/// common limits of inclusive loans; between neighbours there is at least a factor of two.
const YUAN: [Quantity; MAX_GRID] = whole([
    0,
    10_000,
    50_000,
    100_000,
    500_000,
    1_000_000,
    3_000_000,
    10_000_000,
    50_000_000,
    100_000_000,
]);
/// The same thresholds where the unit is 10,000 yuan.
const TEN_THOUSAND_YUAN: [Quantity; MAX_GRID] =
    whole([0, 1, 5, 10, 50, 100, 300, 1_000, 5_000, 10_000]);
/// Heads: the limits of 工信部联企业〔2011〕300号 (10, 20, 100, 200, 300, 1000) and what lies between.
const HEADS: [Quantity; MAX_GRID] = whole([1, 5, 10, 20, 50, 100, 200, 300, 500, 1_000]);
/// Months in a row.
const MONTHS: [Quantity; MAX_GRID] = whole([1, 3, 6, 9, 12, 18, 24, 36, 60, 120]);
/// Any other number: its order of magnitude.
const MAGNITUDES: [Quantity; MAX_GRID] =
    whole([0, 10, 50, 100, 500, 1_000, 5_000, 10_000, 50_000, 100_000]);
/// Percent: 5 and 12 are the limits of a housing fund's rate.
const PERCENT: [Quantity; MAX_GRID] = whole([0, 5, 8, 12, 20, 30, 50, 75, 90, 100]);

/// The months and the days from today that a day may lie: with today itself ten thresholds.
const FROM_TODAY_MONTHS: [i16; 7] = [1, 3, 6, 12, 24, 36, 60];
const FROM_TODAY_DAYS: [i16; 2] = [30, 90];

/// The grid of a field whose catalogue states none, by its type and the unit in its name.
pub(crate) fn by_default(field_type: FieldType, name: &str) -> &'static [Quantity] {
    match field_type {
        FieldType::Money if name.contains("_10k_") => &TEN_THOUSAND_YUAN,
        FieldType::Money => &YUAN,
        FieldType::Integer if name.contains("months") => &MONTHS,
        FieldType::Integer => &HEADS,
        FieldType::Decimal => &MAGNITUDES,
        FieldType::Percent => &PERCENT,
        FieldType::Name
        | FieldType::Uscc
        | FieldType::IdNumber
        | FieldType::Phone
        | FieldType::String
        | FieldType::Record
        | FieldType::Text
        | FieldType::List
        | FieldType::File
        | FieldType::Bool
        | FieldType::Enum
        | FieldType::Band
        | FieldType::Date
        | FieldType::Month
        | FieldType::Year => &[],
    }
}

/// The grid that a document states for a field of this type.
pub(crate) fn stated(field_type: FieldType, numbers: &[f64]) -> Result<Vec<Quantity>, Fault> {
    let problem = |problem: &str| Err(Fault::Other(format!("`grid` {problem}")));
    if !field_type.is_numeric() {
        return problem("goes with a number; days have one grid for all");
    }
    if !(1..=MAX_GRID).contains(&numbers.len()) {
        return problem("has 1 to 10 thresholds");
    }
    let grid: Option<Vec<Quantity>> = numbers.iter().map(|number| exact(*number)).collect();
    match grid {
        Some(grid) if grid.is_sorted_by(|one, two| one < two) => Ok(grid),
        Some(_) => problem("is in ascending order, each threshold once"),
        None => problem("has thresholds below 10^12 with at most 4 decimals"),
    }
}

/// The order that a document states for the categories of a field, the best first.
pub(crate) fn ranked(field_type: FieldType, ranks: &[String]) -> Result<(), Fault> {
    let problem = |problem: &str| Err(Fault::Other(format!("`ranks` {problem}")));
    if field_type != FieldType::Enum {
        return problem("goes with a category");
    }
    let sound =
        |rank: &&String| (1..=64).contains(&rank.len()) && formula::category(rank) == **rank;
    if !(2..=20).contains(&ranks.len()) || !ranks.iter().all(|rank| sound(&rank)) {
        return problem("lists 2 to 20 categories of at most 64 bytes, without outer spaces");
    }
    if (1..ranks.len()).any(|place| ranks[..place].contains(&ranks[place])) {
        return problem("lists each category once");
    }
    Ok(())
}

fn exact(number: f64) -> Option<Quantity> {
    let quantity = Quantity::nearest(number).filter(|_| number.abs() < 1e12)?;
    // What it prints is the number that was written, or there were more decimals.
    let again: f64 = quantity.to_string().parse().ok()?;
    #[expect(clippy::float_cmp, reason = "the same decimal digits give the same number")]
    (again == number).then_some(quantity)
}

/// The threshold below and the one above, where this one is off the grid.
pub(crate) fn neighbours(
    grid: &[Quantity],
    threshold: Quantity,
) -> Option<(Option<Quantity>, Option<Quantity>)> {
    let place = grid.binary_search(&threshold).err()?;
    let below = place.checked_sub(1).and_then(|place| grid.get(place));
    Some((below.copied(), grid.get(place).copied()))
}

/// The days of the grid before and after this one, where it is off the grid.
///
/// From today, the grid is 1, 3, 6, 12, 24, 36 and 60 months, 30 and 90 days, and today. A day of
/// the calendar divides two years: there are more than ten of them, and the rule on narrow cells
/// ([`crate::Disclosed`]) is what keeps them apart. `after` such a day means after 31 December.
pub(crate) fn day_neighbours(day: Day, is_after: bool) -> Option<(Option<Day>, Option<Day>)> {
    match day {
        Day::On(date) => {
            let ends = if is_after { (Month::December, 31) } else { (Month::January, 1) };
            let of = |year| Date::from_calendar_date(year, ends.0, ends.1).ok();
            if of(date.year()) == Some(date) {
                return None;
            }
            let below = if is_after { date.year() - 1 } else { date.year() };
            Some((of(below).map(Day::On), of(below + 1).map(Day::On)))
        }
        Day::FromToday { count: 0, .. } => None,
        Day::FromToday { count, unit } => {
            let (below, above) = step_neighbours(count.abs(), unit)?;
            let step = |steps: Option<i16>| {
                steps.map(|steps| Day::FromToday { count: steps * count.signum(), unit })
            };
            Some((step(below), step(above)))
        }
    }
}

/// The counts below and above, where this one is off the grid.
pub(crate) fn step_neighbours(count: i16, unit: Unit) -> Option<(Option<i16>, Option<i16>)> {
    let grid: &[i16] = match unit {
        Unit::Days => &FROM_TODAY_DAYS,
        Unit::Months => &FROM_TODAY_MONTHS,
    };
    let place = grid.binary_search(&count).err()?;
    let below = place.checked_sub(1).and_then(|place| grid.get(place));
    Some((below.copied(), grid.get(place).copied()))
}

/// The day after, where the calendar has one.
pub(crate) fn next(day: Date) -> Date {
    day.checked_add(Duration::DAY).unwrap_or(Date::MAX)
}

#[cfg(test)]
mod tests {
    use super::{MAX_GRID, by_default, day_neighbours, neighbours, stated};
    use crate::FieldType;
    use formula::{Day, Quantity, Unit};
    use time::macros::date;

    #[test]
    fn default_grids_are_ascending_and_of_ten_at_most() {
        for field_type in FieldType::ALL {
            for name in ["amount_cny", "amount_10k_cny", "normal_months_12m"] {
                let grid = by_default(*field_type, name);
                assert!(grid.len() <= MAX_GRID && grid.is_sorted_by(|one, two| one < two));
                assert_eq!(!grid.is_empty(), field_type.is_numeric(), "{field_type}");
            }
        }
    }

    #[test]
    fn a_threshold_is_on_the_grid_or_between_two() {
        let grid = [10, 50].map(Quantity::whole);
        let [low, high] = grid;
        assert_eq!(neighbours(&grid, low), None);
        assert_eq!(neighbours(&grid, Quantity::whole(11)), Some((Some(low), Some(high))));
        assert_eq!(neighbours(&grid, Quantity::whole(9)), Some((None, Some(low))));
        assert_eq!(neighbours(&grid, Quantity::whole(51)), Some((Some(high), None)));
    }

    #[test]
    fn days_divide_years_or_lie_a_listed_time_from_today() {
        let on = |day| Day::On(day);
        assert_eq!(day_neighbours(on(date!(2026 - 01 - 01)), false), None);
        assert_eq!(day_neighbours(on(date!(2025 - 12 - 31)), true), None);
        assert_eq!(
            day_neighbours(on(date!(2026 - 01 - 01)), true),
            Some((Some(on(date!(2025 - 12 - 31))), Some(on(date!(2026 - 12 - 31)))))
        );
        assert_eq!(
            day_neighbours(on(date!(2026 - 05 - 01)), false),
            Some((Some(on(date!(2026 - 01 - 01))), Some(on(date!(2027 - 01 - 01)))))
        );
        let ago = |count: i16| Day::FromToday { count: -count, unit: Unit::Months };
        assert_eq!(day_neighbours(ago(12), false), None);
        assert_eq!(day_neighbours(ago(13), false), Some((Some(ago(12)), Some(ago(24)))));
        assert_eq!(day_neighbours(ago(61), false), Some((Some(ago(60)), None)));
        assert_eq!(day_neighbours(Day::FromToday { count: 0, unit: Unit::Days }, true), None);
    }

    #[test]
    fn a_stated_grid_is_exact_and_ascending() {
        let money = |grid: &[f64]| stated(FieldType::Money, grid);
        assert_eq!(money(&[0.5, 2.0]).unwrap()[0].to_string(), "0.5");
        for bad in [&[][..], &[2.0, 1.0], &[1.0, 1.0], &[0.00001], &[1e12], &[f64::NAN], &[0.0; 11]]
        {
            assert!(money(bad).is_err(), "{bad:?}");
        }
        assert!(stated(FieldType::Date, &[1.0]).is_err());
    }
}
