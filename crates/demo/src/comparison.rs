//! Whether the decrypted scores are what the clear text says.

use std::collections::BTreeMap;
use std::time::Duration;

use terminal::Failure;

use super::material::{Bank, Material};
use super::measures::{Separation, percentile, separation};
use super::steps::Answer;

/// What the comparison found.
#[derive(Default)]
pub(super) struct Comparison {
    /// Answers that equal the clear text in points, score and grade.
    pub(super) right: usize,
    /// Answers that do not.
    pub(super) wrong: usize,
    /// Questions that got no answer, and the first reason.
    pub(super) unanswered: usize,
    pub(super) reason: Option<Failure>,
    /// The answered ones by grade.
    pub(super) grades: BTreeMap<String, Graded>,
    /// Decrypted score and outcome, in the order of the questions.
    scored: Vec<(i64, bool)>,
    /// The bank's own score of the same customers, and the same outcomes.
    alone: Vec<(i64, bool)>,
    latencies: Vec<Duration>,
}

/// The customers of one grade.
#[derive(Default)]
pub(super) struct Graded {
    pub(super) all: u64,
    /// Those of them that turned out bad.
    pub(super) bads: u64,
}

impl Comparison {
    /// Compares every answer with the clear text; `asked` questions were put.
    pub(super) fn of(
        (material, bank): (&Material, &Bank),
        asked: usize,
        answers: &[Answer],
    ) -> Self {
        let mut comparison =
            Self { unanswered: asked.saturating_sub(answers.len()), ..Self::default() };
        for answer in answers {
            let score = match &answer.outcome {
                Ok(score) => score,
                Err(failure) => {
                    comparison.unanswered += 1;
                    comparison.reason.get_or_insert_with(|| failure.clone());
                    continue;
                }
            };
            let card = &material.card;
            let same = material.clear_points(bank, &answer.subject).is_ok_and(|points| {
                let total = card.score(points);
                score.points == u32::from(points)
                    && score.score == i64::from(total)
                    && score.grade == card.grade(total).unwrap_or_default()
            });
            if same {
                comparison.right += 1;
            } else {
                comparison.wrong += 1;
            }
            comparison.latencies.push(answer.latency);
            if let Some(bad) = bank.is_bad(&answer.subject) {
                comparison.scored.push((score.score, bad));
                // What the bank would have had without anybody.
                if let Ok(points) = material.alone_points(bank, &answer.subject) {
                    comparison.alone.push((i64::from(material.alone.score(points)), bad));
                }
                let grade = comparison.grades.entry(score.grade.clone()).or_default();
                grade.all += 1;
                grade.bads += u64::from(bad);
            }
        }
        comparison
    }

    /// Whether every question was answered, and rightly.
    pub(super) fn holds(&self) -> bool {
        self.wrong == 0 && self.unanswered == 0 && self.right > 0
    }

    /// How well the decrypted scores part the outcomes that the bank holds.
    pub(super) fn separation(&self) -> Option<Separation> {
        separation(&self.scored)
    }

    /// How well the bank parts the same customers with its own columns alone.
    pub(super) fn alone(&self) -> Option<Separation> {
        separation(&self.alone)
    }

    /// What `percent` of a hundred answers did not take longer than.
    pub(super) fn latency(&self, percent: usize) -> Duration {
        percentile(&self.latencies, percent)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use control::messages::Score;
    use domain::Text;
    use terminal::Failure;

    use super::super::material::Material;
    use super::super::steps::Answer;
    use super::Comparison;

    /// What an honest run answers.
    fn answers(material: &Material) -> Vec<Answer> {
        let answer = |key: &String| {
            let points = material.clear_points(material.bank(), key).unwrap();
            let score = material.card.score(points);
            let grade = material.card.grade(score).unwrap().into();
            let outcome =
                Ok(Score { points: points.into(), score: score.into(), probability: 0.0, grade });
            Answer {
                subject: key.clone(),
                run: String::new(),
                outcome,
                latency: Duration::from_millis(5),
            }
        };
        material.bank().customers().iter().map(answer).collect()
    }

    #[test]
    fn honest_answers_hold_and_one_point_off_does_not() {
        let material = Material::generated(400, 2).unwrap();
        let mut answers = answers(&material);
        let comparison = Comparison::of((&material, material.bank()), answers.len(), &answers);
        assert!(comparison.holds());
        assert_eq!(comparison.right, answers.len());
        let (joint, alone) = (comparison.separation().unwrap(), comparison.alone().unwrap());
        assert!(joint.auc > 0.75 && alone.auc > 0.55 && joint.auc > alone.auc);
        assert_eq!(comparison.latency(99), Duration::from_millis(5));

        answers[3].outcome.as_mut().unwrap().points += 1;
        let comparison = Comparison::of((&material, material.bank()), answers.len(), &answers);
        assert!(!comparison.holds());
        assert_eq!((comparison.wrong, comparison.right), (1, answers.len() - 1));
    }

    #[test]
    fn what_is_not_answered_is_not_right() {
        let material = Material::generated(100, 2).unwrap();
        let mut answers = answers(&material);
        let asked = answers.len();
        answers.pop();
        answers[0].outcome = Err(Failure::new("x", Text::same("no")));
        let comparison = Comparison::of((&material, material.bank()), asked, &answers);
        assert!(!comparison.holds());
        assert_eq!((comparison.wrong, comparison.unanswered), (0, 2));
        assert_eq!(comparison.reason.unwrap().code(), "x");
        assert!(!Comparison::of((&material, material.bank()), 0, &[]).holds());
    }
}
