//! An answer on the wire: the evaluated element (32), whether the holder has a value (1), the tag
//! of that value (l).

use session::Role;
use subtle::ConstantTimeEq;

use crate::equality::Answer;
use crate::equality::rounds::ANSWERS;
use crate::oprf::{Element, Output};
use crate::{Error, POINT};

/// Appends an answer of `length` bytes to a chunk's body.
pub(crate) fn append(
    body: &mut Vec<u8>,
    length: usize,
    evaluated: &Element,
    known: bool,
    output: &Output,
) {
    body.extend_from_slice(evaluated.as_bytes());
    body.push(known.into());
    body.extend_from_slice(&output.as_bytes()[..length - POINT - 1]);
}

/// Answers of `length` bytes, as they came.
pub(crate) struct Received<'a> {
    pub(crate) evaluated: Vec<[u8; POINT]>,
    tags: Vec<Tag<'a>>,
}

/// The tag of the holder's value; where it has none, of nothing that anybody could claim.
struct Tag<'a> {
    known: bool,
    tag: &'a [u8],
}

impl<'a> Received<'a> {
    /// Parses whole answers, of which the first has the place `first` in the round.
    pub(crate) fn parse(
        answers: &'a [u8],
        length: usize,
        from: Role,
        first: u64,
    ) -> Result<Self, Error> {
        let mut points = Vec::with_capacity(answers.len() / length);
        let mut tags = Vec::with_capacity(answers.len() / length);
        for (answer, index) in answers.chunks_exact(length).zip(first..) {
            let (point, rest) = answer.split_first_chunk::<POINT>().expect("an answer is longer");
            let (known, tag) = rest.split_first().expect("a tag has 5 bytes at least");
            let known = match known {
                0 => false,
                1 => true,
                _ => return Err(Error::NoAnswer { from, round: ANSWERS, index }),
            };
            points.push(*point);
            tags.push(Tag { known, tag });
        }
        Ok(Self { evaluated: points, tags })
    }

    /// What they say of the claims that have these outputs.
    pub(crate) fn compare(&self, outputs: &[Output]) -> Vec<Answer> {
        let pairs = self.tags.iter().zip(outputs);
        let compare = |(Tag { known, tag }, output): (&Tag<'_>, &Output)| {
            let equal = bool::from(output.as_bytes()[..tag.len()].ct_eq(tag));
            match (known, equal) {
                (true, true) => Answer::Equal,
                (true, false) => Answer::Unequal,
                (false, _) => Answer::Unknown,
            }
        };
        pairs.map(compare).collect()
    }
}
