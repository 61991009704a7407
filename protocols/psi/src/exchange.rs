//! Rounds 4 to 9, in which both roles do alike.

use std::mem;
use std::sync::Arc;

use session::{Chunk, Role};
use subtle::ConstantTimeEq;

use crate::comparison::{Comparison, truncated};
use crate::error::out_of_turn;
use crate::own::Own;
use crate::rounds::{
    Progress, RECEIVER_POINTS, RECEIVER_TAGS, RECEIVER_TRANSCRIPT, SENDER_POINTS, SENDER_TAGS,
    SENDER_TRANSCRIPT,
};
use crate::salt::{HASH, Run};
use crate::stage::{Profile, Stage};
use crate::stream::Stream;
use crate::terms::peer_of;
use crate::theirs::{Tags, Theirs};
use crate::{Error, Learned, Output, RECEIVER, Terms};

/// The rounds after the salt is agreed. Both directions are under way at once: what is sent and
/// what is awaited are two states, and neither waits for the other but where it must.
pub(crate) struct Exchange {
    terms: Terms,
    role: Role,
    own: Own,
    run: Run,
    profile: Arc<dyn Profile>,
    /// Our points as they are sent; its digest stays when they are.
    points: Stream,
    /// The digest of the peer's points, once all have come.
    their_points: Option<[u8; 64]>,
    /// The tags of the peer's points, from when all have come until ours have left.
    returned: Option<Vec<u128>>,
    sending: Sending,
    expecting: Expecting,
}

#[expect(clippy::large_enum_variant, reason = "a session has one, and it lies in a box")]
enum Sending {
    SendPoints,
    /// Tags are returned when all of the peer's points have come and are found distinct.
    AwaitTheirs,
    SendTags(Stream, Vec<u128>),
    SendTranscript([u8; HASH]),
    Nothing,
}

enum Expecting {
    ExpectPoints(Theirs),
    ExpectTags(Comparison),
    ExpectTranscript(Comparison),
    Finish(Learned),
    /// Only while a chunk is being taken, and after an error or the output.
    Ended,
}

/// What the exchange needs next.
pub(crate) enum Step {
    Send(Chunk),
    Await,
    Done(Learned),
}

impl Exchange {
    pub(crate) fn new(
        role: Role,
        terms: Terms,
        (own, run): (Own, Run),
        profile: Arc<dyn Profile>,
    ) -> Result<Self, Error> {
        let theirs = peer_of(role);
        Ok(Self {
            points: Stream::of_points(points_of(role), terms.points_of(role)),
            their_points: None,
            returned: None,
            sending: Sending::SendPoints,
            expecting: Expecting::ExpectPoints(Theirs::new(
                theirs,
                points_of(theirs),
                terms.points_of(theirs),
            )?),
            terms,
            role,
            own,
            run,
            profile,
        })
    }

    pub(crate) fn advance(&mut self) -> Result<Step, Error> {
        match &mut self.sending {
            Sending::SendPoints => {
                let first = usize::try_from(self.points.passed()).expect("the order is in memory");
                let body = self.own.mask(first..first + self.points.due(), &self.run);
                self.profile.spent(Stage::Curve);
                let chunk = self.points.send(body);
                if self.points.is_over() {
                    if !self.terms.learns(self.role) {
                        self.own.forget_order();
                    }
                    let returns = self.terms.learns(peer_of(self.role));
                    self.sending = if returns { Sending::AwaitTheirs } else { Sending::Nothing };
                    self.settle();
                }
                Ok(Step::Send(chunk))
            }
            Sending::SendTags(stream, tags) => {
                let first = usize::try_from(stream.passed()).expect("the tags are in memory");
                let due = &tags[first..first + stream.due()];
                let chunk = stream.send(truncated(due, self.terms.tag_length())?);
                if stream.is_over() {
                    let tags = stream.digest();
                    self.sending = Sending::SendTranscript(self.transcript(self.role, tags));
                }
                Ok(Step::Send(chunk))
            }
            Sending::SendTranscript(transcript) => {
                let round = transcript_by(self.role);
                let chunk = Stream::of_one(round, HASH).send(transcript.to_vec());
                self.sending = Sending::Nothing;
                Ok(Step::Send(chunk))
            }
            Sending::AwaitTheirs => Ok(Step::Await),
            Sending::Nothing => match mem::replace(&mut self.expecting, Expecting::Ended) {
                Expecting::Finish(learned) => Ok(Step::Done(learned)),
                Expecting::Ended => Err(Error::Ended),
                expecting @ (Expecting::ExpectPoints(_)
                | Expecting::ExpectTags(_)
                | Expecting::ExpectTranscript(_)) => {
                    self.expecting = expecting;
                    Ok(Step::Await)
                }
            },
        }
    }

    /// Takes a chunk of the peer's; after an error, nothing more is sent.
    pub(crate) fn receive(&mut self, from: Role, chunk: Chunk) -> Result<(), Error> {
        let expecting = mem::replace(&mut self.expecting, Expecting::Ended);
        match self.take(from, expecting, chunk) {
            Ok(next) => {
                self.expecting = next;
                Ok(())
            }
            Err(error) => {
                self.sending = Sending::Nothing;
                Err(error)
            }
        }
    }

    pub(crate) fn progress(&self) -> Progress {
        let theirs = self.terms.points_of(peer_of(self.role));
        let remasked = match &self.expecting {
            Expecting::ExpectPoints(points) => points.passed(),
            Expecting::ExpectTags(_)
            | Expecting::ExpectTranscript(_)
            | Expecting::Finish(_)
            | Expecting::Ended => theirs,
        };
        let of = self.terms.points_of(self.role) + theirs;
        Progress { masked: self.points.passed(), remasked, of }
    }

    fn take(&mut self, from: Role, expected: Expecting, chunk: Chunk) -> Result<Expecting, Error> {
        match expected {
            Expecting::ExpectPoints(mut theirs) => {
                theirs.take(chunk, &self.own.key, &self.run)?;
                self.profile.spent(Stage::Curve);
                if !theirs.is_over() {
                    return Ok(Expecting::ExpectPoints(theirs));
                }
                self.their_points = Some(theirs.digest());
                let tags = theirs.finish()?;
                let next = self.keep(from, tags);
                self.profile.spent(Stage::Compare);
                Ok(next)
            }
            Expecting::ExpectTags(mut comparison) => {
                // The peer cannot have tags of points that it was not given.
                if !self.points.is_over() {
                    return Err(out_of_turn(from));
                }
                comparison.take(chunk, &self.own)?;
                self.profile.spent(Stage::Compare);
                Ok(if comparison.is_over() {
                    Expecting::ExpectTranscript(comparison)
                } else {
                    Expecting::ExpectTags(comparison)
                })
            }
            Expecting::ExpectTranscript(comparison) => {
                let mut stream = Stream::of_one(transcript_by(from), HASH);
                let account = stream.accept(from, chunk)?;
                let ours = self.transcript(from, comparison.digest());
                if !bool::from(ours.ct_eq(&account)) {
                    return Err(Error::Transcript { from });
                }
                Ok(Expecting::Finish(comparison.finish()?))
            }
            Expecting::Finish(_) | Expecting::Ended => Err(out_of_turn(from)),
        }
    }

    /// Puts the tags of the peer's points where they are needed, and says what comes next.
    fn keep(&mut self, from: Role, tags: Tags) -> Expecting {
        let Tags { received, sorted } = tags;
        // > §3.5 A sender's canaries come first where the receiver learns a count.
        let first = received.first_chunk().copied();
        let canaries = first.filter(|_| self.terms.canaries_first(from));
        if self.terms.learns(from) {
            self.returned = Some(match self.terms.output {
                // > §3.6 The tags go back in the order in which the points came.
                Output::OneSided | Output::TwoSided => received,
                // > §3.6 For the cardinality they go back sorted, so that their order says nothing.
                Output::Cardinality => sorted.clone(),
            });
            self.settle();
        }
        if !self.terms.learns(self.role) {
            return Expecting::Finish(Learned::Nothing);
        }
        let points = self.terms.points_of(self.role);
        let stream = Stream::of_tags(tags_of(self.role), self.terms.tag_length(), points);
        Expecting::ExpectTags(Comparison::new(from, stream, &self.own, sorted, canaries))
    }

    /// Begins to return tags once our points have left and all of the peer's have come.
    fn settle(&mut self) {
        if let Sending::AwaitTheirs = self.sending
            && let Some(tags) = self.returned.take()
        {
            let stream = Stream::of_tags(
                tags_of(peer_of(self.role)),
                self.terms.tag_length(),
                tags.len() as u64,
            );
            self.sending = Sending::SendTags(stream, tags);
        }
    }

    /// `speaker`'s account, by what we know: both sides' points, and the tags that it returned.
    fn transcript(&self, speaker: Role, tags: [u8; 64]) -> [u8; HASH] {
        let theirs = self.their_points.expect("tags pass only after all of the peer's points");
        let ours = self.points.digest();
        let (receiver, sender) =
            if self.role == RECEIVER { (ours, theirs) } else { (theirs, ours) };
        self.run.transcript(speaker, [receiver, sender, tags])
    }
}

/// The round in which `role` sends its points.
fn points_of(role: Role) -> u32 {
    if role == RECEIVER { RECEIVER_POINTS } else { SENDER_POINTS }
}

/// The round in which the tags of `role`'s points are returned to it.
fn tags_of(role: Role) -> u32 {
    if role == RECEIVER { RECEIVER_TAGS } else { SENDER_TAGS }
}

/// The round in which `role` gives its account.
fn transcript_by(role: Role) -> u32 {
    if role == RECEIVER { RECEIVER_TRANSCRIPT } else { SENDER_TRANSCRIPT }
}
