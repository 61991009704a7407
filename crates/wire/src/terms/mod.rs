//! The terms of every kind of run, a file a kind, and the one list of them.

mod batch;
mod binned;
mod matching;
mod psi;
mod publishing;
mod score;
mod training;
mod verify;

use domain::RunKind;

use crate::Error;
use crate::peer::{self, agreement, proposal};

pub use batch::{BatchStep, BatchTerms, KeyCheckTerms, WithoutBin};
pub use binned::{BinnedColumn, MissingRows, RowCounts};
pub use matching::{MAX_FIELDS, MAX_ROWS, MatchRow, MatchTerms, row_refusals};
pub use psi::{PsiOutput, PsiProtocol, PsiTerms};
pub use publishing::{KeyTerms, Publication, TableTerms};
pub use score::{ScoreTerms, stored_run};
pub use training::{JobMessage, Kept, TrainStep, TrainTerms};
pub use verify::{CLAIM_BOX, EvaluationTerms, Route, Routing, VerifyTerms, routes};

/// The terms of one kind of run: typed, and the only way from and to their variant of a proposal.
pub trait Terms: Sized {
    /// The kind of run.
    const KIND: RunKind;

    /// What an acceptor adds to such terms: its variant of an agreement.
    type Agreement: TryFrom<peer::Agreement, Error = Error> + Into<peer::Agreement>;

    /// Reads the terms of a proposal.
    ///
    /// # Errors
    ///
    /// When they are of another kind, or a field is not what it should be.
    fn read(terms: proposal::Terms) -> Result<Self, Error>;

    /// Writes them as a proposal carries them.
    fn write(self) -> proposal::Terms;
}

/// Lists the kinds of runs: the variant of both oneofs, the kind, the typed terms, the agreement.
macro_rules! kinds {
    ($($variant:ident $kind:ident $terms:ident $agreement:ident;)*) => {
        /// The kind of run that terms are of.
        pub(crate) const fn kind_named(terms: &proposal::Terms) -> RunKind {
            match terms {
                $(proposal::Terms::$variant(_) => RunKind::$kind,)*
            }
        }

        $(
            impl Terms for $terms {
                const KIND: RunKind = RunKind::$kind;
                type Agreement = peer::$agreement;

                fn read(terms: proposal::Terms) -> Result<Self, Error> {
                    let proposal::Terms::$variant(terms) = terms else {
                        return Err(OTHER_TERMS);
                    };
                    terms.try_into()
                }

                fn write(self) -> proposal::Terms {
                    proposal::Terms::$variant(self.into())
                }
            }

            impl From<peer::$agreement> for peer::Agreement {
                fn from(added: peer::$agreement) -> Self {
                    Self { added: Some(agreement::Added::$variant(added)) }
                }
            }

            impl TryFrom<peer::Agreement> for peer::$agreement {
                type Error = Error;

                fn try_from(agreement: peer::Agreement) -> Result<Self, Error> {
                    match agreement.added {
                        Some(agreement::Added::$variant(added)) => Ok(added),
                        Some(_) => Err(OTHER_AGREEMENT),
                        None => Err(Error::Missing("added")),
                    }
                }
            }
        )*
    };
}

const OTHER_TERMS: Error = Error::Field { field: "terms", expected: "of the kind that was read" };
const OTHER_AGREEMENT: Error =
    Error::Field { field: "added", expected: "of the kind that was proposed" };

kinds! {
    Psi Psi PsiTerms PsiAgreement;
    Key Key KeyTerms KeyAgreement;
    Table Table TableTerms TableAgreement;
    Score Score ScoreTerms ScoreAgreement;
    KeyCheck KeyCheck KeyCheckTerms KeyCheckAgreement;
    Batch Batch BatchTerms BatchAgreement;
    Evaluation EvaluationKey EvaluationTerms EvaluationAgreement;
    Verify Verify VerifyTerms VerifyAgreement;
    Match Match MatchTerms MatchAgreement;
    Train Train TrainTerms TrainAgreement;
}

#[cfg(test)]
mod tests {
    use domain::SubjectKind;
    use prost::Message;

    use super::*;
    use crate::Proposal;
    use crate::proposal::tests::{intersection, proposal};

    fn survives<T: Terms + Clone + PartialEq + std::fmt::Debug>(terms: T) {
        let sent = proposal(terms);
        let bytes = peer::Proposal::from(sent.clone()).encode_to_vec();
        let message = peer::Proposal::decode(bytes.as_slice()).unwrap();
        assert_eq!(crate::kind_of(&message), Ok(T::KIND));
        assert_eq!(Proposal::try_from(message), Ok(sent));
    }

    #[test]
    fn every_kind_of_terms_survives_the_wire() {
        let publication = Publication {
            model: "uci-default@1".parse().unwrap(),
            registration: [1; 32],
            lender: "bank".parse().unwrap(),
            holders: vec!["tax".parse().unwrap(), "social".parse().unwrap()],
        };
        survives(intersection());
        let protocol = PsiProtocol::Vole { parameters: 1, checked: false };
        survives(PsiTerms { protocol, ..intersection() });
        survives(KeyTerms { publication: publication.clone(), card: "{}".into(), batch: true });
        survives(TableTerms {
            publication,
            slot: "tax".into(),
            part: "[]".into(),
            lender_key: [2; 32],
            max_points: 900,
            batch: true,
        });
        survives(ScoreTerms {
            digest: [3; 32],
            lender: "bank".parse().unwrap(),
            kind: SubjectKind::Opaque,
            subject: "25115".into(),
            authorisation: Some(b"{}".to_vec()),
            persons: vec![b"{}".to_vec()],
            fresh: true,
            question: b"{}".to_vec(),
            salt: [4; 32],
        });
    }

    /// Sends what an acceptor adds, and reads it as its own kind and as another.
    fn is_of_its_kind_alone<A, B>(added: A)
    where
        A: TryFrom<peer::Agreement, Error = Error> + Into<peer::Agreement>,
        A: Clone + PartialEq + std::fmt::Debug,
        B: TryFrom<peer::Agreement, Error = Error> + std::fmt::Debug,
    {
        let sent: peer::Agreement = added.clone().into();
        let read = peer::Agreement::decode(sent.encode_to_vec().as_slice()).unwrap();
        assert!(matches!(B::try_from(read.clone()), Err(Error::Field { field: "added", .. })));
        assert_eq!(A::try_from(read), Ok(added));
        let none = A::try_from(peer::Agreement::default());
        assert_eq!(none, Err(Error::Missing("added")));
    }

    #[test]
    fn what_an_acceptor_adds_survives_the_wire_and_is_of_its_kind_alone() {
        use peer::{
            BatchAgreement, EvaluationAgreement, KeyAgreement, KeyCheckAgreement, MatchAgreement,
            PsiAgreement, ScoreAgreement, TableAgreement, TrainAgreement, VerifyAgreement,
        };
        is_of_its_kind_alone::<_, KeyAgreement>(PsiAgreement { items: 5 });
        is_of_its_kind_alone::<_, TableAgreement>(KeyAgreement {});
        is_of_its_kind_alone::<_, ScoreAgreement>(TableAgreement {});
        is_of_its_kind_alone::<_, KeyCheckAgreement>(ScoreAgreement { stored: vec![1; 16].into() });
        is_of_its_kind_alone::<_, BatchAgreement>(KeyCheckAgreement {});
        let batch = BatchAgreement { has_list: true, without_bin: vec![1].into() };
        is_of_its_kind_alone::<_, EvaluationAgreement>(batch);
        let route = peer::Route { holder: "tax".into(), classes: vec![1, 4] };
        let evaluation = EvaluationAgreement { has_key: true, routes: vec![route] };
        is_of_its_kind_alone::<_, VerifyAgreement>(evaluation);
        let routing = peer::Routing { holders: vec!["tax".into()], places: vec![0].into() };
        is_of_its_kind_alone::<_, MatchAgreement>(VerifyAgreement { routing: Some(routing) });
        let refused = vec![peer::RowRefusal { row: 3, code: "AUTH_MISSING".into() }];
        is_of_its_kind_alone::<_, TrainAgreement>(MatchAgreement { refused });
        let kept = TrainAgreement { passes: vec![3, 4], gathered: true, binned: false };
        is_of_its_kind_alone::<_, PsiAgreement>(kept);
    }
}
