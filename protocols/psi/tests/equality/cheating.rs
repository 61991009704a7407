//! Askers that are not ours: one that others wrote, and ones that cheat. What they hash is
//! computed here from the SPEC's words alone.

use psi::equality::{ASKER, HOLDER};
use session::{Chunk, Session, Turn};
use sha2::{Digest, Sha512};
use voprf::{EvaluationElement, Group, OprfClient, Ristretto255};

use crate::{Row, Run};

/// The asker's side of a run by the `voprf` crate.
struct Other<'a> {
    run: &'a Run,
    binding: [u8; 64],
}

/// One element that it sends: the input that is blinded in it, and what finalises it.
struct Guess {
    input: [u8; 64],
    client: OprfClient<Ristretto255>,
    blinded: Vec<u8>,
}

/// One answer as it came.
struct Answered {
    evaluated: Vec<u8>,
    known: u8,
    tag: Vec<u8>,
}

impl<'a> Other<'a> {
    fn new(run: &'a Run) -> Self {
        let mut rows = domain("rows");
        for row in &run.rows {
            rows.update(u32::try_from(row.about.len()).unwrap().to_be_bytes());
            rows.update(&row.about);
        }
        let binding = domain("terms")
            .chain_update((run.rows.len() as u64).to_be_bytes())
            .chain_update(run.context)
            .chain_update(rows.finalize());
        Self { run, binding: binding.finalize().into() }
    }

    /// Guesses that `row` has the value `claim`.
    fn guess(&self, row: u64, claim: &str) -> Guess {
        let hash = domain("value").chain_update(self.binding).chain_update(row.to_be_bytes());
        let input: [u8; 64] = hash.chain_update(claim).finalize().into();
        // A blind of our own choice: it hides nothing, and nothing here must be hidden.
        let mut blind = [0; 32];
        blind[..31].copy_from_slice(&input[..31]);
        let blind = <Ristretto255 as Group>::deserialize_scalar(&blind).unwrap();
        let client = OprfClient::deterministic_blind_unchecked(&input, blind).unwrap();
        Guess { input, client: client.state, blinded: client.message.serialize().to_vec() }
    }

    /// Asks the holder for one evaluation a row.
    fn ask(&self, guesses: &[Guess]) -> Vec<Answered> {
        let mut holder = self.run.holder();
        let agreement = domain("agreement").chain_update(self.binding).finalize();
        holder.receive(ASKER, Chunk::whole(1, agreement[..32].to_vec())).unwrap();
        let blinded: Vec<u8> = guesses.iter().flat_map(|guess| guess.blinded.clone()).collect();
        holder.receive(ASKER, Chunk::whole(2, blinded)).unwrap();
        let Ok(Turn::Send(ASKER, answers)) = holder.advance() else { panic!("no answers") };
        let answers = answers.body.chunks(33 + self.run.terms().tag_length());
        answers
            .map(|answer| Answered {
                evaluated: answer[..32].to_vec(),
                known: answer[32],
                tag: answer[33..].to_vec(),
            })
            .collect()
    }
}

impl Guess {
    /// Whether the function's output, by this evaluation, begins with this tag.
    fn is_of(&self, evaluated: &[u8], tag: &[u8]) -> bool {
        let evaluated = EvaluationElement::deserialize(evaluated).unwrap();
        self.client.finalize(&self.input, &evaluated).unwrap()[..tag.len()] == *tag
    }
}

fn domain(name: &str) -> Sha512 {
    Sha512::new().chain_update(format!("tacit/psi/v1/ristretto255-SHA512/equality/{name}"))
}

/// A run in which every row is known and its value is `value ROW`.
fn known(rows: usize) -> Run {
    let row = |row: usize| Row {
        about: format!("uscc:{row} legal_rep"),
        claim: String::new(),
        record: Some(format!("value {row}")),
    };
    Run { rows: (0..rows).map(row).collect(), ..Run::new(0) }
}

#[test]
fn the_voprf_crate_can_be_the_asker() {
    let run = Run::new(30);
    let other = Other::new(&run);
    let guesses: Vec<_> =
        (0..).zip(&run.rows).map(|(index, row)| other.guess(index, &row.claim)).collect();
    let answers = other.ask(&guesses);
    assert_eq!(answers.len(), 30);
    for ((row, guess), answer) in run.rows.iter().zip(&guesses).zip(&answers) {
        assert_eq!(answer.known == 1, row.record.is_some());
        let equal = row.record.as_ref() == Some(&row.claim);
        assert_eq!(guess.is_of(&answer.evaluated, &answer.tag), equal);
    }
}

#[test]
fn an_evaluation_serves_no_other_row() {
    let run = known(8);
    let other = Other::new(&run);
    // All eight evaluations are spent on guesses at row 3, and every one is right.
    let guesses: Vec<_> = (0..8).map(|_| other.guess(3, "value 3")).collect();
    let answers = other.ask(&guesses);
    for (place, (guess, answer)) in guesses.iter().zip(&answers).enumerate() {
        // Only the one in its own place tells.
        assert_eq!(guess.is_of(&answer.evaluated, &answers[3].tag), place == 3);
        // Nor do the other rows' tags fit.
        let fits = answers.iter().filter(|of| guess.is_of(&answer.evaluated, &of.tag)).count();
        assert_eq!(fits, usize::from(place == 3));
    }
}

#[test]
fn one_blinded_guess_in_every_place_is_evaluated_differently() {
    let run = known(16);
    let other = Other::new(&run);
    let guesses: Vec<_> = (0..16).map(|_| other.guess(0, "value 0")).collect();
    let answers = other.ask(&guesses);
    let evaluated: std::collections::BTreeSet<_> =
        answers.iter().map(|answer| answer.evaluated.clone()).collect();
    assert_eq!(evaluated.len(), 16);
}

#[test]
fn an_unknown_row_answers_no_claim_but_as_unknown() {
    let mut run = known(3);
    run.rows[1].record = None;
    let other = Other::new(&run);
    // Even the empty value, which an absent one might be taken for.
    let guesses = [other.guess(0, "value 0"), other.guess(1, ""), other.guess(2, "value 2")];
    let answers = other.ask(&guesses);
    let is_of: Vec<_> = guesses
        .iter()
        .zip(&answers)
        .map(|(g, a)| (a.known, g.is_of(&a.evaluated, &a.tag)))
        .collect();
    assert_eq!(is_of, [(1, true), (0, false), (1, true)]);
}

#[test]
fn a_holder_that_says_unknown_is_believed_whatever_the_tag() {
    let run = known(2);
    let mut honest = run.clone();
    honest.rows[0].claim = "value 0".into();
    honest.rows[1].claim = "value 1".into();
    let (answers, passed) = honest.honest();
    assert_eq!(answers, [psi::equality::Answer::Equal; 2]);
    // The holder's own words, with the mark of row 1 turned: the account of them would be its own.
    let mut asker = honest.asker();
    while let Ok(Turn::Send(HOLDER, _)) = asker.advance() {}
    let mut body = passed[2].1.body.to_vec();
    let unit = body.len() / 2;
    body[unit + 32] = 0;
    asker.receive(HOLDER, Chunk::whole(3, body.clone())).unwrap();
    let round = |number: u32, body: &[u8]| {
        Sha512::new()
            .chain_update("tacit/psi/v1/ristretto255-SHA512/round")
            .chain_update(number.to_be_bytes())
            .chain_update(body)
            .finalize()
    };
    let account = domain("transcript")
        .chain_update(Other::new(&honest).binding)
        .chain_update(round(2, &passed[1].1.body))
        .chain_update(round(3, &body))
        .finalize();
    asker.receive(HOLDER, Chunk::whole(4, account[..32].to_vec())).unwrap();
    let expected = vec![psi::equality::Answer::Equal, psi::equality::Answer::Unknown];
    assert_eq!(asker.advance(), Ok(Turn::Done(expected)));
}
