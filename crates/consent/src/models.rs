//! Through which models.

use std::collections::BTreeSet;

use domain::{ModelId, Output, Refusal};
use serde::{Deserialize, Serialize};

use crate::Error;
use crate::scope::{ALL, distinct};

/// The most models that an authorisation names.
pub const MAX_MODELS: usize = 32;

/// Which models may be used.
///
/// A score needs a named model or the explicit `["*"]`; an empty list allows none. Silence must
/// not let a model of anybody's making read a subject's fields.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<String>", into = "Vec<String>")]
pub enum Models {
    /// No model, `[]`.
    None,
    /// Any model of the grantee, `["*"]`.
    Any,
    /// These versions of these models and no others: 1 to 32.
    Only(BTreeSet<ModelId>),
}

impl Models {
    /// Whether this model may be used for this output; `None` where the request uses no model.
    ///
    /// # Errors
    ///
    /// [`Refusal::AuthScopeModel`]; also for a score that names no model.
    pub fn cover(&self, model: Option<&ModelId>, output: Output) -> Result<(), Refusal> {
        let covered = match (self, model) {
            (_, None) => output != Output::Score,
            (Self::None, Some(_)) => false,
            (Self::Any, Some(_)) => true,
            (Self::Only(models), Some(model)) => models.contains(model),
        };
        if covered { Ok(()) } else { Err(Refusal::AuthScopeModel) }
    }

    pub(crate) fn within(&self, old: &Self) -> bool {
        match (self, old) {
            (Self::None, _) | (_, Self::Any) => true,
            (Self::Any, Self::None | Self::Only(_)) | (Self::Only(_), Self::None) => false,
            (Self::Only(new), Self::Only(old)) => new.is_subset(old),
        }
    }
}

impl TryFrom<Vec<String>> for Models {
    type Error = Error;

    fn try_from(names: Vec<String>) -> Result<Self, Error> {
        if names.is_empty() {
            return Ok(Self::None);
        }
        if names == [ALL] {
            return Ok(Self::Any);
        }
        let expected = "`[\"*\"]`, or at most 32 different models like `basic@1`";
        distinct(names.iter().map(|name| name.parse().ok()))
            .filter(|models| models.len() <= MAX_MODELS)
            .map(Self::Only)
            .ok_or(Error::Text { what: "the models of an authorisation", expected })
    }
}

impl From<Models> for Vec<String> {
    fn from(models: Models) -> Self {
        match models {
            Models::None => Self::new(),
            Models::Any => vec![ALL.into()],
            Models::Only(models) => models.iter().map(ToString::to_string).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::{Output, Refusal};

    use super::Models;

    #[test]
    fn models_are_named_or_all_or_none() {
        let models = |json: &str| serde_json::from_str::<Models>(json);
        let basic = "basic@1".parse().unwrap();
        let newer = "basic@2".parse().unwrap();
        let only = models(r#"["basic@1"]"#).unwrap();
        assert_eq!(only.cover(Some(&basic), Output::Score), Ok(()));
        let refused = Err(Refusal::AuthScopeModel);
        assert_eq!(only.cover(Some(&newer), Output::Score), refused);
        assert_eq!(only.cover(None, Output::Score), refused);
        assert_eq!(only.cover(None, Output::Verify), Ok(()));
        assert_eq!(models("[]").unwrap().cover(Some(&basic), Output::Verify), refused);
        assert_eq!(models(r#"["*"]"#).unwrap().cover(Some(&newer), Output::Score), Ok(()));
        for bad in [r#"["*","basic@1"]"#, r#"["basic@1","basic@1"]"#, r#"["basic"]"#] {
            assert!(models(bad).is_err(), "{bad}");
        }
        let many: Vec<_> = (1..=33).map(|i| format!("m@{i}")).collect();
        assert!(Models::try_from(many[..32].to_vec()).is_ok());
        assert!(Models::try_from(many).is_err());
    }
}
