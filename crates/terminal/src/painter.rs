//! Progress: a bar where somebody watches, a line a second at most where it goes into a file.

use std::time::{Duration, Instant};

use control::messages::Progress;
use control::text;
use domain::Text;
use indicatif::{ProgressBar, ProgressStyle};

use crate::Voice;
use crate::phrases;
use crate::say;
use crate::units::{as_float, bytes};

/// How often a bar moves when nothing is heard.
const TICK: Duration = Duration::from_millis(120);

const BETWEEN_LINES: Duration = Duration::from_secs(1);

/// Shows how far a run is.
#[derive(Debug)]
pub(crate) struct Painter {
    voice: Voice,
    target: Target,
    pace: Pace,
}

#[derive(Debug)]
enum Target {
    Terminal { bar: ProgressBar, shown: bool },
    File { last: Instant },
}

impl Painter {
    /// Nothing is shown before the first progress.
    pub(crate) fn new(voice: Voice) -> Self {
        let target = if say::watched() {
            Target::Terminal { bar: ProgressBar::new(0).with_style(spinner()), shown: false }
        } else {
            Target::File { last: Instant::now() }
        };
        Self { voice, target, pace: Pace::default() }
    }

    /// Shows one step.
    pub(crate) fn show(&mut self, progress: &Progress) {
        let mut words = text(progress.phase.clone());
        if let Some(left) = self.pace.left(progress, Instant::now()) {
            words = timed(&words, left);
        }
        let words = self.voice.words(&words).to_owned();
        match &mut self.target {
            Target::Terminal { bar, shown } => {
                paint(bar, progress, words);
                if !*shown {
                    bar.enable_steady_tick(TICK);
                    *shown = true;
                }
            }
            Target::File { last } => {
                if last.elapsed() >= BETWEEN_LINES {
                    *last = Instant::now();
                    say::aside(&line(progress, &words));
                }
            }
        }
    }
}

impl Drop for Painter {
    fn drop(&mut self) {
        if let Target::Terminal { bar, .. } = &self.target {
            bar.finish_and_clear();
        }
    }
}

/// How fast a run with a known end gets on.
#[derive(Debug, Default)]
struct Pace {
    /// Of how many items there were so many done, and when.
    from: Option<(u64, u64, Instant)>,
}

impl Pace {
    /// How long the rest takes at this pace; `None` where nothing can be said yet, or it is so short
    /// that nobody wants to know.
    fn left(&mut self, progress: &Progress, now: Instant) -> Option<Duration> {
        let Progress { done, total, .. } = *progress;
        let begun = self.from.filter(|(of, first, _)| *of == total && *first <= done);
        let (_, first, since) = *self.from.insert(begun.unwrap_or((total, done, now)));
        let rest = total.checked_sub(done).filter(|rest| *rest > 0)?;
        if done == first {
            return None;
        }
        let each = now.duration_since(since).as_secs_f64() / as_float(done - first);
        let left = Duration::try_from_secs_f64(each * as_float(rest)).ok()?;
        // Whole seconds: a guess has no more digits.
        Some(Duration::from_secs(left.as_secs())).filter(|left| *left >= BETWEEN_LINES)
    }
}

/// What is happening, and how long it still takes.
fn timed(words: &Text, left: Duration) -> Text {
    let left = rough(left);
    let Text { en, zh } = phrases::time_left(&words.en, &left);
    Text { en, zh: if words.zh.is_empty() { zh } else { phrases::time_left(&words.zh, &left).zh } }
}

/// A guess at a span: seconds, or minutes.
fn rough(span: Duration) -> String {
    match span.as_secs() {
        seconds @ 0..120 => format!("{seconds} s"),
        seconds => format!("{} min", seconds.div_ceil(60)),
    }
}

fn paint(bar: &ProgressBar, progress: &Progress, words: String) {
    if progress.total > 0 && bar.length() != Some(progress.total) {
        bar.set_style(style());
        bar.set_length(progress.total);
    }
    bar.set_position(progress.done);
    let moved = progress.sent_bytes + progress.received_bytes;
    bar.set_message(if moved == 0 { words } else { format!("{words} · {}", bytes(moved)) });
}

fn line(progress: &Progress, words: &str) -> String {
    let moved = bytes(progress.sent_bytes + progress.received_bytes);
    match (u128::from(progress.done) * 100).checked_div(progress.total.into()) {
        Some(percent) => format!("{words} · {}% · {moved}", percent.min(100)),
        None => format!("{words} · {moved}"),
    }
}

fn spinner() -> ProgressStyle {
    ProgressStyle::with_template("{spinner} {elapsed} {msg}")
        .expect("the template is constant and right")
}

fn style() -> ProgressStyle {
    ProgressStyle::with_template("{bar:30} {percent:>3}% {elapsed} {msg}")
        .expect("the template is constant and right")
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use control::messages::Progress;
    use domain::Text;

    use super::{Pace, line, timed};

    #[test]
    fn the_time_left_is_told_from_the_pace_so_far_and_anew_for_each_total() {
        let (mut pace, began) = (Pace::default(), Instant::now());
        let mut at = |done, total, seconds| {
            let progress = Progress { done, total, ..Progress::default() };
            let left = pace.left(&progress, began + Duration::from_secs(seconds));
            left.map(|left| left.as_secs())
        };
        // Three of nine passes in six seconds: six more in twelve.
        assert_eq!(at(0, 9, 0), None);
        assert_eq!(at(3, 9, 6), Some(12));
        assert_eq!(at(9, 9, 18), None);
        // Another total is another count, and so is one that begins again.
        assert_eq!(at(50, 100, 20), None);
        assert_eq!(at(75, 100, 30), Some(10));
        assert_eq!(at(10, 100, 31), None);
        assert_eq!(at(0, 0, 32), None);
    }

    #[test]
    fn the_time_left_stands_in_both_languages() {
        let words = Text { en: "pass 3 of 9".into(), zh: "第 3/9 遍".into() };
        let Text { en, zh } = timed(&words, Duration::from_secs(12));
        assert_eq!(en, "pass 3 of 9 · 12 s left");
        assert_eq!(zh, "第 3/9 遍 · 剩余 12 s");
    }

    #[test]
    fn a_line_has_a_share_where_the_total_is_known() {
        let mut progress = Progress { done: 1, total: 3, sent_bytes: 512, ..Progress::default() };
        assert_eq!(line(&progress, "round 4"), "round 4 · 33% · 512 B");
        progress.total = 0;
        assert_eq!(line(&progress, "round 4"), "round 4 · 512 B");
    }
}
