//! Progress: a bar where somebody watches, a line a second at most where it goes into a file.

use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use wire::control::Progress;

use crate::language::Text;
use crate::say::{self, Voice};
use crate::units::bytes;

/// How often a bar moves when nothing is heard.
const TICK: Duration = Duration::from_millis(120);

const BETWEEN_LINES: Duration = Duration::from_secs(1);

/// Shows how far a run is.
#[derive(Debug)]
pub(crate) struct Painter {
    voice: Voice,
    place: Place,
}

#[derive(Debug)]
enum Place {
    Terminal { bar: ProgressBar, shown: bool },
    File { last: Instant },
}

impl Painter {
    /// Nothing is shown before the first progress.
    pub(crate) fn new(voice: Voice) -> Self {
        let place = if say::watched() {
            Place::Terminal { bar: ProgressBar::new(0).with_style(spinner()), shown: false }
        } else {
            Place::File { last: Instant::now() }
        };
        Self { voice, place }
    }

    /// Shows one step.
    pub(crate) fn show(&mut self, progress: &Progress) {
        let words = progress
            .phase
            .clone()
            .map(|phase| self.voice.words(&Text::from(phase)).to_owned())
            .unwrap_or_default();
        match &mut self.place {
            Place::Terminal { bar, shown } => {
                paint(bar, progress, words);
                if !*shown {
                    bar.enable_steady_tick(TICK);
                    *shown = true;
                }
            }
            Place::File { last } => {
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
        if let Place::Terminal { bar, .. } = &self.place {
            bar.finish_and_clear();
        }
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
    use wire::control::Progress;

    use super::line;

    #[test]
    fn a_line_has_a_share_where_the_total_is_known() {
        let mut progress = Progress { done: 1, total: 3, sent_bytes: 512, ..Progress::default() };
        assert_eq!(line(&progress, "round 4"), "round 4 · 33% · 512 B");
        progress.total = 0;
        assert_eq!(line(&progress, "round 4"), "round 4 · 512 B");
    }
}
