//! A lender, holders and questions, made from a seed.
#![allow(dead_code, reason = "each test program uses a part of it")]
#![allow(clippy::unwrap_used, reason = "a test stops at the first error")]
#![allow(unreachable_pub, reason = "shared between test programs")]

pub mod run;

use chacha20::ChaCha20Rng;
use rand_core::{Rng, SeedableRng};
use verification::{
    Answer, Atom, Atoms, Combined, Comparison, Encode, Evaluation, EvaluationKey, Evaluator,
    Formula, HolderId, Known, LenderKey, Query, QueryId, QuestionDigest, RunId, SealedThreshold,
    Terms, Threshold, holder,
};

/// A lender and its keys.
pub struct Lender {
    pub key: LenderKey,
    pub uploaded: EvaluationKey,
    pub evaluator: Evaluator,
}

/// What is asked of one atom, and what its holder knows.
#[derive(Clone, Copy, Debug)]
pub enum Asked {
    Plain(Answer),
    Sealed(Comparison, u64, Option<u64>),
}

/// One question, ready to be asked.
pub struct Question {
    pub terms: Terms,
    pub asked: Vec<Asked>,
    pub thresholds: Vec<Option<SealedThreshold>>,
}

pub fn rng(seed: u8) -> ChaCha20Rng {
    ChaCha20Rng::from_seed([seed; 32])
}

/// A uniform number below `bound`, near enough.
pub fn below(bound: usize, rng: &mut impl Rng) -> usize {
    usize::try_from(rng.next_u64() % bound as u64).unwrap()
}

pub fn any_answer(rng: &mut impl Rng) -> Answer {
    [Answer::Yes, Answer::No, Answer::Unknown][below(3, rng)]
}

/// A random formula that uses each of `atoms` once, in a random shape.
pub fn formula(atoms: &[usize], rng: &mut impl Rng) -> Formula {
    let inner = match atoms {
        [only] => Formula::Atom(*only),
        _ => {
            let parts = 2 + below(atoms.len().min(5) - 1, rng);
            let mut cuts: Vec<_> =
                (0..parts - 1).map(|_| 1 + below(atoms.len() - 1, rng)).collect();
            cuts.extend([0, atoms.len()]);
            cuts.sort_unstable();
            cuts.dedup();
            let parts: Vec<_> =
                cuts.windows(2).map(|cut| formula(&atoms[cut[0]..cut[1]], rng)).collect();
            let least = 1 + below(parts.len(), rng);
            Formula::AtLeast(least, parts)
        }
    };
    if below(3, rng) == 0 { !inner } else { inner }
}

/// Kleene's strong logic by its definition: the answer that every way to fill in the unknowns
/// agrees on, gate by gate, through truth values -1, 0 and 1 and sorting.
pub fn kleene(formula: &Formula, atoms: &[Answer]) -> Answer {
    fn rank(answer: Answer) -> i8 {
        match answer {
            Answer::No => -1,
            Answer::Unknown => 0,
            Answer::Yes => 1,
        }
    }
    match formula {
        Formula::Atom(atom) => atoms[*atom],
        Formula::Not(part) => match rank(kleene(part, atoms)) {
            -1 => Answer::Yes,
            1 => Answer::No,
            _ => Answer::Unknown,
        },
        // The k-th best of n truths: `all` is the least of them, `any` the best.
        Formula::AtLeast(least, parts) => {
            let mut parts: Vec<_> = parts.iter().map(|part| kleene(part, atoms)).collect();
            parts.sort_by_key(|answer| std::cmp::Reverse(rank(*answer)));
            parts[least - 1]
        }
    }
}

impl Asked {
    pub fn clear(self) -> Answer {
        match self {
            Self::Plain(answer) => answer,
            Self::Sealed(_, _, None) => Answer::Unknown,
            Self::Sealed(comparison, threshold, Some(value)) => {
                Answer::known(comparison.holds(value.cmp(&threshold)))
            }
        }
    }

    pub fn known(self) -> Known {
        match self {
            Self::Plain(answer) => Known::Answer(answer),
            Self::Sealed(_, _, value) => Known::Value(value),
        }
    }
}

impl Lender {
    pub fn new(rng: &mut ChaCha20Rng) -> Self {
        let (key, uploaded) = LenderKey::generate(rng);
        let evaluator = uploaded.expand();
        Self { key, uploaded, evaluator }
    }

    /// Query number `query`: what is asked of each atom at which holder, and the formula.
    pub fn question(
        &self,
        query: u64,
        asked: &[(usize, Asked)],
        formula: &Formula,
        rng: &mut ChaCha20Rng,
    ) -> Question {
        let mut id = [0; 16];
        id[..8].copy_from_slice(&query.to_le_bytes());
        let mut atoms = Vec::new();
        let mut thresholds = Vec::new();
        for &(holder, asked) in asked {
            match asked {
                Asked::Plain(_) => {
                    atoms.push(Atom::Plain { holder });
                    thresholds.push(None);
                }
                Asked::Sealed(comparison, threshold, _) => {
                    let sealed = SealedThreshold::seal(&Threshold(threshold), &self.key, rng);
                    let threshold = sealed.digest();
                    atoms.push(Atom::Sealed { holder, comparison, threshold });
                    thresholds.push(Some(sealed));
                }
            }
        }
        let holders = 1 + asked.iter().map(|(holder, _)| *holder).max().unwrap();
        let terms = Terms::new(
            self.key.public().fingerprint(),
            QuestionDigest([3; 32]),
            RunId([1; 16]),
            QueryId(id),
            (0..holders).map(|i| HolderId([u8::try_from(i).unwrap(); 32])).collect(),
            atoms,
            formula,
        )
        .unwrap();
        Question { terms, asked: asked.iter().map(|(_, asked)| *asked).collect(), thresholds }
    }

    /// One holder's atoms.
    pub fn atoms(&self, question: &Question, place: usize, rng: &mut ChaCha20Rng) -> Atoms {
        let query = question.query(place);
        let thresholds = question.thresholds_of(place);
        if thresholds.is_empty() {
            query.answer(self.key.public(), rng).unwrap()
        } else {
            query.compare(&thresholds, &self.evaluator, rng).unwrap()
        }
    }

    /// The whole question, over bytes.
    pub fn ask(&self, question: &Question, rng: &mut ChaCha20Rng) -> Answer {
        let terms = &question.terms;
        let mut evaluation = Evaluation::new(terms.clone());
        for place in 0..terms.holders().len() {
            let atoms = self.atoms(question, place, rng).to_bytes();
            evaluation.take(&Atoms::from_bytes(&atoms, terms, holder(place)).unwrap()).unwrap();
        }
        let combined = evaluation.combine(&self.evaluator, rng).unwrap().to_bytes();
        self.key.decrypt(&Combined::from_bytes(&combined, terms).unwrap(), terms).unwrap()
    }
}

impl Question {
    fn places(&self, place: usize) -> impl Iterator<Item = usize> {
        let atoms = self.terms.atoms().iter().enumerate();
        atoms.filter(move |(_, atom)| atom.holder() == place).map(|(number, _)| number)
    }

    pub fn known(&self, place: usize) -> Vec<Known> {
        self.places(place).map(|number| self.asked[number].known()).collect()
    }

    pub fn query(&self, place: usize) -> Query {
        Query::new(self.terms.clone(), holder(place), self.known(place)).unwrap()
    }

    pub fn thresholds_of(&self, place: usize) -> Vec<SealedThreshold> {
        self.places(place).filter_map(|number| self.thresholds[number].clone()).collect()
    }

    pub fn clear(&self) -> Vec<Answer> {
        self.asked.iter().map(|asked| asked.clear()).collect()
    }
}
