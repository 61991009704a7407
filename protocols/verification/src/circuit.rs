//! A formula as gates of at most sixteen inputs: SPEC §2.2.

use crate::{Answer, Error, Formula, MAX_DEPTH, MAX_FAN_IN};

/// A compiled formula: "at least k of n" gates, in an order in which each comes after its inputs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Circuit {
    pub(crate) atoms: usize,
    pub(crate) gates: Vec<Gate>,
    pub(crate) output: Literal,
}

/// At least `least` of `inputs`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Gate {
    pub(crate) least: usize,
    pub(crate) inputs: Vec<Literal>,
    /// The longest path from an atom to here, in gates: 1 where all inputs are atoms.
    pub(crate) level: usize,
}

/// A wire, or its opposite. Wires are the atoms, then the gates' outputs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Literal {
    pub(crate) wire: usize,
    pub(crate) negated: bool,
}

impl Circuit {
    /// Compiles a formula over so many atoms.
    ///
    /// Negations go down to the wires, where they are free; nested `all` and `any` become one gate;
    /// one that is too wide becomes a tree.
    ///
    /// # Errors
    ///
    /// As [`Terms::new`](crate::Terms::new) about the formula.
    pub fn compile(formula: &Formula, atoms: usize) -> Result<Self, Error> {
        formula.check(atoms)?;
        let output = Literal { wire: 0, negated: false };
        let mut circuit = Self { atoms, gates: Vec::new(), output };
        circuit.output = circuit.literal(formula, false)?;
        Ok(circuit)
    }

    /// Its answer in clear: what the platform computes under encryption, gate for gate.
    ///
    /// # Errors
    ///
    /// [`Error::Atoms`] when there are not as many answers as atoms.
    pub fn answer(&self, atoms: &[Answer]) -> Result<Answer, Error> {
        if atoms.len() != self.atoms {
            return Err(Error::Atoms { found: atoms.len() });
        }
        let mut wires: Vec<(bool, bool)> =
            atoms.iter().map(|&atom| (atom == Answer::Yes, atom == Answer::No)).collect();
        for gate in &self.gates {
            let inputs: Vec<_> = gate.inputs.iter().map(|input| input.of(&wires)).collect();
            let yes = inputs.iter().filter(|input| input.0).count();
            let no = inputs.iter().filter(|input| input.1).count();
            wires.push((yes >= gate.least, no >= gate.least_no()));
        }
        Ok(match self.output.of(&wires) {
            (true, _) => Answer::Yes,
            (false, true) => Answer::No,
            (false, false) => Answer::Unknown,
        })
    }

    /// How many gates lie on its longest path.
    pub fn depth(&self) -> usize {
        self.gates.iter().map(|gate| gate.level).max().unwrap_or(0)
    }

    /// How many gates it has; each takes two bootstraps.
    pub fn gates(&self) -> usize {
        self.gates.len()
    }

    fn literal(&mut self, formula: &Formula, negated: bool) -> Result<Literal, Error> {
        match formula {
            Formula::Atom(wire) => Ok(Literal { wire: *wire, negated }),
            Formula::Not(part) => self.literal(part, !negated),
            Formula::AtLeast(least, parts) => {
                // Not(at least k of n) = at least n - k + 1 of the opposites.
                let least = if negated { parts.len() - least + 1 } else { *least };
                match Width::of(least, parts.len()) {
                    Width::Between => {
                        let inputs: Result<_, _> =
                            parts.iter().map(|part| self.literal(part, negated)).collect();
                        self.gate(least, inputs?)
                    }
                    width @ (Width::All | Width::Any) => {
                        let mut inputs = Vec::new();
                        for part in parts {
                            self.flatten(part, negated, width, &mut inputs)?;
                        }
                        self.tree(width, inputs)
                    }
                }
            }
        }
    }

    /// Adds the parts of an `all` inside an `all`, or of an `any` inside an `any`, to its inputs.
    fn flatten(
        &mut self,
        part: &Formula,
        negated: bool,
        width: Width,
        inputs: &mut Vec<Literal>,
    ) -> Result<(), Error> {
        match part {
            Formula::Not(part) => self.flatten(part, !negated, width, inputs),
            Formula::AtLeast(least, parts) => {
                let least = if negated { parts.len() - least + 1 } else { *least };
                if parts.len() == 1 || Width::of(least, parts.len()) == width {
                    let mut parts = parts.iter();
                    return parts.try_for_each(|p| self.flatten(p, negated, width, inputs));
                }
                inputs.push(self.literal(part, negated)?);
                Ok(())
            }
            Formula::Atom(_) => {
                inputs.push(self.literal(part, negated)?);
                Ok(())
            }
        }
    }

    fn tree(&mut self, width: Width, parts: Vec<Literal>) -> Result<Literal, Error> {
        // Twice the same is once: its noise would count twice.
        let mut inputs = Vec::with_capacity(parts.len());
        for part in parts {
            if !inputs.contains(&part) {
                inputs.push(part);
            }
        }
        while inputs.len() > MAX_FAN_IN {
            let groups: Result<_, _> = inputs
                .chunks(MAX_FAN_IN)
                .map(|group| self.gate(width.least(group.len()), group.to_vec()))
                .collect();
            inputs = groups?;
        }
        self.gate(width.least(inputs.len()), inputs)
    }

    fn gate(&mut self, least: usize, inputs: Vec<Literal>) -> Result<Literal, Error> {
        if let [only] = inputs[..] {
            return Ok(only);
        }
        if inputs.len() > MAX_FAN_IN {
            return Err(Error::TooWide { found: inputs.len() });
        }
        let level = 1 + inputs.iter().map(|input| self.level(*input)).max().unwrap_or(0);
        if level > MAX_DEPTH {
            return Err(Error::TooDeep);
        }
        self.gates.push(Gate { least, inputs, level });
        Ok(Literal { wire: self.atoms + self.gates.len() - 1, negated: false })
    }

    fn level(&self, literal: Literal) -> usize {
        match literal.wire.checked_sub(self.atoms) {
            Some(gate) => self.gates[gate].level,
            None => 0,
        }
    }
}

impl Gate {
    /// How many inputs must be no for the output to be no.
    pub(crate) fn least_no(&self) -> usize {
        self.inputs.len() - self.least + 1
    }
}

impl Literal {
    /// The pair (is yes, is no) of this literal.
    fn of(self, wires: &[(bool, bool)]) -> (bool, bool) {
        let (yes, no) = wires[self.wire];
        if self.negated { (no, yes) } else { (yes, no) }
    }
}

/// Which kind of gate a threshold makes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Width {
    All,
    Any,
    Between,
}

impl Width {
    fn of(least: usize, parts: usize) -> Self {
        match least {
            least if least == parts => Self::All,
            1 => Self::Any,
            _ => Self::Between,
        }
    }

    /// The threshold of a gate of this kind with so many inputs.
    fn least(self, inputs: usize) -> usize {
        match self {
            Self::All => inputs,
            Self::Any | Self::Between => 1,
        }
    }
}
