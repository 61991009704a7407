//! The scales of a plot.

use terminal::table::width;

use super::plot::{BESIDE, SIZE};

/// About how wide half a Chinese character is.
const HALF_CHARACTER: u32 = 15;

/// A scale, and what is written along it.
pub(crate) struct Axis {
    pub(crate) title: String,
    pub(crate) from: f64,
    pub(crate) until: f64,
    pub(crate) ticks: Ticks,
}

/// How places on a scale are named.
#[derive(Clone)]
pub(crate) enum Ticks {
    Percent,
    Number,
    /// A name for each unit: the first from 0 to 1.
    Names(Vec<String>),
}

impl Axis {
    /// A scale from 0 on that holds shares and ends at a round number, at 1 at most.
    pub(crate) fn shares(title: String, most: f64) -> Self {
        let until = if most.is_finite() { round_up(most * 1.05).min(1.0) } else { 1.0 };
        Self { title, from: 0.0, until, ticks: Ticks::Percent }
    }

    /// A scale of numbers that holds 0 and these, and ends at round ones.
    pub(crate) fn numbers(title: String, all: impl IntoIterator<Item = f64>) -> Self {
        let ends = all.into_iter().filter(|number| number.is_finite());
        let (least, most) = ends.fold((0.0_f64, 0.0_f64), |(least, most), number| {
            (least.min(number), most.max(number))
        });
        let from = if least < 0.0 { -round_up(-least * 1.05) } else { 0.0 };
        let until = if most > 0.0 || least == 0.0 { round_up(most * 1.05) } else { 0.0 };
        Self { title, from, until, ticks: Ticks::Number }
    }

    /// A scale with a place for each name.
    pub(crate) fn names(title: String, names: Vec<String>) -> Self {
        #[expect(clippy::cast_precision_loss, reason = "the names of bins")]
        let until = names.len().max(1) as f64;
        Self { title, from: 0.0, until, ticks: Ticks::Names(names) }
    }

    /// Whether names of places are short enough to stand beside one another.
    pub(crate) fn has_room_for(names: &[String]) -> bool {
        Self::step(names) == 1
    }

    /// Every which name of places there is room for.
    pub(super) fn step(names: &[String]) -> usize {
        let room = SIZE.0.saturating_sub(2 * BESIDE) / HALF_CHARACTER;
        let widest = names.iter().map(|name| width(name)).max().unwrap_or(0);
        let needed = (widest + 1) * names.len();
        needed.div_ceil(room as usize).max(1)
    }

    /// What is written at a place.
    pub(super) fn name(&self, at: f64) -> String {
        match self.ticks {
            Ticks::Percent if self.until - self.from < 0.1 => format!("{:.1}%", 100.0 * at),
            Ticks::Percent => format!("{:.0}%", 100.0 * at),
            Ticks::Number if self.until - self.from < 1.0 => format!("{at:.2}"),
            Ticks::Number if self.until - self.from < 10.0 => format!("{at:.1}"),
            Ticks::Number => format!("{at:.0}"),
            Ticks::Names(_) => String::new(),
        }
    }

    /// At most how many places are named by plotters itself.
    pub(super) const fn most_ticks(&self) -> usize {
        match self.ticks {
            Ticks::Percent | Ticks::Number => 7,
            Ticks::Names(_) => 0,
        }
    }
}

/// The next of 1, 2, 2.5, 4, 5, 6, 8 and 10 times a power of ten; 1 of nothing.
fn round_up(number: f64) -> f64 {
    if number <= 0.0 || !number.is_finite() {
        return 1.0;
    }
    let power = 10_f64.powf(number.log10().floor());
    let steps = [1.0, 2.0, 2.5, 4.0, 5.0, 6.0, 8.0, 10.0];
    let next = steps.into_iter().find(|step| step * power >= number);
    next.unwrap_or(10.0) * power
}

#[cfg(test)]
mod tests {
    use super::{Axis, round_up};

    #[test]
    fn names_that_have_no_room_beside_one_another_are_left_out_evenly() {
        let names = |name: &str, count: usize| vec![name.to_owned(); count];
        assert_eq!(Axis::step(&names("527", 10)), 1);
        assert_eq!(Axis::step(&names("[1000, 2000)", 10)), 3);
        assert_eq!(Axis::step(&names("缺失", 10)), 1);
        assert_eq!((Axis::step(&names("7", 64)), Axis::step(&[])), (3, 1));
    }

    #[test]
    fn scales_end_at_round_numbers() {
        let ends = [0.0, 0.031, 0.21, 0.5, 7.1, 1.0].map(round_up);
        assert_eq!(ends.map(|end| (end * 1e6).round() / 1e6), [1.0, 0.04, 0.25, 0.5, 8.0, 1.0]);
        let axis = Axis::numbers(String::new(), [-0.4, 1.3]);
        assert!((axis.from + 0.5).abs() < 1e-12 && (axis.until - 2.0).abs() < 1e-12);
        let axis = Axis::numbers(String::new(), [-0.4]);
        assert!(axis.from < -0.4 && axis.until == 0.0);
    }
}
