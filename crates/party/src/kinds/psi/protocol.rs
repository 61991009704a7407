//! The protocols that find an intersection, one face over both: terms, sessions, rounds and names.

use std::sync::Arc;

use ::psi::vole::{self, Machine, Parameters, Security};
use ::psi::{Items, Learned, Output, RECEIVER, SENDER};
use rand::CryptoRng;
use session::{Chunk, Role, Session, Turn};
use store::Phase;
use wire::{PsiOutput, PsiProtocol};

use super::{Ask, Protocol, offer, rounds};
use crate::Trouble;

/// From how many items of the asker's on an intersection takes VOLE where the operator leaves it open.
///
/// VOLE costs about the same up to here, and ECDH by the item: `tacit bench psi --left 2000 --right 2000`
/// printed 81 CPU milliseconds of both parties for `--protocol vole` and 205 for `ecdh`, of which each
/// side's items are half. So from here on VOLE costs less however few items the other side has; it still sends
/// more bytes (0.7 MB against 0.15). Below, its encoding also has several columns an item,
/// which a receiver that cheats could test items with (SPEC §V5).
pub(crate) const VOLE_FROM: u64 = 2_000;

/// The code of a refusal of this protocol, where another may be taken.
pub(crate) const OTHER_PROTOCOL: &str = "OTHER_PROTOCOL";

/// The number of VOLE's parameters that this program proposes and knows.
const PARAMETERS: u32 = 1;

/// What both sides have agreed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RunTerms {
    Ecdh(::psi::Terms),
    Vole(vole::Terms),
}

/// How large the two sides' sets are, padding included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Sizes {
    pub(crate) receiver: u64,
    pub(crate) sender: u64,
}

/// One side's session, by either protocol.
pub(crate) enum Either<E, V> {
    Ecdh(Box<E>),
    Vole(Box<V>),
}

/// Picks the protocol that an asker with so many items proposes; a count is ECDH's alone.
///
/// # Errors
///
/// When VOLE is wanted for a count.
pub(crate) fn proposed(
    wanted: Protocol,
    output: offer::Output,
    items: u64,
) -> Result<PsiProtocol, Trouble> {
    let counts = output == offer::Output::Cardinality;
    let vole = PsiProtocol::Vole { parameters: PARAMETERS };
    match wanted {
        Protocol::Vole if counts => Err(Trouble::us(
            OTHER_PROTOCOL,
            "over VOLE the receiver can tell which of its items match: a count takes `--protocol ecdh`",
            "使用 VOLE 时接收方可得知哪些标识匹配：计数请用 `--protocol ecdh`",
        )),
        Protocol::Vole => Ok(vole),
        Protocol::Auto if !counts && items >= VOLE_FROM => Ok(vole),
        Protocol::Auto | Protocol::Ecdh => Ok(PsiProtocol::Ecdh),
    }
}

/// What to propose where the peer takes another protocol than the one that was proposed: the other one,
/// where the operator leaves it open and it gives this output.
pub(crate) fn instead(ask: &Ask, refused: PsiProtocol) -> Option<PsiProtocol> {
    let open = ask.protocol == Protocol::Auto;
    match refused {
        PsiProtocol::Vole { .. } => open.then_some(PsiProtocol::Ecdh),
        PsiProtocol::Ecdh => (open && ask.output != offer::Output::Cardinality)
            .then_some(PsiProtocol::Vole { parameters: PARAMETERS }),
    }
}

/// Refuses parameters that this program does not know, and a count over VOLE.
pub(crate) fn check(protocol: PsiProtocol, output: PsiOutput) -> Result<(), Trouble> {
    match protocol {
        PsiProtocol::Ecdh => Ok(()),
        PsiProtocol::Vole { .. } if output == PsiOutput::Cardinality => Err(Trouble::us(
            OTHER_PROTOCOL,
            "over VOLE the receiver can tell which of its items match: a count takes ecdh",
            "使用 VOLE 时接收方可得知哪些标识匹配：计数请用 ecdh",
        )),
        PsiProtocol::Vole { parameters } => parameters_of(parameters).map(|_| ()),
    }
}

fn parameters_of(number: u32) -> Result<Parameters, Trouble> {
    if number == PARAMETERS {
        return Ok(Parameters::V1);
    }
    Err(Trouble::us(
        OTHER_PROTOCOL,
        format!(
            "this party knows parameters {PARAMETERS} of VOLE, not {number}: update it, or take ecdh"
        ),
        format!("本方仅支持 VOLE 参数集 {PARAMETERS}，不支持 {number}：请升级，或改用 ecdh"),
    ))
}

impl RunTerms {
    /// The terms that follow from what was agreed.
    ///
    /// # Errors
    ///
    /// As [`check`].
    pub(crate) fn new(
        protocol: PsiProtocol,
        Sizes { receiver, sender }: Sizes,
        output: PsiOutput,
        context: [u8; 32],
    ) -> Result<Self, Trouble> {
        check(protocol, output)?;
        let (receiver_items, sender_items) = (receiver, sender);
        let output = of_protocol(output);
        Ok(match protocol {
            PsiProtocol::Ecdh => {
                Self::Ecdh(::psi::Terms { receiver_items, sender_items, output, context })
            }
            PsiProtocol::Vole { parameters } => Self::Vole(vole::Terms {
                receiver_items,
                sender_items,
                output,
                security: Security::SemiHonest,
                parameters: parameters_of(parameters)?,
                context,
            }),
        })
    }

    /// How many items each side sends.
    pub(crate) fn sizes(&self) -> Sizes {
        match self {
            Self::Ecdh(::psi::Terms { receiver_items, sender_items, .. })
            | Self::Vole(vole::Terms { receiver_items, sender_items, .. }) => {
                Sizes { receiver: *receiver_items, sender: *sender_items }
            }
        }
    }

    /// Bytes of chunk bodies of the whole run, both ways.
    pub(crate) fn bytes(&self) -> u64 {
        let from = |role| match self {
            Self::Ecdh(terms) => terms.bytes_from(role),
            Self::Vole(terms) => terms.bytes_from(role),
        };
        from(RECEIVER) + from(SENDER)
    }

    /// What reports call the protocol.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Ecdh(_) => "psi/v1 ecdh ristretto255-sha512",
            Self::Vole(vole::Terms { parameters: Parameters::V1, .. }) => {
                "psi/v1 vole parameters-1 semi-honest"
            }
        }
    }

    /// The protocol as a word, for the run's record.
    pub(crate) fn word(&self) -> &'static str {
        match self {
            Self::Ecdh(_) => "ecdh",
            Self::Vole(_) => "vole",
        }
    }

    /// What a round is called.
    pub(crate) fn phase(&self) -> fn(u32) -> Phase {
        match self {
            Self::Ecdh(_) => rounds::ecdh,
            Self::Vole(_) => rounds::vole,
        }
    }

    /// The round of the sender's with which the receiver can tell what is shared.
    pub(crate) fn releasing_round(&self) -> u32 {
        match self {
            // Tags of the receiver's items.
            Self::Ecdh(_) => 6,
            // The sender's values.
            Self::Vole(_) => 14,
        }
    }

    /// The session of the side that asks.
    pub(crate) fn receiver(
        self,
        items: impl Into<Arc<Items>>,
        rng: &mut impl CryptoRng,
    ) -> Result<Either<::psi::Receiver, vole::Receiver>, Trouble> {
        let session = match self {
            Self::Ecdh(terms) => {
                ::psi::Receiver::new(terms, items, rng).map(|it| Either::Ecdh(Box::new(it)))
            }
            Self::Vole(terms) => vole::Receiver::new(terms, items, Machine::detect(), rng)
                .map(|it| Either::Vole(Box::new(it))),
        };
        session.map_err(|error| Trouble::from_error("OURS", &error))
    }

    /// The session of the side that answers.
    pub(crate) fn sender(
        self,
        items: impl Into<Arc<Items>>,
        rng: &mut impl CryptoRng,
    ) -> Result<Either<::psi::Sender, vole::Sender>, Trouble> {
        let session = match self {
            Self::Ecdh(terms) => {
                ::psi::Sender::new(terms, items, rng).map(|it| Either::Ecdh(Box::new(it)))
            }
            Self::Vole(terms) => vole::Sender::new(terms, items, Machine::detect(), rng)
                .map(|it| Either::Vole(Box::new(it))),
        };
        session.map_err(|error| Trouble::from_error("OURS", &error))
    }
}

impl<E, V> Session for Either<E, V>
where
    E: Session<Output = Learned, Error = ::psi::Error>,
    V: Session<Output = Learned, Error = ::psi::Error>,
{
    type Output = Learned;
    type Error = ::psi::Error;

    fn advance(&mut self) -> Result<Turn<Learned>, ::psi::Error> {
        match self {
            Self::Ecdh(session) => session.advance(),
            Self::Vole(session) => session.advance(),
        }
    }

    fn receive(&mut self, from: Role, chunk: Chunk) -> Result<(), ::psi::Error> {
        match self {
            Self::Ecdh(session) => session.receive(from, chunk),
            Self::Vole(session) => session.receive(from, chunk),
        }
    }
}

fn of_protocol(output: PsiOutput) -> Output {
    match output {
        PsiOutput::OneSided => Output::OneSided,
        PsiOutput::TwoSided => Output::TwoSided,
        PsiOutput::Cardinality => Output::Cardinality,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const VOLE: PsiProtocol = PsiProtocol::Vole { parameters: 1 };
    const SIZES: Sizes = Sizes { receiver: 5, sender: 7 };

    fn terms(protocol: PsiProtocol, output: PsiOutput) -> Result<RunTerms, Trouble> {
        RunTerms::new(protocol, SIZES, output, [0; 32])
    }

    #[test]
    fn auto_takes_vole_for_large_sets_and_never_for_a_count() {
        use offer::Output::{Cardinality, OneSided, TwoSided};
        let auto = |output, items| proposed(Protocol::Auto, output, items).unwrap();
        for output in [OneSided, TwoSided] {
            assert_eq!(auto(output, VOLE_FROM - 1), PsiProtocol::Ecdh);
            assert_eq!(auto(output, VOLE_FROM), VOLE);
        }
        assert_eq!(auto(Cardinality, 1 << 20), PsiProtocol::Ecdh);
        let wanted = |protocol, output| proposed(protocol, output, 1);
        assert_eq!(wanted(Protocol::Vole, OneSided).unwrap(), VOLE);
        assert_eq!(wanted(Protocol::Ecdh, OneSided).unwrap(), PsiProtocol::Ecdh);
        assert_eq!(wanted(Protocol::Vole, Cardinality).unwrap_err().code, OTHER_PROTOCOL);
    }

    #[test]
    fn other_parameters_and_a_count_over_vole_are_refused_by_name() {
        let other = terms(PsiProtocol::Vole { parameters: 2 }, PsiOutput::OneSided).unwrap_err();
        assert_eq!(other.code, OTHER_PROTOCOL);
        assert!(other.en.contains("not 2") && other.zh.contains("不支持 2"), "{other:?}");
        assert_eq!(terms(VOLE, PsiOutput::Cardinality).unwrap_err().code, OTHER_PROTOCOL);
        assert!(terms(PsiProtocol::Ecdh, PsiOutput::Cardinality).is_ok());
        assert_eq!(terms(VOLE, PsiOutput::TwoSided).unwrap().sizes(), SIZES);
    }

    #[test]
    fn the_releasing_round_is_the_one_in_which_the_receiver_is_told() {
        for (protocol, name) in
            [(PsiProtocol::Ecdh, "tags of the receiver's items"), (VOLE, "sender's values")]
        {
            let terms = terms(protocol, PsiOutput::OneSided).unwrap();
            let phase = terms.phase()(terms.releasing_round());
            assert!(phase.en.ends_with(name), "{}", phase.en);
        }
    }
}
