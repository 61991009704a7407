//! Yes, no or unknown.

use std::fmt;
use std::ops::Not;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::Error;
use crate::bilingual::bilingual;

bilingual! {
    /// The answer to a question about a subject, in Kleene's strong three-valued logic.
    ///
    /// A missing row or value is unknown and never no: a firm that a holder does not know is not a
    /// firm without tax. A combination is known as soon as what is known settles it, whatever the
    /// unknown parts turn out to be (S. C. Kleene, *Introduction to Metamathematics*, §64).
    #[derive(Serialize, Deserialize)]
    #[serde(try_from = "String", into = "String")]
    Answer;

    /// It is so.
    Yes "yes" "yes" "是";
    /// It is not so.
    No "no" "no" "否";
    /// Nobody can say.
    Unknown "unknown" "unknown" "未知";
}

impl Answer {
    /// Yes when both are, no when either is.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::No, _) | (_, Self::No) => Self::No,
            (Self::Yes, Self::Yes) => Self::Yes,
            (Self::Unknown, Self::Yes | Self::Unknown) | (Self::Yes, Self::Unknown) => {
                Self::Unknown
            }
        }
    }

    /// Yes when either is, no when both are.
    #[must_use]
    pub const fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::Yes, _) | (_, Self::Yes) => Self::Yes,
            (Self::No, Self::No) => Self::No,
            (Self::Unknown, Self::No | Self::Unknown) | (Self::No, Self::Unknown) => Self::Unknown,
        }
    }

    /// Yes when at least `k` of these are, no when so many are not that `k` can no longer be.
    #[must_use]
    pub fn at_least(k: usize, of: impl IntoIterator<Item = Self>) -> Self {
        let (mut yes, mut open) = (0, 0);
        for answer in of {
            match answer {
                Self::Yes => yes += 1,
                Self::No => {}
                Self::Unknown => open += 1,
            }
        }
        if yes >= k {
            Self::Yes
        } else if yes + open < k {
            Self::No
        } else {
            Self::Unknown
        }
    }
}

impl Not for Answer {
    type Output = Self;

    fn not(self) -> Self {
        match self {
            Self::Yes => Self::No,
            Self::No => Self::Yes,
            Self::Unknown => Self::Unknown,
        }
    }
}

impl From<bool> for Answer {
    fn from(so: bool) -> Self {
        if so { Self::Yes } else { Self::No }
    }
}

impl FromStr for Answer {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Self::ALL
            .iter()
            .copied()
            .find(|answer| answer.code() == text)
            .ok_or(Error::Word { what: "an answer", expected: "yes, no, unknown" })
    }
}

impl TryFrom<String> for Answer {
    type Error = Error;

    fn try_from(text: String) -> Result<Self, Error> {
        text.parse()
    }
}

impl From<Answer> for String {
    fn from(answer: Answer) -> Self {
        answer.code().into()
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

#[cfg(test)]
mod tests {
    use super::Answer::{self, No, Unknown, Yes};

    /// What an unknown may turn out to be.
    fn worlds(answers: &[Answer]) -> Vec<Vec<bool>> {
        answers.iter().fold(vec![Vec::new()], |worlds, answer| {
            let may: &[bool] = match answer {
                Yes => &[true],
                No => &[false],
                Unknown => &[false, true],
            };
            let longer = |world: &Vec<bool>| {
                may.iter().map(|so| [world.as_slice(), &[*so]].concat()).collect::<Vec<_>>()
            };
            worlds.iter().flat_map(longer).collect()
        })
    }

    /// What all the worlds agree on.
    fn agreed(worlds: &[Vec<bool>], holds: impl Fn(&[bool]) -> bool) -> Answer {
        let held = worlds.iter().filter(|world| holds(world)).count();
        if held == worlds.len() {
            Yes
        } else if held == 0 {
            No
        } else {
            Unknown
        }
    }

    fn tuples(n: u32) -> impl Iterator<Item = Vec<Answer>> {
        let digit = move |i: usize, place: u32| Answer::ALL[i / 3_usize.pow(place) % 3];
        (0..3_usize.pow(n)).map(move |i| (0..n).map(|place| digit(i, place)).collect())
    }

    #[test]
    fn a_combination_is_known_exactly_when_every_unknown_leaves_it_the_same() {
        for n in 1..=5 {
            for answers in tuples(n) {
                let worlds = worlds(&answers);
                for k in 0..=answers.len() + 1 {
                    let expected =
                        agreed(&worlds, |world| world.iter().filter(|so| **so).count() >= k);
                    assert_eq!(Answer::at_least(k, answers.clone()), expected, "{k} {answers:?}");
                }
            }
        }
        for pair in tuples(2) {
            let worlds = worlds(&pair);
            assert_eq!(pair[0].and(pair[1]), agreed(&worlds, |w| w[0] && w[1]), "{pair:?}");
            assert_eq!(pair[0].or(pair[1]), agreed(&worlds, |w| w[0] || w[1]), "{pair:?}");
        }
        assert_eq!([!Yes, !No, !Unknown], [No, Yes, Unknown]);
    }

    #[test]
    fn one_of_n_is_or_and_n_of_n_is_and() {
        for answers in tuples(4) {
            let or = answers.iter().fold(No, |all, answer| all.or(*answer));
            let and = answers.iter().fold(Yes, |all, answer| all.and(*answer));
            assert_eq!(Answer::at_least(1, answers.clone()), or);
            assert_eq!(Answer::at_least(4, answers.clone()), and);
            // De Morgan, for thresholds: not (k of n) is (n - k + 1 of n) of what is not.
            for k in 1..=4 {
                let dual = Answer::at_least(5 - k, answers.iter().map(|answer| !*answer));
                assert_eq!(!Answer::at_least(k, answers.clone()), dual);
            }
        }
    }

    #[test]
    fn learning_more_never_changes_what_was_known() {
        for answers in tuples(4) {
            for place in 0..4 {
                if answers[place] != Unknown {
                    continue;
                }
                for k in 1..=4 {
                    let before = Answer::at_least(k, answers.clone());
                    for told in [Yes, No] {
                        let mut more = answers.clone();
                        more[place] = told;
                        let after = Answer::at_least(k, more);
                        assert!(before == Unknown || before == after);
                    }
                }
            }
        }
    }

    #[test]
    fn an_answer_is_its_word_in_text_and_in_json() {
        for answer in Answer::ALL {
            assert_eq!(answer.code().parse::<Answer>().unwrap(), *answer);
            assert_eq!(serde_json::to_string(answer).unwrap(), format!("\"{answer}\""));
        }
        assert!(serde_json::from_str::<Answer>("\"maybe\"").is_err());
    }
}
