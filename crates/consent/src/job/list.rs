//! The hash that names the rows of a training.

use domain::{Digest, Subject};
use sha2::{Digest as _, Sha256};

/// Hashes a list of rows, as [`Rows::list`](crate::Rows::list) names it: SHA-256 of the identifiers
/// in their canonical form and in their order, each with a line feed after it.
///
/// No identifier contains a line feed, so two lists never have the same bytes; their kind stands
/// beside the hash. Whoever has a guess at the list can check it by this hash: it is for those who
/// may have the list.
#[must_use]
pub fn list_hash<'a>(rows: impl IntoIterator<Item = &'a Subject>) -> Digest {
    let mut hasher = Sha256::new();
    for row in rows {
        hasher.update(row.reveal());
        hasher.update(b"\n");
    }
    Digest::from_bytes(hasher.finalize().into())
}

#[cfg(test)]
mod tests {
    use domain::{CheckMode, Subject, SubjectKind};

    use super::list_hash;

    fn opaque(text: &str) -> Subject {
        Subject::parse(SubjectKind::Opaque, text, CheckMode::Strict).unwrap().value
    }

    #[test]
    fn a_list_has_the_hash_that_sha256sum_prints_for_it() {
        // printf '91320100PDY00001XR\n91320500PDY0001750\n' | sha256sum
        let code = |text| Subject::parse(SubjectKind::Uscc, text, CheckMode::Strict).unwrap().value;
        let rows = [code(" 91320100pdy00001xr "), code("91320500-PDY0001750")];
        let printed = "sha256:2c7a738a70060e7639f8ce523c30a206ac1d76bfe900471e1053ce9635c0145c";
        assert_eq!(list_hash(&rows).to_string(), printed);
        // printf '' | sha256sum
        let empty = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(list_hash(&[]).to_string(), empty);
    }

    #[test]
    fn a_list_in_another_order_or_cut_elsewhere_has_another_hash() {
        let (a, b) = (opaque("1"), opaque("23"));
        let (c, d) = (opaque("12"), opaque("3"));
        assert_ne!(list_hash([&a, &b]), list_hash([&b, &a]));
        assert_ne!(list_hash([&a, &b]), list_hash([&c, &d]));
        assert_ne!(list_hash([&a, &b]), list_hash([&a]));
    }
}
