//! What kind of run it is, and a party's part in one.

use std::fmt;
use std::str::FromStr;

use crate::Error;

/// Defines an enum of words: a variant and the word that records have for it.
macro_rules! words {
    (
        $(#[$doc:meta])* $type:ident, $what:literal;
        $(#[$first_doc:meta])* $first:ident $first_word:literal;
        $($(#[$each:meta])* $variant:ident $word:literal;)*
    ) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $type {
            $(#[$first_doc])* $first,
            $($(#[$each])* $variant,)*
        }

        impl $type {
            /// Every one there is, in the order of the list.
            pub const ALL: &[Self] = &[Self::$first, $(Self::$variant,)*];

            /// The word that records have for it.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self {
                    Self::$first => $first_word,
                    $(Self::$variant => $word,)*
                }
            }
        }

        impl FromStr for $type {
            type Err = Error;

            fn from_str(text: &str) -> Result<Self, Error> {
                let expected = concat!($first_word $(, ", ", $word)*);
                let found = Self::ALL.iter().copied().find(|one| one.code() == text);
                found.ok_or(Error::Word { what: $what, expected })
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.code())
            }
        }
    };
}

words! {
    /// The kind of a run: what its parties do together.
    RunKind, "a kind of run";
    /// A private set intersection.
    Psi "psi";
    /// A lender's key, handed to the platform that publishes a model.
    Key "key";
    /// A model's encrypted points, handed to a holder.
    Table "table";
    /// A check of a lender's batch key.
    KeyCheck "key-check";
    /// One subject's score.
    Score "score";
    /// The scores of a whole list.
    Batch "batch";
    /// A lender's evaluation key, handed to whoever computes under it.
    EvaluationKey "evaluation-key";
    /// A formula about one subject.
    Verify "verify";
    /// Claims about the subjects of a list.
    Match "match";
    /// A joint training.
    Train "train";
}

words! {
    /// A party's part in a run, as its record names it.
    RunRole, "a part in a run";
    /// Asks for an intersection, and learns it.
    Receiver "receiver";
    /// Answers one.
    Sender "sender";
    /// Asks, and reads the answer.
    Lender "lender";
    /// Stands between a lender and holders.
    Platform "platform";
    /// Answers from its register.
    Holder "holder";
    /// Computes on shares beside the platform and the lender.
    Department "department";
    /// Brings columns into a training.
    Contributor "contributor";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_read_back_by_its_word_and_no_word_is_used_twice() {
        for (at, kind) in RunKind::ALL.iter().enumerate() {
            assert_eq!(kind.to_string().parse::<RunKind>().unwrap(), *kind);
            assert!(RunKind::ALL[..at].iter().all(|other| other.code() != kind.code()));
        }
        for (at, role) in RunRole::ALL.iter().enumerate() {
            assert_eq!(role.to_string().parse::<RunRole>().unwrap(), *role);
            assert!(RunRole::ALL[..at].iter().all(|other| other.code() != role.code()));
        }
        assert!("tea".parse::<RunKind>().is_err() && "guest".parse::<RunRole>().is_err());
    }
}
