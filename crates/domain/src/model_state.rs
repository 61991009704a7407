//! How far a registered model is: asked about, countersigned, refused, retired.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::Error;
use crate::bilingual::bilingual;

bilingual! {
    /// Where a registered model stands, at its platform or at one of its holders.
    #[derive(Serialize, Deserialize)]
    #[serde(try_from = "String", into = "String")]
    ModelState;

    /// A holder has not said anything yet.
    Asked "asked" "awaits countersignature" "待会签";
    /// The holder has (every holder has) countersigned it: it may be published and used.
    Countersigned "countersigned" "countersigned" "已会签";
    /// The holder (one of them) will not serve it, or not any more.
    Refused "refused" "refused by a holder" "数据方拒绝";
    /// The platform has taken it out of use, for good.
    Retired "retired" "retired" "已停用";
}

impl ModelState {
    /// Whether questions over the model may be answered.
    #[must_use]
    pub const fn is_in_force(self) -> bool {
        matches!(self, Self::Countersigned)
    }
}

impl FromStr for ModelState {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Self::ALL.iter().copied().find(|state| state.code() == text).ok_or(Error::Word {
            what: "a model's state",
            expected: "asked, countersigned, refused, retired",
        })
    }
}

impl TryFrom<String> for ModelState {
    type Error = Error;

    fn try_from(text: String) -> Result<Self, Error> {
        text.parse()
    }
}

impl From<ModelState> for String {
    fn from(state: ModelState) -> Self {
        state.code().into()
    }
}

impl fmt::Display for ModelState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

#[cfg(test)]
mod tests {
    use super::ModelState;

    #[test]
    fn a_state_has_the_same_word_in_text_and_in_json_and_one_of_them_is_in_force() {
        for state in ModelState::ALL {
            assert_eq!(state.code().parse::<ModelState>().unwrap(), *state);
            assert_eq!(serde_json::to_string(state).unwrap(), format!("\"{state}\""));
        }
        assert!("published".parse::<ModelState>().is_err());
        let in_force = ModelState::ALL.iter().filter(|state| state.is_in_force()).count();
        assert_eq!(in_force, 1);
    }
}
