//! The platform combines the atoms by the formula, under encryption.

use lattice::noise;
use rand_core::CryptoRng;
use rayon::prelude::*;
use session::{Culprit, Role};

use crate::circuit::{Gate, Literal};
use crate::lwe::Lwe;
use crate::parameters::{BIT, LAST_SOAK, OPENED, VALUE};
use crate::sanitise::{LastFlood, UNKNOWN, sanitised};
use crate::table::Table;
use crate::{Atom, Atoms, CYCLES, Combined, Error, Evaluator, Terms, holder};

/// A combination in the making, which takes every agreed holder's atoms once.
pub struct Evaluation {
    terms: Terms,
    atoms: Vec<Option<Input>>,
    answered: Vec<bool>,
}

/// An atom as it came.
enum Input {
    /// Is yes, is no.
    Bits([Lwe; 2]),
    /// A soaked value, which two bootstraps turn into bits.
    Value(Lwe),
}

impl Input {
    /// Yes minus no, where a yes is 1/4 of the torus.
    fn value(&self, negated: bool) -> Lwe {
        match self {
            Self::Bits(bits) => difference(bits, negated).times(VALUE / BIT),
            Self::Value(value) if negated => value.clone().times(1u64.wrapping_neg()),
            Self::Value(value) => value.clone(),
        }
    }
}

/// The pair (is yes, is no) on a wire.
type Wire = [Lwe; 2];

impl Evaluation {
    /// An evaluation that has no atom yet.
    pub fn new(terms: Terms) -> Self {
        let atoms = terms.atoms().iter().map(|_| None).collect();
        let answered = vec![false; terms.holders().len()];
        Self { terms, atoms, answered }
    }

    /// Takes a holder's atoms.
    ///
    /// # Errors
    ///
    /// [`Error::Twice`], or [`Error::Unbound`] for atoms of another query.
    pub fn take(&mut self, atoms: &Atoms) -> Result<(), Error> {
        let from = holder(atoms.place);
        if atoms.terms != self.terms.digest() {
            return Err(Error::Unbound { what: "atoms", culprit: Culprit::Peer(from) });
        }
        self.expect_first(from)?;
        self.answered[atoms.place] = true;
        let (mut plain, mut sealed) = (atoms.plain(), atoms.sealed());
        for (number, atom) in self.terms.atoms_of(atoms.place) {
            self.atoms[number] = match atom {
                Atom::Plain { .. } => plain.next().map(Input::Bits),
                Atom::Sealed { .. } => sealed.next().map(Input::Value),
            };
        }
        Ok(())
    }

    /// Whether every holder has answered.
    pub fn is_complete(&self) -> bool {
        self.answered.iter().all(|&answered| answered)
    }

    /// The answer, encrypted, sanitised of everything else.
    ///
    /// # Errors
    ///
    /// [`Error::Missing`] or [`Error::OtherKey`].
    pub fn combine(
        self,
        evaluator: &Evaluator,
        rng: &mut impl CryptoRng,
    ) -> Result<Combined, Error> {
        evaluator.public().expect(self.terms.lender_key(), Culprit::Us)?;
        let mut rng = noise::fork(rng);
        let (value, cycles) = self.value(evaluator)?;
        let last = LastFlood { yes: OPENED, half: LAST_SOAK };
        Ok(Combined::new(&self.terms, &sanitised(evaluator, value, cycles, last, &mut rng)))
    }

    /// The terms of this evaluation.
    pub(crate) fn terms(&self) -> &Terms {
        &self.terms
    }

    /// Refuses a second answer of a holder.
    pub(crate) fn expect_first(&self, from: Role) -> Result<(), Error> {
        match self.answered[self.terms.index_of(from)?] {
            true => Err(Error::Twice { from }),
            false => Ok(()),
        }
    }

    /// SPEC §3.2 steps 7 and 8: "evaluates the gates level by level, and subtracts the bits of the last".
    ///
    /// With it, how often the value is to be sanitised. Where there is no gate, the atom is one
    /// holder's message and tells nothing else as it came: it is only brought to the lender's scale.
    pub(crate) fn value(&self, evaluator: &Evaluator) -> Result<(Lwe, usize), Error> {
        if let Some(missing) = self.answered.iter().position(|&answered| !answered) {
            return Err(Error::Missing { of: holder(missing) });
        }
        let circuit = self.terms.circuit();
        let output = circuit.output;
        if circuit.gates.is_empty()
            && let Some(Some(only)) = self.atoms.first()
        {
            let scaled = Table::Sign { dead: UNKNOWN, yes: OPENED };
            return Ok((evaluator.bootstrap(&only.value(output.negated), scaled), 0));
        }
        let scale = |wire: usize| if wire == output.wire { VALUE } else { BIT };
        let mut wires = self.inputs(evaluator);
        for level in 1..=circuit.depth() {
            let gates: Vec<_> = (circuit.atoms..).zip(&circuit.gates).collect();
            let gates: Vec<_> = gates.into_iter().filter(|(_, gate)| gate.level == level).collect();
            let outputs: Vec<_> = gates
                .par_iter()
                .map(|(wire, gate)| gate.evaluate(&wires, evaluator, scale(*wire)))
                .collect();
            for ((wire, _), output) in gates.iter().zip(outputs) {
                wires[*wire] = Some(output);
            }
        }
        Ok((difference(wire(&wires, output.wire), output.negated), CYCLES))
    }

    /// Every atom as a pair of bits, and a place for the output of every gate.
    fn inputs(&self, evaluator: &Evaluator) -> Vec<Option<Wire>> {
        let read = |input: &Option<Input>| match input {
            Some(Input::Bits(bits)) => Some(bits.clone()),
            Some(Input::Value(value)) => Some(bits_of(value, evaluator)),
            None => None,
        };
        let mut wires: Vec<_> = self.atoms.par_iter().map(read).collect();
        wires.resize_with(wires.len() + self.terms.circuit().gates.len(), || None);
        wires
    }
}

impl Gate {
    /// At least `least` are yes; so many are no that it cannot be.
    fn evaluate(&self, wires: &[Option<Wire>], evaluator: &Evaluator, one: u64) -> Wire {
        let bit = |no: bool, least: usize| {
            let mut sum = Lwe::trivial(0);
            for Literal { wire: number, negated } in &self.inputs {
                sum.add(&wire(wires, *number)[usize::from(no ^ negated)]);
            }
            // SPEC §2.2: "moved by k - 1/2 steps, so that the sign tells".
            sum.shift((BIT / 2).wrapping_mul(2 * least as u64 - 1).wrapping_neg());
            evaluator.bootstrap(&sum, Table::Bit { one })
        };
        let (yes, no) = rayon::join(|| bit(false, self.least), || bit(true, self.least_no()));
        [yes, no]
    }
}

/// SPEC §3.2 step 7: "two bootstraps a sealed atom: above 1/8 of the torus, and below -1/8".
fn bits_of(value: &Lwe, evaluator: &Evaluator) -> Wire {
    let bit = |mut value: Lwe| {
        value.shift((VALUE / 2).wrapping_neg());
        evaluator.bootstrap(&value, Table::Bit { one: BIT })
    };
    let opposite = value.clone().times(1u64.wrapping_neg());
    let (yes, no) = rayon::join(|| bit(value.clone()), || bit(opposite));
    [yes, no]
}

/// Yes minus no.
fn difference([yes, no]: &Wire, negated: bool) -> Lwe {
    let (plus, minus) = if negated { (no, yes) } else { (yes, no) };
    let mut value = plus.clone();
    value.subtract(minus);
    value
}

fn wire(wires: &[Option<Wire>], number: usize) -> &Wire {
    wires[number].as_ref().expect("all holders answered, and gates come after their inputs")
}
