//! What kind of run it is, and a party's part in one.

use crate::words::words;

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
